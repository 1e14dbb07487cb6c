package io.github.lowrank.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.op.linalg.Svd;
import org.tensorflow.types.TFloat32;

class TruncatedSvdTest {
  // More rows than one block, columns of falling scale.
  private static final int ROWS = 9000;
  private static final int COLUMNS = 20;
  private static final Matrix TABLE = table();

  private static Matrix table() {
    float[] values = Eval.random(ROWS * COLUMNS, 7);
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) Math.pow(0.8, i % COLUMNS);
    }
    return new Matrix(ROWS, COLUMNS, values);
  }

  @Test
  void equalsTensorFlowsSvd() {
    float[] expected =
        Eval.floats(
                b -> {
                  Svd<TFloat32> svd =
                      b.tf.linalg.svd(
                          b.tf.reshape(b.tf.constant(TABLE.values()), b.tf.array(ROWS, COLUMNS)),
                          Svd.fullMatrices(false));
                  return List.of(svd.s());
                })
            .get(0);
    TruncatedSvd svd = TruncatedSvd.of(TABLE, 5);
    double cut = 0;
    double all = 0;
    for (int i = 0; i < COLUMNS; i++) {
      assertThat(svd.singularValues()[i]).isCloseTo(expected[i], within(1e-4 * expected[i]));
      all += expected[i] * (double) expected[i];
      cut += i < 5 ? 0 : expected[i] * (double) expected[i];
    }
    assertThat(svd.relativeError()).isCloseTo(Math.sqrt(cut / all), within(1e-5));
  }

  private static Matrix product(TruncatedSvd.Factors factors) {
    return factors.wa().times(factors.wb());
  }

  @Test
  void recordedErrorIsTheErrorOfTheProduct() {
    for (TruncatedSvd.Split split : TruncatedSvd.Split.values()) {
      TruncatedSvd svd = TruncatedSvd.of(TABLE, 5);
      Matrix product = product(svd.factors(split));
      double difference = 0;
      double norm = 0;
      for (int i = 0; i < product.values().length; i++) {
        double e = product.values()[i] - TABLE.values()[i];
        difference += e * e;
        norm += TABLE.values()[i] * (double) TABLE.values()[i];
      }
      assertThat(Math.sqrt(difference / norm)).isCloseTo(svd.relativeError(), within(1e-5));
    }
  }

  @Test
  void splitsShareTheSingularValuesAsTheySay() {
    TruncatedSvd svd = TruncatedSvd.of(TABLE, 3);
    double s0 = svd.singularValues()[0];
    assertThat(norm(column(svd.factors(TruncatedSvd.Split.PAPER).wa(), 0)))
        .isCloseTo(1, within(1e-4));
    assertThat(norm(column(svd.factors(TruncatedSvd.Split.BALANCED).wa(), 0)))
        .isCloseTo(Math.sqrt(s0), within(1e-4 * s0));
  }

  @Test
  void zeroRowStaysZero() {
    float[] values = TABLE.values().clone();
    java.util.Arrays.fill(values, 0, COLUMNS, 0);
    Matrix wa =
        TruncatedSvd.of(new Matrix(ROWS, COLUMNS, values), 3)
            .factors(TruncatedSvd.Split.BALANCED)
            .wa();
    assertThat(new float[] {wa.get(0, 0), wa.get(0, 1), wa.get(0, 2)}).containsExactly(0, 0, 0);
  }

  @Test
  void fullRankLosesNothingAndOthersAreRefused() {
    assertThat(TruncatedSvd.of(TABLE, COLUMNS).relativeError()).isZero();
    for (int rank : new int[] {0, COLUMNS + 1}) {
      assertThatThrownBy(() -> TruncatedSvd.of(TABLE, rank))
          .hasMessageContaining("1 .. 20, but is " + rank);
    }
  }

  private static double[] column(Matrix m, int column) {
    double[] values = new double[m.rows()];
    for (int i = 0; i < values.length; i++) {
      values[i] = m.get(i, column);
    }
    return values;
  }

  private static double norm(double[] values) {
    double sum = 0;
    for (double v : values) {
      sum += v * v;
    }
    return Math.sqrt(sum);
  }

  @Test
  void streamedFromAFileEqualsTheTableInMemoryBitForBit(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("table.f32");
    ByteBuffer bytes =
        ByteBuffer.allocate(4 * TABLE.values().length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(TABLE.values());
    Files.write(file, bytes.array());
    TruncatedSvd expected = TruncatedSvd.of(TABLE, 5);
    List<Float> rows = new ArrayList<>();
    try (FloatFile table = FloatFile.open(file, COLUMNS)) {
      TruncatedSvd.Streamed streamed =
          TruncatedSvd.stream(
              table,
              5,
              (start, block) -> {
                assertThat(start * 5).isEqualTo(rows.size());
                for (float x : block) {
                  rows.add(x);
                }
              });
      assertThat(streamed.singularValues()).containsExactly(expected.singularValues());
      assertThat(streamed.v().values()).containsExactly(expected.v().values());
    }
    assertThat(rows).hasSize(5 * ROWS);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i)).isEqualTo(expected.us().values()[i]);
    }
  }

  @Test
  void aFileThatDoesNotFitIsNamed(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("table.f32");
    Files.write(file, new byte[4 * COLUMNS + 3]);
    assertThatThrownBy(() -> FloatFile.open(file, COLUMNS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("table.f32")
        .hasMessageContaining("expected rows of 20 floats, 80 bytes each, found 83 bytes");
    Files.write(file, new byte[4 * COLUMNS * ROWS]);
    try (FloatFile table = FloatFile.open(file, COLUMNS)) {
      Files.write(file, new byte[4 * COLUMNS]);
      assertThatThrownBy(() -> TruncatedSvd.stream(table, 5, (start, rows) -> {}))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("ends before row");
    }
  }

  @Test
  void whatTheConsumerThrowsComesThrough() {
    TableRows rows =
        new TableRows() {
          @Override
          public int rows() {
            return ROWS;
          }

          @Override
          public int columns() {
            return COLUMNS;
          }

          @Override
          public FloatBuffer read(int start, int count) {
            return FloatBuffer.wrap(TABLE.values(), start * COLUMNS, count * COLUMNS).slice();
          }
        };
    assertThatThrownBy(
            () ->
                TruncatedSvd.stream(
                    rows,
                    5,
                    (start, block) -> {
                      throw new IOException("disk full");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("disk full");
  }
}
