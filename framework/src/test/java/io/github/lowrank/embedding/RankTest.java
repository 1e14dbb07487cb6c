package io.github.lowrank.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RankTest {
  @Test
  void formula() {
    assertThat(Rank.of(16000, 300, 0.9)).isEqualTo(29);
    assertThat(Rank.of(100, 100, 0.9)).isEqualTo(5);
    assertThat(Rank.of(1000, 300, 0.999)).isEqualTo(1);
  }

  @Test
  void removesAtLeastWhatWasAsked() {
    for (double removed : new double[] {0.3, 0.5, 0.7, 0.9, 0.95}) {
      int k = Rank.of(16000, 300, removed);
      assertThat(Rank.parameters(16000, 300, k))
          .isLessThanOrEqualTo((long) ((1 - removed) * 4.8e6 + 1));
      assertThat(Rank.parameters(16000, 300, k + 1)).isGreaterThan((long) ((1 - removed) * 4.8e6));
    }
  }

  @Test
  void refusesWhatIsNoFractionOrSavesNothing() {
    for (double removed : new double[] {0, 1, -0.1, 1.5, Double.NaN}) {
      assertThatThrownBy(() -> Rank.of(100, 10, removed))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be in (0, 1), but is " + removed);
    }
    assertThatThrownBy(() -> Rank.of(1, 300, 0.5)).hasMessageContaining("saves nothing");
  }
}
