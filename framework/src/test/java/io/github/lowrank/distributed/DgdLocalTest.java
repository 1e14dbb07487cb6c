package io.github.lowrank.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.List;
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
}
