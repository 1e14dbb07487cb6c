package io.github.lowrank.linalg;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.linalg.BestRank.Tie;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;

class FactorKernelsTest {
  private static final double LIMIT = 1e-6;

  private static Differences.Loss kernels(int k) {
    return (tf, x) -> {
      FactorKernels kernels = FactorKernels.of(tf, x, k, Tie.REFUSE);
      return tf.math.add(
          Differences.loss(tf, kernels.left(), 7), Differences.loss(tf, kernels.right(), 8));
    };
  }

  @Test
  void gradientMatchesDifferencesOnMatricesOfAllShapes() {
    for (int[] shape : new int[][] {{30, 20}, {20, 30}, {12, 12}}) {
      for (int k : new int[] {1, 5, Math.min(shape[0], shape[1])}) {
        assertThat(Differences.error(Differences.random(shape[0], shape[1], 3), kernels(k)))
            .as("%d x %d at rank %d", shape[0], shape[1], k)
            .isLessThan(LIMIT);
      }
    }
  }

  @Test
  void gradientMatchesDifferencesOnRankDeficientMatrices() {
    double[][] x = Differences.withSpectrum(14, 10, 1, 3, 2, 1);
    assertThat(Differences.error(x, kernels(3))).isLessThan(LIMIT);
    assertThat(Differences.error(x, kernels(2))).isLessThan(LIMIT);
  }

  @Test
  void repeatedSingularValuesAreHarmlessHereButNotThroughSingularVectors() {
    double[][] x = Differences.withSpectrum(14, 10, 2, 5, 5, 5, 4, 4, 1, 1, 1, .5, .5);
    assertThat(Differences.error(x, kernels(5))).isLessThan(LIMIT);
    assertThat(Differences.error(x, kernels(3))).isLessThan(LIMIT);
    double[] throughVectors =
        Differences.gradient(
            x,
            (tf, y) -> {
              ThinSvd<TFloat64> svd = ThinSvd.of(tf, y).truncated(tf, 5);
              return tf.math.add(
                  Differences.loss(tf, product(tf, svd.u(), svd.s()), 7),
                  Differences.loss(tf, product(tf, svd.v(), svd.s()), 8));
            });
    assertThat(Differences.relative(throughVectors, Differences.gradient(x, kernels(5))))
        .isGreaterThan(1e-3);
  }

  private static Operand<TFloat64> product(Ops tf, Operand<TFloat64> u, Operand<TFloat64> s) {
    return Operands.product(tf, tf.math.mul(u, s), false, u, true);
  }

  @Test
  void oneKernelAloneHasAGradientToo() {
    double[][] x = Differences.random(9, 7, 4);
    assertThat(
            Differences.error(
                x,
                (tf, y) -> Differences.loss(tf, FactorKernels.of(tf, y, 3, Tie.REFUSE).right(), 7)))
        .isLessThan(LIMIT);
  }
}
