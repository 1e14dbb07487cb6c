package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.graph.Network;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LinkPredictionTest {
  private static Network network(boolean directed) {
    Random random = new Random(1);
    return Network.of(
        IntStream.range(0, 40).mapToObj(Integer::toString).toList(),
        directed,
        new Network.Edges(
            random.ints(200, 0, 40).toArray(), random.ints(200, 0, 40).toArray(), new float[0]));
  }

  @Test
  void removedEdgesAreEdgesAndTheOthersAreNone() {
    for (boolean directed : new boolean[] {false, true}) {
      Network whole = network(directed);
      LinkPrediction links = LinkPrediction.of(whole, 0.3, 7);
      assertThat(links.edges().size()).isEqualTo((int) Math.round(0.3 * whole.size()));
      assertThat(links.others().size()).isEqualTo(links.edges().size());
      assertThat(links.train().size() + links.edges().size()).isEqualTo(whole.size());
      for (int i = 0; i < links.edges().size(); i++) {
        int a = links.edges().from()[i];
        int b = links.edges().to()[i];
        assertThat(whole.connects(a, b)).isTrue();
        assertThat(links.train().connects(a, b)).isFalse();
        assertThat(whole.connects(links.others().from()[i], links.others().to()[i])).isFalse();
      }
    }
  }

  @Test
  void areaAndPrecisionCountEqualScoresByHalves() {
    double[] scores = {3, 1, 2, 2, 0, 1}; // the first three are edges
    assertThat(LinkPrediction.auc(scores, 3)).isCloseTo((3 + 1.5 + 2.5) / 9, within(1e-12));
    assertThat(LinkPrediction.precision(scores, 3)).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(LinkPrediction.precision(new double[] {1, 1, 1, 1}, 2))
        .isCloseTo(0.5, within(1e-12));
  }

  @Test
  void aNetworkWithoutFreePairsIsRefused() {
    Network triangle =
        Network.of(
            IntStream.range(0, 3).mapToObj(Integer::toString).toList(),
            false,
            new Network.Edges(new int[] {0, 1, 2}, new int[] {1, 2, 0}, new float[0]));
    assertThatThrownBy(() -> LinkPrediction.of(triangle, 0.3, 1))
        .hasMessageContaining("pairs of nodes without an edge");
  }
}
