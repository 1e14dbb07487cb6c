package io.github.lowrank.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.linalg.BestRank.Tie;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

class BestRankTest {
  private static final double LIMIT = 1e-6;

  private static Differences.Loss product(int k, Tie tie) {
    return (tf, x) -> Differences.loss(tf, BestRank.of(tf, x, k, tie).product(), 7);
  }

  @Test
  void gradientMatchesDifferencesOnFullRankMatricesOfAllShapes() {
    for (int[] shape : new int[][] {{30, 20}, {20, 30}, {12, 12}}) {
      for (int k : new int[] {1, 5, Math.min(shape[0], shape[1])}) {
        double[][] x = Differences.random(shape[0], shape[1], 3);
        assertThat(Differences.error(x, product(k, Tie.REFUSE)))
            .as("%d x %d at rank %d", shape[0], shape[1], k)
            .isLessThan(LIMIT);
      }
    }
  }

  @Test
  void gradientMatchesDifferencesOnRankDeficientMatrices() {
    double[][] x = Differences.withSpectrum(14, 10, 1, 3, 2, 1);
    assertThat(Differences.error(x, product(3, Tie.REFUSE))).isLessThan(LIMIT);
    assertThat(Differences.error(x, product(2, Tie.REFUSE))).isLessThan(LIMIT);
  }

  @Test
  void repeatedSingularValuesAmongThoseKeptOrOmittedAreHarmless() {
    double[][] x = Differences.withSpectrum(14, 10, 2, 5, 5, 5, 4, 4, 1, 1, 1, .5, .5);
    assertThat(Differences.error(x, product(5, Tie.REFUSE))).isLessThan(LIMIT);
    assertThat(Differences.error(x, product(3, Tie.REFUSE))).isLessThan(LIMIT);
  }

  @Test
  void aTieIsRefusedOrTheRankShrinks() {
    double[][] x = Differences.withSpectrum(14, 10, 2, 6, 5, 5, 5, 4, 1);
    assertThatThrownBy(() -> Differences.gradient(x, product(3, Tie.REFUSE)))
        .hasMessageContaining("the best product of rank 3 has no gradient")
        .hasMessageContaining("[6.0000");
    assertThat(Differences.error(x, product(3, Tie.SHRINK))).isLessThan(LIMIT);
    assertThat(Differences.gradient(x, product(3, Tie.SHRINK)))
        .containsExactly(Differences.gradient(x, product(1, Tie.REFUSE)));
  }

  @Test
  void theRankShrinksNoFurtherThanOne() {
    double[][] x = Differences.withSpectrum(6, 4, 2, 2, 2, 2, 2);
    assertThatThrownBy(() -> Differences.gradient(x, product(3, Tie.SHRINK)))
        .hasMessageContaining("no gradient");
    double[][] notFinite = Differences.random(6, 4, 1);
    notFinite[2][1] = Double.NaN;
    assertThatThrownBy(() -> Differences.gradient(notFinite, product(3, Tie.SHRINK)))
        .hasMessageContaining("not finite");
  }

  @Test
  void fullRankIsTheMatrixItself() {
    double[][] x = Differences.withSpectrum(6, 4, 2, 2, 2, 1, 1);
    double[] gradient = Differences.gradient(x, product(4, Tie.REFUSE));
    double[] itself = Differences.gradient(x, (tf, y) -> Differences.loss(tf, y, 7));
    assertThat(Differences.relative(gradient, itself)).isLessThan(1e-12);
  }

  @Test
  void theGradientGoesOnToWhatTheMatrixDependsOn() {
    double[][] x = Differences.random(8, 6, 3);
    Differences.Loss chain =
        (tf, y) -> {
          Operand<TFloat64> deeper = Operands.product(tf, tf.math.tanh(y), true, y, false);
          return Differences.loss(tf, BestRank.product(tf, deeper, 2), 5);
        };
    assertThat(Differences.error(x, chain)).isLessThan(LIMIT);
  }

  @Test
  void theGraphCanBeCutAtTheProductInstead() {
    double[][] x = Differences.random(8, 6, 3);
    double[] through = Differences.gradient(x, product(2, Tie.REFUSE));
    // The sum of g * P has the gradient that tf.gradients carries through P.
    double[] cut =
        Differences.gradient(
            x,
            (tf, y) -> {
              Operand<TFloat64> p = BestRank.product(tf, y, 2);
              Operand<TFloat64> leaf = tf.stopGradient(p);
              Gradients g = tf.gradients(Differences.loss(tf, leaf, 7), List.of(leaf));
              return tf.reduceSum(
                  tf.math.mul(tf.stopGradient(g.<TFloat64>dy(0)), p), tf.array(0, 1));
            });
    assertThat(Differences.relative(cut, through)).isLessThan(1e-12);
  }

  @Test
  void float32IsComputedInFloat64() {
    // Squares of float32 numbers would lose the gap between the second and the third.
    double[][] x = Differences.withSpectrum(8, 6, 2, 1, 2e-3, 1.9e-3, 1e-4);
    double[] exact =
        Differences.gradient(
            x,
            (tf, y) -> {
              Operand<TFloat32> single = tf.dtypes.cast(y, TFloat32.class);
              Operand<TFloat32> p = BestRank.product(tf, single, 2);
              return Differences.loss(tf, tf.dtypes.cast(p, TFloat64.class), 7);
            });
    double[] expected = Differences.gradient(x, product(2, Tie.REFUSE));
    assertThat(Differences.relative(exact, expected)).isLessThan(1e-3);
  }

  @Test
  void factorsAreThoseOfTheProduct() {
    double[][] x = Differences.random(8, 6, 3);
    double[] distance =
        Differences.gradient(
            x,
            (tf, y) -> {
              BestRank<TFloat64> best = BestRank.of(tf, y, 6, Tie.REFUSE);
              Operand<TFloat64> again =
                  Operands.product(tf, tf.math.mul(best.u(), best.s()), false, best.v(), true);
              // d/dy of |y|^2 / 2 - <y, again> is y - again
              Operand<TFloat64> half = tf.math.mul(tf.constant(0.5), tf.math.mul(y, y));
              return tf.reduceSum(
                  tf.math.sub(half, tf.math.mul(y, tf.stopGradient(again))), tf.array(0, 1));
            });
    for (double d : distance) {
      assertThat(d).isCloseTo(0, within(1e-12));
    }
  }

  @Test
  void ranksAndShapesAreChecked() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat64> x = tf.constant(new double[5][3]);
      assertThatThrownBy(() -> BestRank.product(tf, x, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[5, 3]")
          .hasMessageEndingWith("but is 0");
      assertThatThrownBy(() -> BestRank.product(tf, x, 4))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> BestRank.product(tf, tf.constant(new double[3]), 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected a matrix");
    }
  }
}
