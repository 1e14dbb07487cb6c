package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RareIntentsTest {
  /** The values are those of sklearn.metrics.average_precision_score. */
  @Test
  void averagePrecisionIsThatOfScikitLearn() {
    double[] scores = {0.9, 0.8, 0.8, 0.8, 0.3, 0.1};
    assertThat(
            RareIntents.averagePrecision(
                scores, new boolean[] {true, false, true, false, false, true}))
        .isCloseTo(0.6666666666666667, within(1e-12));
    assertThat(
            RareIntents.averagePrecision(
                scores, new boolean[] {true, true, false, false, false, false}))
        .isCloseTo(0.75, within(1e-12));
  }
}
