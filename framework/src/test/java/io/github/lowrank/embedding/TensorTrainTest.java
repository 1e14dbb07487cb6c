package io.github.lowrank.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.io.ArrayFile;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;

class TensorTrainTest {
  private static final int V = 11;
  private static final int D = 10; // in digits of 3, 2 and 2, cut at 10 of 12
  private static final int R = 3;
  private static final TensorTrain.Digits DIGITS = TensorTrain.Digits.of(V, D);

  private static TensorTrain table(long seed) {
    return TensorTrain.random(V, D, DIGITS, R, new Random(seed));
  }

  /** One entry, by the sum over both bonds. */
  private static double entry(TensorTrain t, int i, int j) {
    int v2 = t.middle().rows();
    int v3 = t.last().rows();
    int d2 = t.middle().columns() / (R * R);
    int d3 = t.last().columns() / R;
    int j1 = j / (d2 * d3);
    int j2 = j / d3 % d2;
    double sum = 0;
    for (int a = 0; a < R; a++) {
      for (int b = 0; b < R; b++) {
        sum +=
            (double) t.first().get(i / (v2 * v3), j1 * R + a)
                * t.middle().get(i / v3 % v2, (a * d2 + j2) * R + b)
                * t.last().get(i % v3, b * d3 + j % d3);
      }
    }
    return sum;
  }

  @Test
  void entriesAreSumsOverTheBonds() {
    TensorTrain table = table(1);
    Matrix matrix = table.toMatrix();
    for (int i = 0; i < V; i++) {
      for (int j = 0; j < D; j++) {
        assertThat((double) matrix.get(i, j)).isCloseTo(entry(table, i, j), within(1e-6));
      }
    }
    long numbers = table.first().size() + table.middle().size() + table.last().size();
    assertThat(table.parameters()).isEqualTo(DIGITS.parameters(R)).isEqualTo(numbers);
    assertThat(table.bytes()).isEqualTo(4 * numbers);
  }

  @ParameterizedTest
  @CsvSource({"8000, 20, 20, 20", "300, 6, 5, 10", "1, 1, 1, 1", "384, 8, 6, 8", "301, 7, 5, 9"})
  void digitsAreNearlyEqualAndReachTheNumber(int n, int first, int middle, int last) {
    assertThat(TensorTrain.Digits.of(n, n).v()).containsExactly(first, middle, last);
  }

  /** At full rank nothing is lost; at a smaller one the error falls with the rank. */
  @Test
  void decomposesATable() {
    Matrix table = new Matrix(V, D, Eval.random(V * D, 3));
    assertThat(TensorTrain.of(table, DIGITS, 12).toMatrix().values())
        .usingComparatorWithPrecision(1e-3f)
        .containsExactly(table.values());
    double before = Double.POSITIVE_INFINITY;
    for (int rank : new int[] {1, 2, 3, 5}) {
      float[] found = TensorTrain.of(table, DIGITS, rank).toMatrix().values();
      double error = 0;
      for (int i = 0; i < found.length; i++) {
        error += Math.pow(found[i] - table.values()[i], 2);
      }
      assertThat(error).isLessThan(before);
      before = error;
    }
    // A table that is a train of this rank is found again.
    TensorTrain train = TensorTrain.random(12, 12, TensorTrain.Digits.of(12, 12), R, new Random(5));
    assertThat(
            TensorTrain.of(train.toMatrix(), TensorTrain.Digits.of(12, 12), R).toMatrix().values())
        .usingComparatorWithPrecision(1e-4f)
        .containsExactly(train.toMatrix().values());
  }

  @Test
  void randomNumbersHaveGlorotsVariance() {
    int v = 500;
    int d = 40;
    float[] values =
        TensorTrain.random(v, d, TensorTrain.Digits.of(v, d), 4, new Random(1)).toMatrix().values();
    double squares = 0;
    for (float x : values) {
      squares += x * x;
    }
    assertThat(squares / values.length * (v + d) / 2).isBetween(0.5, 2.0);
  }

