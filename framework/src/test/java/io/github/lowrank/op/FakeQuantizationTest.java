package io.github.lowrank.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

class FakeQuantizationTest {
  private static final int ROWS = 40;
  private static final float[] STEPS = {0.3f, 1, 0.02f};

  /** The equations as ops that TensorFlow differentiates. */
  private static Operand<TFloat32> plain(
      Ops tf, Operand<TFloat32> x, Operand<TFloat32> logStep, int bits) {
    Operand<TFloat32> step = tf.math.exp(logStep);
    float q = FakeQuantization.largest(bits);
    Operand<TFloat32> clipped =
        tf.math.minimum(tf.math.maximum(tf.math.div(x, step), tf.constant(-q)), tf.constant(q));
    Operand<TFloat32> codes = bits == 1 ? sign(tf, x) : tf.math.round(clipped);
    Operand<TFloat32> rounding = tf.stopGradient(tf.math.sub(codes, clipped));
    return tf.math.mul(tf.math.add(clipped, rounding), step);
  }

  private static Operand<TFloat32> sign(Ops tf, Operand<TFloat32> x) {
    Operand<TFloat32> positive =
        tf.dtypes.cast(tf.math.greaterEqual(x, tf.constant(0f)), TFloat32.class);
    return tf.math.sub(tf.math.mul(positive, tf.constant(2f)), tf.constant(1f));
  }

