package io.github.lowrank.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

class ThinSvdTest {
  private static final double LIMIT = 1e-6;

  /** A loss of each factor, which signs of singular vectors do not change. */
  private static Operand<TFloat64> factors(Ops tf, ThinSvd<TFloat64> svd) {
    Operand<TFloat64> scaled = tf.math.mul(svd.u(), tf.math.sqrt(svd.s()));
    return tf.math.add(
        tf.math.add(
            Differences.loss(tf, tf.math.square(scaled), 3),
            Differences.loss(tf, tf.math.square(svd.v()), 4)),
        Differences.loss(tf, Operands.product(tf, scaled, false, svd.v(), true), 5));
  }

  private static Operand<TFloat64> product(Ops tf, ThinSvd<TFloat64> svd) {
    return Operands.product(tf, tf.math.mul(svd.u(), svd.s()), false, svd.v(), true);
  }

  @Test
  void gradientsMatchDifferences() {
    for (int[] shape : new int[][] {{9, 6}, {6, 9}, {7, 7}}) {
      double[][] x = Differences.random(shape[0], shape[1], 2);
      assertThat(Differences.error(x, (tf, y) -> factors(tf, ThinSvd.of(tf, y))))
          .as("%d x %d", shape[0], shape[1])
          .isLessThan(LIMIT);
    }
  }

  @Test
  void gradientsOfTruncatedFactorsMatchDifferences() {
    double[][] x = Differences.random(30, 20, 1);
    assertThat(Differences.error(x, (tf, y) -> factors(tf, ThinSvd.of(tf, y).truncated(tf, 5))))
        .isLessThan(LIMIT);
  }

  @Test
  void gradientsOfTruncatedFactorsMatchDifferencesAtLowerRank() {
    double[][] x = Differences.withSpectrum(12, 9, 1, 4, 3, 1.5);
    assertThat(Differences.error(x, (tf, y) -> factors(tf, ThinSvd.of(tf, y).truncated(tf, 3))))
        .isLessThan(LIMIT);
  }

  @Test
  void repeatedValuesAmongThoseOmittedAreHarmless() {
    double[][] x = Differences.withSpectrum(12, 9, 1, 4, 3, 1, 1, 1, .5, .5);
    assertThat(Differences.error(x, (tf, y) -> factors(tf, ThinSvd.of(tf, y).truncated(tf, 2))))
        .isLessThan(LIMIT);
  }

  @Test
  void aLossOfOneFactorLeavesTheOthersWithoutGradients() {
    double[][] x = Differences.random(8, 5, 6);
    assertThat(
            Differences.error(
                x, (tf, y) -> Differences.loss(tf, tf.math.square(ThinSvd.of(tf, y).v()), 1)))
        .isLessThan(LIMIT);
    assertThat(
            Differences.error(
                x, (tf, y) -> tf.reduceSum(tf.math.square(ThinSvd.of(tf, y).s()), tf.array(0))))
        .isLessThan(LIMIT);
  }

  @Test
  void theFormulaWithTheKeptColumnsAloneIsWrong() {
    double[][] x = Differences.random(30, 20, 3);
    double[] right =
        Differences.gradient(
            x, (tf, y) -> Differences.loss(tf, product(tf, ThinSvd.of(tf, y).truncated(tf, 5)), 7));
    double wrong = Differences.relative(naive(x, 5), right);
    assertThat(wrong).isGreaterThan(0.5);
    double[][] low = Differences.withSpectrum(30, 20, 3, 6, 5, 4, 3, 2);
    double[] rightOfLow =
        Differences.gradient(
            low,
            (tf, y) -> Differences.loss(tf, product(tf, ThinSvd.of(tf, y).truncated(tf, 5)), 7));
    assertThat(Differences.relative(naive(low, 5), rightOfLow)).isLessThan(LIMIT);
  }

  /** The gradient of the loss of the truncated product as the formula of k columns has it. */
  private static double[] naive(double[][] x, int k) {
    return Differences.gradient(
        x,
        (tf, y) -> {
          ThinSvd<TFloat64> kept = ThinSvd.of(tf, tf.stopGradient(y)).truncated(tf, k);
          Operand<TFloat64> u = tf.stopGradient(kept.u());
          Operand<TFloat64> s = tf.stopGradient(kept.s());
          Operand<TFloat64> v = tf.stopGradient(kept.v());
          Gradients g =
              tf.gradients(
                  Differences.loss(tf, product(tf, new ThinSvd<>(u, s, v)), 7), List.of(u, s, v));
          Operand<TFloat64> back = ThinSvd.backpropagate(tf, u, s, v, g.dy(0), g.dy(1), g.dy(2));
          return tf.reduceSum(tf.math.mul(tf.stopGradient(back), y), tf.array(0, 1));
        });
  }

  @Test
  void withEqualValuesKeptTheProductNeedsBestRank() {
    double[][] x = Differences.withSpectrum(14, 10, 2, 5, 5, 5, 4, 4, 1);
    Differences.Loss byFactors =
        (tf, y) -> Differences.loss(tf, product(tf, ThinSvd.of(tf, y).truncated(tf, 5)), 7);
    Differences.Loss byProduct = (tf, y) -> Differences.loss(tf, BestRank.product(tf, y, 5), 7);
    double off = Differences.error(x, byFactors);
    assertThat(off).isGreaterThan(1e-3);
    assertThat(Differences.error(x, byProduct)).isLessThan(LIMIT);
  }

  @Test
  void float32IsDecomposedInFloat64() {
    double[][] x = Differences.random(8, 5, 6);
    double[] single =
        Differences.gradient(
            x,
            (tf, y) -> {
              ThinSvd<TFloat32> svd = ThinSvd.of(tf, tf.dtypes.cast(y, TFloat32.class));
              return Differences.loss(
                  tf, tf.math.square(tf.dtypes.cast(svd.v(), TFloat64.class)), 1);
            });
    double[] expected =
        Differences.gradient(
            x, (tf, y) -> Differences.loss(tf, tf.math.square(ThinSvd.of(tf, y).v()), 1));
    assertThat(Differences.relative(single, expected)).isLessThan(1e-4);
  }

  @Test
  void ranksAndShapesAreChecked() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      ThinSvd<TFloat64> svd = ThinSvd.of(tf, tf.constant(new double[5][3]));
      assertThatThrownBy(() -> svd.truncated(tf, 4)).hasMessageEndingWith("1 .. 3, but is 4");
      assertThatThrownBy(() -> svd.truncated(tf, 0)).hasMessageEndingWith("1 .. 3, but is 0");
      assertThatThrownBy(() -> ThinSvd.of(tf, tf.constant(new double[3])))
          .hasMessageContaining("expected a matrix");
    }
  }
}
