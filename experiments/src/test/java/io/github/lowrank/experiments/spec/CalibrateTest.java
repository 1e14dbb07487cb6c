package io.github.lowrank.experiments.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CalibrateTest {
  /** Labels drawn from softmax(z / 3): the scores are three times too large. */
  @Test
  void findsTheTemperatureThatMadeTheLabels() {
    Random random = new Random(4);
    int texts = 20_000;
    float[][] scores = new float[texts][3];
    int[] labels = new int[texts];
    for (int i = 0; i < texts; i++) {
      double[] weights = new double[3];
      double all = 0;
      for (int c = 0; c < 3; c++) {
        scores[i][c] = (float) (4 * random.nextGaussian());
        weights[c] = Math.exp(scores[i][c] / 3);
        all += weights[c];
      }
      double drawn = random.nextDouble() * all;
      while (labels[i] < 2 && drawn > weights[labels[i]]) {
        drawn -= weights[labels[i]++];
      }
    }
    assertThat(Calibrate.temperature(scores, labels)).isCloseTo(3, within(0.1));
  }

  @Test
  void aPerfectDevIsNoCertainty() {
    float[][] scores = {{2, 0}, {0, 2}, {2, 0}, {0, 2}};
    double temperature = Calibrate.temperature(scores, new int[] {0, 1, 0, 1});
    // e = 1 / 6: the best probability is 5 / 6.
    assertThat(1 / (1 + Math.exp(-2 / temperature))).isCloseTo(5 / 6.0, within(1e-3));
  }

  @Test
  void comesAfterTheLastTraining() {
    assertThat(Method.whole(0.01, 4, 8).calibrated().steps())
        .endsWith(new Train(0.5), new Calibrate(), new Pack());
    assertThat(Method.online(0.9).calibrated().steps()).endsWith(new Train(0.5), new Calibrate());
  }
}
