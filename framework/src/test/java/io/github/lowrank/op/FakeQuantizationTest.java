package io.github.lowrank.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;

class FakeQuantizationTest {
  private static final int ROWS = 40;
  private static final float[] STEPS = {0.3f, 1, 0.02f};

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
              Operand<TFloat32> y = FakeQuantization.of(b.tf, values, theta, bits);
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

  @Test
  void zeroStaysZero() {
    for (int bits = 2; bits <= 16; bits++) {
      assertThat(FakeQuantization.value(0, 0.7f, bits)).isZero();
    }
  }
}
