package io.github.lowrank.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.embedding.TruncatedTable.Penalty;
import io.github.lowrank.embedding.TruncatedTable.Through;
import io.github.lowrank.io.ArrayFile;
import io.github.lowrank.linalg.BestRank;
import io.github.lowrank.linalg.Differences;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

class TruncatedTableTest {
  private static final int V = 15;
  private static final int D = 6;
  private static final int K = 2;
  private static final int[][] IDS = {{1, 8, 1, 14}, {2, 3, 4, 5}};
  private static final Matrix ROWS = new Matrix(V, D, Eval.random(V * D, 8));
  private static final Matrix MIX = new Matrix(D, D, Eval.random(D * D, 12));
  private static final float[] UPSTREAM = Eval.random(2 * 4 * D, 3);

  private static TruncatedTable table(Through gradient, Penalty penalty) {
    return new TruncatedTable(ROWS, MIX, K, gradient, penalty, 0.5);
  }

  private static double[][] doubles(Matrix matrix) {
    double[][] all = new double[matrix.rows()][matrix.columns()];
    for (int i = 0; i < all.length; i++) {
      for (int j = 0; j < all[i].length; j++) {
        all[i][j] = matrix.get(i, j);
      }
    }
    return all;
  }

  /** Penalty, ids, gradients of their rows, and the gradient of W where it is trained. */
  private static List<float[]> run(TruncatedTable table) {
    return Eval.floats(
        b -> {
          Ops tf = b.tf;
          EmbeddingLayer layer = table.layer(tf, b.variables, "embedding");
          b.initializers.add(
              s -> {
                try (Variables.Assignment assignment = b.variables.assignment(s)) {
                  layer.initialize(assignment);
                  assignment.run();
                }
              });
          Operand<TFloat32> rows = layer.rows(tf, tf.constant(IDS));
          Operand<TFloat32> upstream = tf.reshape(tf.constant(UPSTREAM), tf.array(2, 4, D));
          Operand<TFloat32> data = tf.reduceSum(tf.math.mul(rows, upstream), tf.array(0, 1, 2));
          Operand<TFloat32> loss =
              layer.penalty().<Operand<TFloat32>>map(p -> tf.math.add(data, p)).orElse(data);
          List<Operand<?>> by = new ArrayList<>(List.of(layer.tables().get(0).handle()));
          layer.parameters().stream().map(Parameter::value).forEach(by::add);
          Gradients g = tf.gradients(loss, by);
          SparseRows sparse = SparseRows.of(g.dy(0));
          List<Operand<TFloat32>> out =
              new ArrayList<>(
                  List.of(
                      layer.penalty().orElse(tf.constant(0f)),
                      tf.dtypes.cast(sparse.ids(), TFloat32.class),
                      sparse.rows()));
          if (by.size() > 1) {
            out.add(g.dy(1));
          }
          return out;
        });
  }

  /** The loss of {@link #run} as a function of W, by the decomposition of the whole table. */
  private static Operand<TFloat64> loss(Ops tf, Operand<TFloat64> w, double[][] share) {
    Operand<TFloat64> e = tf.linalg.matMul(tf.constant(doubles(ROWS)), w);
    Operand<TFloat64> p = BestRank.product(tf, e, K);
    return tf.reduceSum(tf.math.mul(p, tf.constant(share)), tf.array(0, 1));
  }

  /** The upstream gradients of each row of the table. */
  private static double[][] upstream() {
    double[][] sums = new double[V][D];
    for (int i = 0; i < 8; i++) {
      for (int c = 0; c < D; c++) {
        sums[IDS[i / 4][i % 4]][c] += UPSTREAM[i * D + c];
      }
    }
    return sums;
  }

  private static double[] doubles(float[] floats) {
    double[] all = new double[floats.length];
    Arrays.setAll(all, i -> floats[i]);
    return all;
  }

  @Test
  void theGradientThroughTheTruncationIsThatOfTheBestProduct() {
    double[] found = doubles(run(table(Through.TRUNCATION, Penalty.NONE)).get(3));
    double[] expected = Differences.differences(doubles(MIX), (tf, w) -> loss(tf, w, upstream()));
    assertThat(Differences.relative(found, expected)).isLessThan(1e-4);
  }