  /** Forward, and both gradients, against the equations in plain Java. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 8, 16})
  void valuesAndGradientsAreThoseOfTheEquations(int bits) {
    int columns = STEPS.length;
    float[] x = Eval.random(ROWS * columns, 1);
    float[] g = Eval.random(ROWS * columns, 2);
    float[] logs = new float[columns];
    for (int c = 0; c < columns; c++) {
      logs[c] = (float) Math.log(STEPS[c]);
    }
    List<float[]> out =
        Eval.floats(
            b -> {
              Operand<TFloat32> values = b.tf.reshape(b.tf.constant(x), b.tf.array(ROWS, columns));
              Operand<TFloat32> theta = b.tf.constant(logs);
              Operand<TFloat32> y = plain(b.tf, values, theta, bits);
              Operand<TFloat32> upstream =
                  b.tf.reshape(b.tf.constant(g), b.tf.array(ROWS, columns));
              Operand<TFloat32> loss = b.tf.reduceSum(b.tf.math.mul(y, upstream), b.tf.array(0, 1));
              Gradients gradients = b.tf.gradients(loss, List.of(values, theta));
              return List.of(y, gradients.dy(0), gradients.dy(1));
            });
    int q = FakeQuantization.largest(bits);
    double[] byTheta = new double[columns];
    for (int i = 0; i < x.length; i++) {
      float step = (float) Math.exp(logs[i % columns]);
      double v = x[i] / step;
      double code = bits == 1 ? (v >= 0 ? 1 : -1) : Math.max(-q, Math.min(q, Math.rint(v)));
      assertThat((double) out.get(0)[i])
          .isCloseTo(step * code, within(1e-5 * Math.max(1, step * q)));
      assertThat(FakeQuantization.value(x[i], step, bits))
          .isCloseTo(out.get(0)[i], within(1e-5f * Math.max(1, step * q)));
      boolean inside = Math.abs(v) <= q;
      assertThat(out.get(1)[i]).isCloseTo(inside ? g[i] : 0, within(1e-6f));
      // By the logarithm of the step: s times the derivative by s.
      byTheta[i % columns] += g[i] * step * (inside ? code - v : code);
    }
    for (int c = 0; c < columns; c++) {
      assertThat((double) out.get(2)[c])
          .isCloseTo(byTheta[c], within(1e-4 * Math.max(1, Math.abs(byTheta[c]))));
    }
  }

  /** The fused lookups against plain ops on the gathered rows. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void lookupsAreThoseOfPlainOps(int bits) {
    int[][] ids = {{1, 2, 1, 0}, {5, 3, 3, 4}};
    float[][] weights = {{0.5f, 0.3f, 0.2f, 0}, {1, 2, -1, 0.25f}};
    float[] table = Eval.random(6 * 3, 5);
    float[] logs = {-1, 0, -3};
    float[] g = Eval.random(2 * 4 * 3, 6);
    for (boolean pooled : new boolean[] {false, true}) {
      List<float[]> plain =
          Eval.floats(
              b -> {
                Operand<TFloat32> all = b.tf.reshape(b.tf.constant(table), b.tf.array(6, 3));
                Operand<TFloat32> theta = b.tf.constant(logs);
                Operand<TFloat32> rows =
                    plain(
                        b.tf, b.tf.gather(all, b.tf.constant(ids), b.tf.constant(0)), theta, bits);
                Operand<TFloat32> y =
                    pooled
                        ? b.tf.reduceSum(
                            b.tf.math.mul(
                                rows, b.tf.expandDims(b.tf.constant(weights), b.tf.constant(2))),
                            b.tf.constant(1))
                        : rows;
                Gradients gradients = b.tf.gradients(loss(b, y, g, pooled), List.of(theta));
                return List.of(y, gradients.dy(0));
              });
      List<float[]> fused =
          Eval.floats(
              b -> {
                Variable variable = b.variables.create("table", Shape.of(6, 3), TFloat32.class);
                b.initializers.add(
                    s -> {
                      try (Variables.Assignment assignment = b.variables.assignment(s)) {
                        assignment.set(variable, table);
                        assignment.run();
                      }
                    });
                Operand<TFloat32> theta = b.tf.constant(logs);
                Operand<TInt32> some = b.tf.constant(ids);
                Operand<TFloat32> y =
                    pooled
                        ? QuantizedRows.bag(
                            b.tf, variable, theta, bits, some, b.tf.constant(weights))
                        : QuantizedRows.rows(b.tf, variable, theta, bits, some);
                Gradients gradients =
                    b.tf.gradients(loss(b, y, g, pooled), List.of(variable.handle(), theta));
                SparseRows rows = SparseRows.of(gradients.dy(0));
                return List.of(
                    y, gradients.dy(1), b.tf.dtypes.cast(rows.ids(), TFloat32.class), rows.rows());
              });
      assertThat(fused.get(0)).usingComparatorWithPrecision(1e-5f).containsExactly(plain.get(0));
      assertThat(fused.get(1)).usingComparatorWithPrecision(1e-4f).containsExactly(plain.get(1));
      // By the table: the upstream gradient where the number is inside, summed by row.
      float[] expected = new float[6 * 3];
      int q = FakeQuantization.largest(bits);
      for (int i = 0; i < 8; i++) {
        int id = ids[i / 4][i % 4];
        for (int c = 0; c < 3; c++) {
          boolean inside = Math.abs(table[id * 3 + c] / Math.exp(logs[c])) <= q;
          float upstream = pooled ? g[i / 4 * 3 + c] * weights[i / 4][i % 4] : g[i * 3 + c];
          expected[id * 3 + c] += inside ? upstream : 0;
        }
      }
      float[] found = new float[6 * 3];
      for (int i = 0; i < fused.get(2).length; i++) {
        System.arraycopy(fused.get(3), i * 3, found, (int) fused.get(2)[i] * 3, 3);
      }
      assertThat(found).usingComparatorWithPrecision(1e-5f).containsExactly(expected);
    }
  }

  private static Operand<TFloat32> loss(
      Eval.Build b, Operand<TFloat32> y, float[] g, boolean pooled) {
    Operand<TFloat32> upstream =
        pooled
            ? b.tf.reshape(b.tf.constant(java.util.Arrays.copyOf(g, 6)), b.tf.array(2, 3))
            : b.tf.reshape(b.tf.constant(g), b.tf.array(2, 4, 3));
    return b.tf.reduceSum(
        b.tf.reshape(b.tf.math.mul(y, upstream), b.tf.array(-1)), b.tf.constant(0));
  }

  @Test
  void zeroStaysZero() {
    for (int bits = 2; bits <= 16; bits++) {
      assertThat(FakeQuantization.value(0, 0.7f, bits)).isZero();
    }
  }
}
