package io.github.lowrank.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;

class SymmetricEigenTest {
  private static final double LIMIT = 1e-6;

  /** {@code x^3 / 3 + x}: of eigenvalues of any sign. */
  private static final SymmetricEigen.Spectral CUBE =
      new SymmetricEigen.Spectral() {
        @Override
        public Operand<TFloat64> value(Ops tf, Operand<TFloat64> l) {
          Operand<TFloat64> cube = tf.math.mul(l, tf.math.square(l));
          return tf.math.add(l, tf.math.div(cube, tf.constant(3.0)));
        }

        @Override
        public Operand<TFloat64> slope(Ops tf, Operand<TFloat64> l) {
          return tf.math.add(tf.constant(1.0), tf.math.square(l));
        }
      };

  /** A symmetric matrix with these eigenvalues. */
  private static double[][] symmetric(long seed, double... l) {
    int n = l.length;
    double[][] v = Differences.orthonormalColumns(n, n, seed);
    double[][] a = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int c = 0; c < n; c++) {
          a[i][j] += v[i][c] * l[c] * v[j][c];
        }
      }
    }
    return a;
  }

  private static Operand<TFloat64> decomposition(Ops tf, Operand<TFloat64> a) {
    SymmetricEigen eigen = SymmetricEigen.of(tf, a);
    Operand<TFloat64> scaled = tf.math.mul(eigen.vectors(), tf.math.tanh(eigen.values()));
    return tf.math.add(
        Differences.loss(tf, tf.math.square(eigen.vectors()), 3),
        Differences.loss(tf, Operands.product(tf, scaled, false, eigen.vectors(), true), 4));
  }

  @Test
  void gradientsOfTheDecompositionMatchDifferences() {
    assertThat(Differences.error(symmetric(1, -3, -1, .5, 2, 4), SymmetricEigenTest::decomposition))
        .isLessThan(LIMIT);
    // of rank 3
    assertThat(Differences.error(symmetric(2, 0, 3, 1, -2), SymmetricEigenTest::decomposition))
        .isLessThan(LIMIT);
    assertThat(
            Differences.error(
                symmetric(1, -3, -1, .5, 2, 4),
                (tf, a) ->
                    tf.reduceSum(tf.math.square(SymmetricEigen.of(tf, a).values()), tf.array(0))))
        .isLessThan(LIMIT);
  }

  @Test
  void functionsMatchDifferencesForAllSpectra() {
    Differences.Loss cube =
        (tf, a) -> Differences.loss(tf, SymmetricEigen.function(tf, a, CUBE), 5);
    assertThat(Differences.error(symmetric(1, -3, -1, .5, 2, 4), cube)).isLessThan(LIMIT);
    assertThat(Differences.error(symmetric(2, 0, 0, 0, 1, 2), cube)).isLessThan(LIMIT);
    assertThat(Differences.error(symmetric(3, 2, 2, 2, 1, 1, -1), cube)).isLessThan(LIMIT);
  }

  @Test
  void projectorsMatchDifferencesForAllSpectra() {
    for (int k : new int[] {1, 2, 3}) {
      Differences.Loss projector =
          (tf, a) -> Differences.loss(tf, SymmetricEigen.projector(tf, a, k), 5);
      assertThat(Differences.error(symmetric(1, 0, 0, 1, 2, 4), projector))
          .as("rank %d", k)
          .isLessThan(LIMIT);
    }
    Differences.Loss third = (tf, a) -> Differences.loss(tf, SymmetricEigen.projector(tf, a, 3), 5);
    assertThat(Differences.error(symmetric(4, 5, 5, 5, 1, 1, 0), third)).isLessThan(LIMIT);
  }

  @Test
  void theProjectorOfTheGramMatrixGivesTheBestProduct() {
    double[][] x = Differences.random(12, 7, 8);
    double[] byGram =
        Differences.gradient(
            x,
            (tf, e) -> {
              Operand<TFloat64> gram = Operands.product(tf, e, true, e, false);
              Operand<TFloat64> p =
                  Operands.product(tf, e, false, SymmetricEigen.projector(tf, gram, 3), false);
              return Differences.loss(tf, p, 7);
            });
    double[] bySvd =
        Differences.gradient(x, (tf, e) -> Differences.loss(tf, BestRank.product(tf, e, 3), 7));
    assertThat(Differences.relative(byGram, bySvd)).isLessThan(1e-9);
  }

  @Test
  void atEqualEigenvaluesTheDecompositionIsBiasedAndTheFunctionIsNot() {
    double[][] a = symmetric(3, 2, 2, 2, 1, 0.5);
    Differences.Loss byVectors =
        (tf, y) -> {
          SymmetricEigen eigen = SymmetricEigen.of(tf, y);
          Operand<TFloat64> h = CUBE.value(tf, eigen.values());
          return Differences.loss(
              tf,
              Operands.product(tf, tf.math.mul(eigen.vectors(), h), false, eigen.vectors(), true),
              5);
        };
    double off = Differences.error(a, byVectors);
    assertThat(off).isGreaterThan(1e-3);
    assertThat(
            Differences.error(
                a, (tf, y) -> Differences.loss(tf, SymmetricEigen.function(tf, y, CUBE), 5)))
        .isLessThan(LIMIT);
  }

  @Test
  void tiesAtTheCutAreRefused() {
    double[][] a = symmetric(3, 2, 2, 2, 1, 0.5);
    Differences.Loss projector =
        (tf, y) -> Differences.loss(tf, SymmetricEigen.projector(tf, y, 2), 5);
    assertThatThrownBy(() -> Differences.gradient(a, projector))
        .hasMessageContaining("the projector on 2 eigenvectors has no gradient");
    double[] none =
        Differences.gradient(
            a, (tf, y) -> Differences.loss(tf, SymmetricEigen.projector(tf, y, 5), 5));
    assertThat(Arrays.stream(none).map(Math::abs).max().orElseThrow()).isLessThan(1e-12);
  }

  @Test
  void shapesAndRanksAreChecked() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat64> tall = tf.constant(new double[4][3]);
      Operand<TFloat64> square = tf.constant(new double[3][3]);
      assertThatThrownBy(() -> SymmetricEigen.of(tf, tall))
          .hasMessage("expected a square matrix, found shape [4, 3]");
      assertThatThrownBy(() -> SymmetricEigen.function(tf, tall, CUBE))
          .hasMessageContaining("[4, 3]");
      assertThatThrownBy(() -> SymmetricEigen.projector(tf, square, 4))
          .hasMessageEndingWith("1 .. n, but is 4");
    }
  }
}
