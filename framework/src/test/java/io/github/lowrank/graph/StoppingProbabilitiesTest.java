package io.github.lowrank.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StoppingProbabilitiesTest {
  @Test
  void poissonStopsAsThePoissonDistribution() {
    double[] c = StoppingProbabilities.poisson(5).coefficients();
    double p = Math.exp(-5);
    for (int i = 0; i < c.length; i++) {
      assertThat(c[i]).isCloseTo(p, within(1e-12));
      p *= 5.0 / (i + 1);
    }
  }

  @Test
  void geometricStopsAtEveryHopAlike() {
    StoppingProbabilities half = StoppingProbabilities.geometric(0.5);
    assertThat(half.coefficients()).startsWith(0.5, 0.25, 0.125);
    assertThat(Arrays.stream(half.coefficients()).sum())
        .isCloseTo(1 - Math.pow(0.5, 16), within(1e-15));
    assertThat(StoppingProbabilities.pageRank(0.15).name()).isEqualTo("ppr:0.15");
  }

  @Test
  void whatIsNoProbabilityIsRefused() {
    assertThatThrownBy(() -> StoppingProbabilities.poisson(0))
        .hasMessageContaining("expected a mean number of hops in (0, 100], found 0");
    assertThatThrownBy(() -> StoppingProbabilities.geometric(1))
        .hasMessageContaining("expected a stopping probability in (0, 1), found 1");
    assertThatThrownBy(() -> new StoppingProbabilities("x", new double[] {1.5}))
        .hasMessageContaining("in [0, 1], found [1.5]");
  }
}