  /** The gradient of every number of every core, by rows or by the bag, against differences. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradientsAreThoseOfFiniteDifferences(boolean pooled) {
    int[][] ids = {{1, 10, 1, 4}, {7, 3, 3, 10}};
    float[][] weights = {{0.5f, 0.3f, 0.2f, 0}, {1, 2, -1, 0.25f}};
    float[] g = Eval.random(2 * 4 * D, 6);
    TensorTrain table = table(2);
    List<float[]> out =
        Eval.floats(
            b -> {
              EmbeddingLayer layer = table.layer(b.tf, b.variables, "embedding");
              b.initializers.add(
                  s -> {
                    try (Variables.Assignment assignment = b.variables.assignment(s)) {
                      layer.initialize(assignment);
                      assignment.run();
                    }
                  });
              Operand<TFloat32> y =
                  pooled
                      ? layer.bag(b.tf, b.tf.constant(ids), b.tf.constant(weights))
                      : layer.rows(b.tf, b.tf.constant(ids));
              int size = pooled ? 2 * D : 2 * 4 * D;
              Operand<TFloat32> upstream =
                  b.tf.reshape(b.tf.constant(java.util.Arrays.copyOf(g, size)), b.tf.shape(y));
              Operand<TFloat32> loss =
                  b.tf.reduceSum(
                      b.tf.reshape(b.tf.math.mul(y, upstream), b.tf.array(-1)), b.tf.constant(0));
              Gradients gradients =
                  b.tf.gradients(loss, layer.tables().stream().map(Variable::handle).toList());
              List<Operand<TFloat32>> fetched = new ArrayList<>();
              for (int i = 0; i < 3; i++) {
                SparseRows rows = SparseRows.of(gradients.dy(i));
                fetched.add(b.tf.dtypes.cast(rows.ids(), TFloat32.class));
                fetched.add(rows.rows());
              }
              return fetched;
            });
    List<Matrix> cores = List.of(table.first(), table.middle(), table.last());
    for (int core = 0; core < 3; core++) {
      Matrix values = cores.get(core);
      int columns = values.columns();
      float[] found = new float[values.values().length];
      for (int i = 0; i < out.get(2 * core).length; i++) {
        System.arraycopy(
            out.get(2 * core + 1),
            i * columns,
            found,
            (int) out.get(2 * core)[i] * columns,
            columns);
      }
      for (int i = 0; i < found.length; i++) {
        double up = loss(table, core, i, 1e-2f, ids, pooled ? weights : null, g);
        double down = loss(table, core, i, -1e-2f, ids, pooled ? weights : null, g);
        // The loss is linear in each number, so a large difference is exact.
        assertThat((double) found[i]).isCloseTo((up - down) / 2e-2, within(1e-4));
      }
    }
  }

  private static double loss(
      TensorTrain t, int core, int index, float by, int[][] ids, float[][] weights, float[] g) {
    List<Matrix> cores = new ArrayList<>(List.of(t.first(), t.middle(), t.last()));
    float[] moved = cores.get(core).values().clone();
    moved[index] += by;
    cores.set(core, cores.get(core).with(moved));
    TensorTrain changed = new TensorTrain(V, D, R, cores.get(0), cores.get(1), cores.get(2));
    double loss = 0;
    for (int i = 0; i < 8; i++) {
      int id = ids[i / 4][i % 4];
      for (int j = 0; j < D; j++) {
        float upstream = weights == null ? g[i * D + j] : g[i / 4 * D + j] * weights[i / 4][i % 4];
        loss += upstream * entry(changed, id, j);
      }
    }
    return loss;
  }

  @Test
  void comesBackFromAFile(@TempDir Path folder) throws IOException {
    TensorTrain table = table(1);
    ArrayFile.write(folder.resolve("file"), table);
    TensorTrain back =
        (TensorTrain) ArrayFile.read(folder.resolve("file")).get(0, EmbeddingTable.class);
    assertThat(List.of(back.vocabulary(), back.dimension(), back.rank())).containsExactly(V, D, R);
    assertThat(back.first().values()).containsExactly(table.first().values());
    assertThat(back.middle().values()).containsExactly(table.middle().values());
    assertThat(back.last().values()).containsExactly(table.last().values());
  }

  @Test
  void coresThatDoNotReachTheTableAreRefused() {
    TensorTrain t = table(1);
    assertThatThrownBy(() -> new TensorTrain(100, D, R, t.first(), t.middle(), t.last()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected cores of rank 3 for a 100 x 10 table, found");
  }
}
