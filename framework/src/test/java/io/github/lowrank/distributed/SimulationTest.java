package io.github.lowrank.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SimulationTest {
  private static final Network NETWORK = Network.random(7, 0.4, new Random(3));

  static List<Algorithm> algorithms() {
    DgdLocal constant = DgdLocal.constant(4, 0.05, 0.1, 1);
    return List.of(
        new GramGossip(4),
        constant,
        constant.tracked(),
        constant.decreasing(20).averagingAfter(40),
        constant.tracked().averagingAfter(40));
  }

  /** 61 rows: some nodes have fewer than others, and the graph fills them up. */
  @ParameterizedTest
  @MethodSource("algorithms")
  void nodeByNodeAndStackedAgree(Algorithm algorithm) {
    List<DoubleMatrix> rows = Tables.lowRank(7, 61, 30, 4, 0.01, 1);
    try (Simulation one = new NodeSimulation(NETWORK, algorithm, rows);
        Simulation other = new GraphSimulation(NETWORK, algorithm, rows)) {
      one.run(60);
      other.run(25);
      other.run(35);
      assertThat(other.round()).isEqualTo(one.round()).isEqualTo(60);
      assertThat(other.numbersSent()).isEqualTo(one.numbersSent());
      for (int j = 0; j < 7; j++) {
        for (int i = 0; i < one.states().get(j).size(); i++) {
          assertThat(other.states().get(j).get(i).values())
              .usingComparatorWithPrecision(1e-12)
              .containsExactly(one.states().get(j).get(i).values());
        }
      }
    }
  }

  private static double objective(DoubleMatrix rows, DoubleMatrix u, DoubleMatrix v) {
    double sum = 0;
    for (int m = 0; m < rows.rows(); m++) {
      for (int n = 0; n < rows.columns(); n++) {
        double x = -rows.get(m, n);
        for (int k = 0; k < u.columns(); k++) {
          x += u.get(n, k) * v.get(m, k);
        }
        sum += x * x;
      }
    }
    return sum;
  }

  private static DoubleMatrix nudged(DoubleMatrix matrix, int index, double by) {
    double[] values = matrix.values().clone();
    values[index] += by;
    return matrix.with(values);
  }

  @Test
  void gradientsAreThoseOfTheSquaredError() {
    DoubleMatrix rows = DoubleMatrix.gaussian(6, 5, 1, new Random(1));
    DoubleMatrix u = DoubleMatrix.gaussian(5, 3, 1, new Random(2));
    DoubleMatrix v = DoubleMatrix.gaussian(6, 3, 1, new Random(3));
    Descent.Gradients<DoubleMatrix> gradients = Descent.gradients(rows, u, v);
    double h = 1e-5;
    for (int i = 0; i < 15; i++) {
      assertThat(gradients.u().values()[i])
          .isCloseTo(
              (objective(rows, nudged(u, i, h), v) - objective(rows, nudged(u, i, -h), v))
                  / (2 * h),
              within(1e-7));
    }
    for (int i = 0; i < 18; i++) {
      assertThat(gradients.v().values()[i])
          .isCloseTo(
              (objective(rows, u, nudged(v, i, h)) - objective(rows, u, nudged(v, i, -h)))
                  / (2 * h),
              within(1e-7));
    }
  }

  /** The equations of the demo, entry by entry; V's update must not see the new U. */
  @Test
  void aRoundIsThePapers() {
    int n = 4;
    int m = 3;
    int r = 2;
    double mu = 0.07;
    Network ring = Network.ring(4);
    DoubleMatrix w = ring.mixing();
    DoubleMatrix table = DoubleMatrix.gaussian(4 * m, n, 1, new Random(5));
    List<DoubleMatrix> rows = Tables.split(table, 4);
    try (Simulation simulation = new NodeSimulation(ring, DgdLocal.constant(r, mu, 1, 9), rows)) {
      List<List<DoubleMatrix>> old = simulation.states();
      simulation.run(1);
      for (int j = 0; j < 4; j++) {
        DoubleMatrix u = old.get(j).get(0);
        DoubleMatrix v = old.get(j).get(1);
        double[][] residual = new double[n][m]; // U V^T - Y
        for (int a = 0; a < n; a++) {
          for (int b = 0; b < m; b++) {
            residual[a][b] = -rows.get(j).get(b, a);
            for (int k = 0; k < r; k++) {
              residual[a][b] += u.get(a, k) * v.get(b, k);
            }
          }
        }
        for (int k = 0; k < r; k++) {
          for (int a = 0; a < n; a++) {
            double expected = 0;
            for (int i = 0; i < 4; i++) {
              expected += w.get(j, i) * old.get(i).get(0).get(a, k);
            }
            for (int b = 0; b < m; b++) {
              expected -= 2 * mu * residual[a][b] * v.get(b, k);
            }
            assertThat(simulation.states().get(j).get(0).get(a, k))
                .isCloseTo(expected, within(1e-13));
          }
          for (int b = 0; b < m; b++) {
            double expected = v.get(b, k);
            for (int a = 0; a < n; a++) {
              expected -= 2 * mu * residual[a][b] * u.get(a, k);
            }
            assertThat(simulation.states().get(j).get(1).get(b, k))
                .isCloseTo(expected, within(1e-13));
          }
        }
      }
    }
  }

  @Test
  void aSharedStartNeedsNoMessageToStayAtTheMean() {
    List<DoubleMatrix> rows = Tables.lowRank(10, 100, 20, 3, 0.1, 2);
    try (Simulation simulation = new NodeSimulation(Network.ring(10), new GramGossip(3), rows)) {
      DoubleMatrix mean = Quality.mean(simulation.states());
      simulation.run(50);
      assertThat(Quality.mean(simulation.states()).values())
          .usingComparatorWithPrecision(1e-13)
          .containsExactly(mean.values());
    }
  }

  /** Of a ring of 10 each round: 20 messages of n r numbers, twice that with tracking. */
  @Test
  void numbersSentAreCounted() {
    List<DoubleMatrix> rows = Tables.lowRank(10, 50, 30, 2, 0, 1);
    Network ring = Network.ring(10);
    DgdLocal local = DgdLocal.constant(2, 0.05, 0.1, 1);
    assertThat(sent(ring, local, rows)).isEqualTo(12 * 20 * 30 * 2);
    assertThat(sent(ring, local.tracked(), rows)).isEqualTo(12 * 20 * 2 * 30 * 2);
    assertThat(sent(ring, local.tracked().averagingAfter(5), rows))
        .isEqualTo((5 * 2 + 7) * 20 * 30 * 2);
    assertThat(sent(ring, new GramGossip(2), rows)).isEqualTo(12 * 20 * 30 * 31 / 2);
  }

  private static long sent(Network network, Algorithm algorithm, List<DoubleMatrix> rows) {
    try (Simulation simulation = new NodeSimulation(network, algorithm, rows)) {
      simulation.run(12);
      return simulation.numbersSent();
    }
  }

  /** A node's own rows and V reach nobody: two nodes that differ in them alone say the same. */
  @Test
  void descentSendsTheCopiesAlone() {
    DoubleMatrix u = DoubleMatrix.gaussian(5, 2, 1, new Random(1));
    DgdLocal local = DgdLocal.constant(2, 0.1, 1, 1);
    for (long seed = 2; seed < 5; seed++) {
      DoubleMatrix v = DoubleMatrix.gaussian(6, 2, 1, new Random(seed));
      assertThat(local.round(0).message(List.of(u, v))).containsExactly(u);
      assertThat(local.tracked().round(0).message(List.of(u, v, u, u, v))).containsExactly(u, u);
    }
  }
}