  @Test
  void theGradientOfTheRowsHasTheProjectorAsAConstant() {
    for (Through gradient : Through.values()) {
      List<float[]> out = run(table(gradient, Penalty.NONE));
      assertThat(out).hasSize(gradient == Through.ROWS ? 3 : 4);
      TruncatedSvd svd = TruncatedSvd.of(ROWS.times(MIX), K);
      Matrix projector = svd.v().transposed().times(svd.v());
      Matrix right = MIX.times(projector).transposed();
      for (int u = 0; u < out.get(1).length; u++) {
        double[] row = upstream()[(int) out.get(1)[u]];
        float[] g = new float[D];
        for (int c = 0; c < D; c++) {
          g[c] = (float) row[c];
        }
        float[] expected = new Matrix(1, D, g).times(right).values();
        for (int c = 0; c < D; c++) {
          assertThat(out.get(2)[u * D + c]).isCloseTo(expected[c], within(1e-4f));
        }
      }
    }
  }

  @Test
  void penaltiesAreThoseOfTheSingularValues() {
    double[] s = TruncatedSvd.of(ROWS.times(MIX), K).singularValues();
    double all = Arrays.stream(s).sum();
    double omitted = Arrays.stream(s).skip(K).sum();
    assertThat((double) run(table(Through.TRUNCATION, Penalty.NUCLEAR_NORM)).get(0)[0])
        .isCloseTo(0.5 * all / s[0], within(1e-5));
    assertThat((double) run(table(Through.ROWS, Penalty.OMITTED)).get(0)[0])
        .isCloseTo(0.5 * omitted / all, within(1e-5));
  }

  @Test
  void aPenaltyTrainsWThoughTheLookupDoesNot() {
    List<float[]> out = run(table(Through.ROWS, Penalty.OMITTED));
    assertThat(out).hasSize(4);
    double h = 1e-3;
    for (int i = 0; i < D * D; i += 7) {
      double[] penalty = new double[2];
      for (int side = 0; side < 2; side++) {
        float[] moved = MIX.values().clone();
        moved[i] += (float) (side == 0 ? h : -h);
        double[] s = TruncatedSvd.of(ROWS.times(MIX.with(moved)), K).singularValues();
        penalty[side] = 0.5 * Arrays.stream(s).skip(K).sum() / Arrays.stream(s).sum();
      }
      assertThat((double) out.get(3)[i])
          .isCloseTo((penalty[0] - penalty[1]) / (2 * h), within(1e-3));
    }
  }

  @Test
  void isStoredAsTwoFactors(@TempDir Path folder) throws IOException {
    TruncatedTable table = table(Through.TRUNCATION, Penalty.NONE);
    LowRank stored = (LowRank) table.packed();
    assertThat(stored.rank()).isEqualTo(K);
    assertThat(table.parameters()).isEqualTo(stored.parameters());
    assertThat(table.bytes()).isEqualTo(stored.bytes());
    assertThat(table.toMatrix().values()).containsExactly(stored.toMatrix().values());
    ArrayFile.write(folder.resolve("table"), table);
    TruncatedTable read = ArrayFile.read(folder.resolve("table")).get(0, TruncatedTable.class);
    assertThat(read.toMatrix().values()).containsExactly(table.toMatrix().values());
  }

  @Test
  void argumentsAreChecked() {
    assertThatThrownBy(() -> TruncatedTable.of(ROWS, 7, Through.ROWS, Penalty.NONE, 0))
        .hasMessageEndingWith("1 .. 6, but is 7");
    assertThatThrownBy(() -> TruncatedTable.of(ROWS, 2, Through.ROWS, Penalty.NONE, -1))
        .hasMessageContaining("found -1");
    assertThatThrownBy(() -> new TruncatedTable(ROWS, ROWS, 2, Through.ROWS, Penalty.NONE, 0))
        .hasMessageContaining("W is 15 x 6");
  }
}
