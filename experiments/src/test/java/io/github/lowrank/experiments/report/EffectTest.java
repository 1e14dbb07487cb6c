package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * Values of scipy 1.17.1 and statsmodels 0.15 in Python: mean squares by {@code anova_lm(ols("d ~
 * C(seed) + C(text)"))}, quantiles by {@code stats.t.ppf}, p-values by {@code optimize.brentq} on
 * {@code (w t(p/2; S-1) + (1-w) t(p/2; T-1)) se = |mean - bound|}.
 */
class EffectTest {
  private static final Offset<Double> CLOSE = within(1e-9);

  @Test
  void twoFactorsAreThoseOfAnalysisOfVariance() {
    Effect effect =
        Effect.of(
            new double[][] {
              {1, 0, 0, -1, 1, 0, 1},
              {0, 0, 1, 0, 1, 0, 1},
              {1, -1, 0, 0, 1, 0, 0},
              {0, 0, 0, 1, 1, 1, 0}
            });
    // Mean squares 0.130952 of seeds, 0.642857 of texts, 0.325397 of the rest.
    assertThat(effect.mean()).isCloseTo(0.321428571429, CLOSE);
    assertThat(effect.error()).isCloseTo(0.151522881683, CLOSE);
    assertThat(effect.weight()).isCloseTo(0.203703703704, CLOSE);
    assertThat(effect.interval().halfWidth()).isCloseTo(0.393465973812, CLOSE);
    assertThat(effect.detectable()).isCloseTo(0.532946817748, CLOSE);
    assertThat(effect.p(0)).isCloseTo(0.08887492611061157, CLOSE);
    assertThat(effect.p(-0.01)).isCloseTo(0.08190283876262941, CLOSE);
    assertThat(effect.p(-0.25)).isCloseTo(0.014177557391945981, CLOSE);
  }

  @Test
  void bothFactorsCountAndDifferencesNeedNotBeWhole() {
    Effect effect =
        Effect.of(new double[][] {{.25, 0, -.5, 0, 1}, {-.75, 0, -1, 0, 0}, {.5, 1, 0, .25, 1}});
    // Mean squares 1.016667 of seeds, 0.558333 of texts, 0.089583 of the rest.
    assertThat(effect.error()).isCloseTo(0.314686793142, CLOSE);
    assertThat(effect.weight()).isCloseTo(0.684431977560, CLOSE);
    assertThat(effect.interval().halfWidth()).isCloseTo(1.202427805539, CLOSE);
    assertThat(effect.p(0)).isCloseTo(0.7414050902808725, CLOSE);
    assertThat(effect.p(-1)).isCloseTo(0.05797427566094529, CLOSE);
  }

  @Test
  void componentsBelowZeroAreZero() {
    // Mean squares 0 of seeds, 2/15 of texts, 0.4 of the rest.
    Effect effect = Effect.of(new double[][] {{1, 0, 0, 1, 0, 0}, {0, 1, 1, 0, 0, 0}});
    assertThat(effect.error()).isCloseTo(0.182574185835, CLOSE);
    assertThat(effect.interval().halfWidth()).isCloseTo(0.469321885764, CLOSE);
    assertThat(effect.p(0)).isCloseTo(0.12746400815811637, CLOSE);
  }

  @Test
  void oneFactorIsStudentsTest() {
    // scipy.stats.ttest_1samp
    Effect effect = Effect.of(new double[] {.01, -.004, .02, .013, .007, .002});
    assertThat(effect.p(0)).isCloseTo(0.0673042097833, CLOSE);
    assertThat(effect.p(-0.01)).isCloseTo(0.00335383713426, CLOSE);
  }

  @Test
  void theIntervalReachesWhereTheTestTurns() {
    Effect effect = Effect.of(new double[][] {{1, 0, -1, 1}, {0, 1, 1, 1}, {1, 1, 0, 1}});
    double low = effect.mean() - effect.interval().halfWidth();
    assertThat(effect.p(low)).isCloseTo(0.05, CLOSE);
    assertThat(effect.p(low - 1e-6)).isLessThan(0.05);
    assertThat(effect.p(effect.mean())).isEqualTo(1);
  }

  @Test
  void oneSeedTellsNothingOfOtherSeeds() {
    Effect effect = Effect.of(new double[][] {{1, 0, 0, 1}});
    assertThat(effect.mean()).isEqualTo(0.5);
    assertThat(effect.p(0)).isNaN();
    assertThat(effect.detectable()).isNaN();
    assertThat(effect.interval().halfWidth()).isNaN();
  }

  @Test
  void equalMethodsDoNotDiffer() {
    Effect effect = Effect.of(new double[3][4]);
    assertThat(effect.p(0)).isEqualTo(1);
    assertThat(effect.p(-0.01)).isZero();
    assertThat(effect.interval().halfWidth()).isZero();
  }

  @Test
  void powerIsThatOfTheNoncentralT() {
    // scipy.stats.nct: the noncentrality with 80 % power is 3.7610603, 3.1496357 and 2.9535882;
    // the two quantiles come within 1.2 %.
    Map.of(4, 3.7610603, 9, 3.1496357, 19, 2.9535882)
        .forEach(
            (freedom, exact) ->
                assertThat(new Effect(0, 1, 1, freedom, freedom).detectable())
                    .isCloseTo(exact, within(0.012 * exact)));
  }

  @Test
  void holmIsThatOfStatsmodels() {
    // multipletests(p, method="holm")
    assertThat(
            Holm.adjusted(
                Map.of("a", 0.01, "b", 0.04, "c", 0.03, "d", 0.005, "e", 0.2, "f", 0.0004)))
        .allSatisfy(
            (name, p) ->
                assertThat(p)
                    .isCloseTo(
                        Map.of("a", 0.04, "b", 0.09, "c", 0.09, "d", 0.025, "e", 0.2, "f", 0.0024)
                            .get(name),
                        CLOSE));
  }
}
