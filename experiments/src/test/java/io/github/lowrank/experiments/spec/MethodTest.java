package io.github.lowrank.experiments.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.embedding.TruncatedTable.Penalty;
import io.github.lowrank.embedding.TruncatedTable.Through;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MethodTest {
  private static List<Double> fractions(Method method) {
    List<Double> fractions = new ArrayList<>();
    for (Step step : method.steps()) {
      if (step instanceof Factorize f) {
        fractions.add(f.removed());
      } else if (step instanceof Project p) {
        fractions.add(p.removed());
      }
    }
    return fractions;
  }

  @Test
  void roundsKeepTheSameShareEach() {
    // 0.1^(i/4) is left after round i, and 0.2^(i/4) when 80 % are to go.
    assertFractions(Method.rounds(4, 0.9), 0.1);
    Method changed = Method.rounds(4, 0.9).withRemoved(0.8);
    assertFractions(changed, 0.2);
    assertThat(changed.label()).isEqualTo("rounds-4 80 %");
    assertThat(changed.parameters()).containsEntry("removed", 0.8);
    // There and back again.
    List<Double> back = fractions(changed.withRemoved(0.9));
    for (int i = 0; i < 4; i++) {
      assertThat(back.get(i)).isCloseTo(fractions(Method.rounds(4, 0.9)).get(i), within(1e-12));
    }
  }

  private static void assertFractions(Method method, double left) {
    List<Double> fractions = fractions(method);
    assertThat(fractions).hasSize(4);
    for (int i = 1; i <= 4; i++) {
      assertThat(fractions.get(i - 1))
          .as("round %d", i)
          .isCloseTo(1 - Math.pow(left, i / 4.0), within(1e-12));
    }
    assertThat(fractions.get(3)).isEqualTo(1 - left, within(1e-15));
  }

  @Test
  void withRemovedChangesWhatRemovesAndNothingElse() {
    assertThat(fractions(Method.offlineRows(0.9).withRemoved(0.5))).containsExactly(0.5);
    Method online = Method.online(0.9).withRates(List.of(0.1));
    Method changed = online.withRemoved(0.5);
    assertThat(fractions(changed)).containsExactly(0.5);
    assertThat(changed.rates()).containsExactly(0.1);
    assertThat(changed.steps().get(0)).isEqualTo(online.steps().get(0));
    assertThat(Method.baseline().withRemoved(0.5)).isEqualTo(Method.baseline());
    Method codes = Method.onlineFixedPoint(0.9, 4).withRemoved(0.5);
    assertThat(codes.id()).isEqualTo("online-fixed-point-50-4bit");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.1, 1.5, Double.NaN})
  void fractionsOutsideOfZeroAndOneAreRefused(double removed) {
    assertThatThrownBy(() -> Method.online(0.9).withRemoved(removed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be in (0, 1), but is " + removed);
  }

  @Test
  void throughTruncatesToTheRankOfTheFactorization() {
    Method through = Method.through("through", 0.9, Through.ROWS, Penalty.OMITTED, 2);
    List<Step> steps = through.withRemoved(0.95).steps();
    Truncate truncate = (Truncate) steps.get(0);
    assertThat(truncate.removed()).isCloseTo(0.95, within(1e-12));
    assertThat(truncate)
        .isEqualTo(new Truncate(truncate.removed(), Through.ROWS, Penalty.OMITTED, 2));
    assertThat(((Factorize) steps.get(2)).removed()).isCloseTo(0.95, within(1e-12));
    assertThat(through.id()).isEqualTo("through-90");
  }

  @Test
  void namesThatNoFileMayHaveAreRefused() {
    assertThatThrownBy(() -> Method.baseline().named("a/b"))
        .hasMessageContaining("expected a method's name")
        .hasMessageContaining("found 'a/b'");
  }
}
