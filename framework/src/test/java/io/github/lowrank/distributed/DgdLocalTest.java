package io.github.lowrank.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DgdLocalTest {
  private static final Network RING = Network.ring(10);

  private static Simulation after(long rounds, DgdLocal algorithm, List<DoubleMatrix> rows) {
    Simulation simulation = new GraphSimulation(RING, algorithm, rows);
    simulation.run(rounds);
    return simulation;
  }

  /** SYSTEMS' figures: rank 5, 200 x 100, so 10 rows of 200 numbers at each of 10 nodes. */
  @ParameterizedTest
  @CsvSource({
    "1, 0.05, 1e-8", "2, 0.05, 1e-8", "3, 0.05, 1e-8", "4, 0.05, 1e-8", "5, 0.05, 1e-8",
    "1, 0.1, 1e-18", "2, 0.1, 1e-18", "3, 0.1, 1e-18", "4, 0.1, 1e-18", "5, 0.1, 1e-18",
    "1, 0.2, 1e-18", "2, 0.2, 1e-18", "3, 0.2, 1e-18", "4, 0.2, 1e-18", "5, 0.2, 1e-18"
  })
  void convergesOnExactlyLowRankTables(long seed, double step, double most) {
    List<DoubleMatrix> rows = Tables.lowRank(10, 100, 200, 5, 0, seed);
    try (Simulation simulation = after(1000, DgdLocal.constant(5, step, 0.1, seed), rows)) {
      Quality quality = new Quality(rows, 5);
      assertThat(quality.ownError(simulation.states()) / quality.squares())
          .isLessThanOrEqualTo(most);
      assertThat(Quality.disagreement(simulation.states())).isLessThan(most);
    }
  }

  private static List<DoubleMatrix> noisy() {
    return Tables.lowRank(10, 100, 200, 5, 0.005, 1);
  }

  /**
   * With a rank below the table's, constant steps make U shrink and V grow, and the copies go apart
   * again; the averaged basis is a thousandth off.
   */
  @Test
  void copiesDriftApartIfTheRankIsTooSmall() {
    List<DoubleMatrix> rows = noisy();
    Quality quality = new Quality(rows, 5);
    DgdLocal local = DgdLocal.constant(5, 0.1, 0.1, 1);
    try (Simulation simulation = after(300, local, rows)) {
      double before = Quality.disagreement(simulation.states());
      double u = squares(simulation, 0);
      double v = squares(simulation, 1);
      simulation.run(5000);
      assertThat(Quality.disagreement(simulation.states()))
          .isGreaterThan(before)
          .isGreaterThan(1e-5);
      assertThat(squares(simulation, 0)).isLessThan(0.95 * u);
      assertThat(squares(simulation, 1)).isGreaterThan(1.05 * v);
      double excess = quality.excess(Quality.mean(simulation.states()).orthonormal());
      assertThat(excess).isBetween(1e-7, 0.1);
    }
  }

  private static double squares(Simulation simulation, int part) {
    return simulation.states().stream().mapToDouble(s -> s.get(part).squares()).sum();
  }

  @Test
  void trackingLeadsAllNodesToTheOptimum() {
    List<DoubleMatrix> rows = noisy();
    Quality quality = new Quality(rows, 5);
    DgdLocal local = DgdLocal.constant(5, 0.1, 0.1, 1).tracked();
    try (Simulation simulation = after(2000, local, rows)) {
      assertThat(Quality.disagreement(simulation.states())).isLessThan(1e-18);
      for (List<DoubleMatrix> state : simulation.states()) {
        assertThat(quality.excess(local.basis(state))).isCloseTo(0, within(1e-12));
      }
      assertThat(quality.ownError(simulation.states()))
          .isCloseTo(quality.optimum(), within(1e-12 * quality.optimum()));
    }
  }

  @Test
  void decreasingStepsAndAveragingLeadNearTheOptimum() {
    List<DoubleMatrix> rows = noisy();
    Quality quality = new Quality(rows, 5);
    DgdLocal local = DgdLocal.constant(5, 0.2, 0.1, 1).decreasing(300).averagingAfter(1000);
    try (Simulation simulation = after(1100, local, rows)) {
      for (List<DoubleMatrix> state : simulation.states()) {
        assertThat(quality.excess(local.basis(state))).isBetween(-1e-13, 1e-2);
      }
    }
  }

  @Test
  void gossipOfTheGramFindsTheOptimumInAHundredRounds() {
    List<DoubleMatrix> rows = noisy();
    Quality quality = new Quality(rows, 5);
    GramGossip gossip = new GramGossip(5);
    try (Simulation simulation = new GraphSimulation(RING, gossip, rows)) {
      simulation.run(5);
      assertThat(quality.excess(gossip.basis(simulation.states().get(0)))).isGreaterThan(1e-9);
      simulation.run(115);
      for (List<DoubleMatrix> state : simulation.states()) {
        assertThat(quality.excess(gossip.basis(state))).isCloseTo(0, within(1e-13));
      }
    }
  }
}
