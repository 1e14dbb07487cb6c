package io.github.lowrank.experiments.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.model.Head;
import io.github.lowrank.model.Sigmoid;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.train.Thresholds;
import java.util.List;
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
    assertThat(temperature(new Softmax(), scores, labels)).isCloseTo(3, within(0.1));
  }

  @Test
  void aPerfectDevIsNoCertainty() {
    float[][] scores = {{2, 0}, {0, 2}, {2, 0}, {0, 2}};
    double temperature = temperature(new Softmax(), scores, new int[] {0, 1, 0, 1});
    // e = 1 / 6: the best probability is 5 / 6.
    assertThat(1 / (1 + Math.exp(-2 / temperature))).isCloseTo(5 / 6.0, within(1e-3));
  }

  private static double temperature(Head head, float[][] scores, int[] labels) {
    return Calibrate.temperature(head, scores, EncodedTexts.of(new int[scores.length][0], labels));
  }

  @Test
  void theTemperatureOfSigmoidsIsFound() {
    Random random = new Random(2);
    int texts = 4000;
    float[][] scores = new float[texts][2];
    int[] labels = new int[texts];
    for (int i = 0; i < texts; i++) {
      for (int c = 0; c < 2; c++) {
        scores[i][c] = (float) (4 * random.nextGaussian());
        labels[i] += random.nextDouble() < 1 / (1 + Math.exp(-scores[i][c] / 3)) ? 1 << c : 0;
      }
    }
    EncodedTexts dev =
        EncodedTexts.of(new int[texts][0], labels)
            .withSets(List.of(new int[0], new int[] {0}, new int[] {1}, new int[] {0, 1}));
    assertThat(Calibrate.temperature(new Sigmoid(), scores, dev)).isCloseTo(3, within(0.15));
  }

  @Test
  void theThresholdHasTheHighestF1() {
    // Of answers 5, 3, 2 two are right, and one label is missed below: F1 = 4 / 6.
    float[][] scores = {{5, -4, -2}, {3, 2, -2}, {-1, -3, -2}};
    List<int[]> sets = List.of(new int[] {0}, new int[] {1}, new int[] {1});
    EncodedTexts dev = EncodedTexts.of(new int[3][0], new int[] {0, 1, 2}).withSets(sets);
    Thresholds.Best best = Thresholds.best(scores, dev);
    assertThat(best.score()).isCloseTo(0.5, within(1e-6));
    assertThat(best.f1()).isCloseTo(4 / 6.0, within(1e-6));
    assertThat(Thresholds.best(new float[0][], EncodedTexts.of(new int[0][], new int[0])).f1())
        .isZero();
  }

  @Test
  void comesAfterTheLastTraining() {
    assertThat(Method.whole(0.01, 4, 8).calibrated().steps())
        .endsWith(new Train(0.5), new Calibrate(), new Pack());
    assertThat(Method.online(0.9).calibrated().steps()).endsWith(new Train(0.5), new Calibrate());
  }
}
