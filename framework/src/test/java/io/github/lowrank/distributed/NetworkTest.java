package io.github.lowrank.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {
  @Test
  void aRingMixesThirds() {
    assertThat(Network.ring(10).weights(0)).containsOnlyKeys(0, 1, 9);
    Network.ring(10)
        .weights(0)
        .values()
        .forEach(w -> assertThat(w).isCloseTo(1 / 3.0, within(1e-15)));
    assertThat(Network.ring(10).messages()).isEqualTo(20);
    assertThat(Network.ring(2).messages()).isEqualTo(2);
    assertThat(Network.ring(1).messages()).isZero();
  }

  /** 1/3 + 2/3 cos(2 pi / 10) = .8727 is what the error of gossip falls by; the least is -1/3. */
  @Test
  void aRingOfTenHasTheEigenvaluesOfTheFormula() {
    double[] values = Network.ring(10).mixing().eigen().values();
    assertThat(values[0]).isCloseTo(1, within(1e-12));
    assertThat(values[1]).isCloseTo((1 + 2 * Math.cos(Math.PI / 5)) / 3, within(1e-12));
    assertThat(values[9]).isCloseTo(-1 / 3.0, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void weightsAreSymmetricDoublyStochasticAndOnTheNetwork(long seed) {
    Network network = Network.random(12, 0.3, new Random(seed));
    DoubleMatrix w = network.mixing();
    for (int i = 0; i < 12; i++) {
      double row = 0;
      double column = 0;
      for (int j = 0; j < 12; j++) {
        assertThat(w.get(i, j)).isEqualTo(w.get(j, i)).isBetween(0.0, 1.0);
        assertThat(w.get(i, j) > 0).isEqualTo(i == j || network.neighbours().get(i).contains(j));
        row += w.get(i, j);
        column += w.get(j, i);
      }
      assertThat(row).isCloseTo(1, within(1e-14));
      assertThat(column).isCloseTo(1, within(1e-14));
    }
    double[] values = w.eigen().values();
    assertThat(values[1]).as("connected").isLessThan(1 - 1e-6);
    assertThat(values[11]).isGreaterThan(-1);
  }

  @Test
  void refusesWhatIsNotANetwork() {
    assertThatThrownBy(() -> new Network(List.of(List.of(1), List.of())))
        .hasMessageContaining("from node 0 to node 1 alone");
    assertThatThrownBy(() -> new Network(List.of(List.of(), List.of())))
        .hasMessageContaining("expected a connected network");
    assertThatThrownBy(() -> new Network(List.of(List.of(0))))
        .hasMessageContaining("node 0: expected other nodes");
    assertThatThrownBy(() -> Network.random(30, 0.001, new Random(1)))
        .hasMessageContaining("expected a higher probability");
  }
}
