package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CalibrationTest {
  @Test
  void isTheMeanGapOverBins() {
    Calibration calibration = new Calibration();
    assertThat(calibration.error()).isNaN();
    for (int i = 0; i < 4; i++) {
      calibration.count(0.9, i < 3); // 0.75 right in this bin
    }
    for (int i = 0; i < 6; i++) {
      calibration.count(0.5, i < 3);
    }
    assertThat(calibration.error()).isCloseTo(0.4 * 0.15, within(1e-12));
    calibration.count(1, true);
    calibration.count(0, false);
    assertThat(calibration.error()).isCloseTo(0.6 / 12, within(1e-12));
  }
}
