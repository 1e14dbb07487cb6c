package io.github.lowrank.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.linalg.Matrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantizationAwareTest {
  private static double error(Matrix a, Matrix b) {
    double squares = 0;
    for (int i = 0; i < a.values().length; i++) {
      double d = a.values()[i] - b.values()[i];
      squares += d * d;
    }
    return squares;
  }

  private static Matrix columnsOfManyScales(int rows, int columns) {
    float[] values = Eval.random(rows * columns, 3);
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) Math.pow(2, -(i % columns));
    }
    return new Matrix(rows, columns, values);
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "4", "8"})
  void packedCodesAreTheTableAndItsBytesAreTheFormula(int bits) {
    Matrix values = columnsOfManyScales(50, 7);
    QuantizationAware aware = QuantizationAware.of(values, bits);
    assertThat(aware.packed().toMatrix().values()).containsExactly(aware.toMatrix().values());
    // The codes, one scale and one minimum for all of them, one scale per column.
    assertThat(aware.bytes()).isEqualTo(50L * PackedCodes.bytesPerRow(7, bits) + 8 + 4 * 7);
    EmbeddingTable low = new LowRank(aware, new Matrix(7, 9, Eval.random(63, 4)));
    EmbeddingTable packed = low.packed();
    assertThat(packed.bytes()).isEqualTo(50L * PackedCodes.bytesPerRow(7, bits) + 8 + 4 * 63);
    float[] expected = low.toMatrix().values();
    for (int i = 0; i < expected.length; i++) {
      assertThat(packed.toMatrix().values()[i]).isCloseTo(expected[i], within(1e-5f));
    }
  }

  /** One step per column, and less error than at which nothing is clipped. */
  @ParameterizedTest
  @CsvSource({"2, 0.6", "3, 0.8", "4, 0.95"})
  void stepsMakeTheErrorSmall(int bits, double share) {
    Matrix values = columnsOfManyScales(400, 5);
    QuantizationAware aware = QuantizationAware.of(values, bits);
    float[] widest = new float[5];
    for (int c = 0; c < 5; c++) {
      float largest = 0;
      for (int r = 0; r < 400; r++) {
        largest = Math.max(largest, Math.abs(values.get(r, c)));
      }
      int q = (1 << (bits - 1)) - 1;
      widest[c] = (float) Math.log(largest / q);
    }
    double unclipped = error(values, new QuantizationAware(values, bits, widest).toMatrix());
    assertThat(error(values, aware.toMatrix())).isLessThan(share * unclipped);
  }

  @Test
  void theRowOfPaddingStaysZero() {
    Matrix values = columnsOfManyScales(20, 4);
    for (int c = 0; c < 4; c++) {
      values.values()[c] = 0;
    }
    Matrix rounded = QuantizationAware.of(values, 4).packed().toMatrix();
    for (int c = 0; c < 4; c++) {
      assertThat(rounded.get(0, c)).isZero();
    }
  }
}
