package io.github.lowrank.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.text.EncodedTexts;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassWeightsTest {
  /** Texts that say nothing of their class: the best answer is the class's share of the loss. */
  @ParameterizedTest
  @CsvSource({"0, 0.8, 0.15, 0.05", "0.5, 0.594, 0.257, 0.149", "0.8, 0.437, 0.312, 0.251"})
  void classesCountAsTheBalanceSays(double balance, double first, double second, double third)
      throws IOException {
    int[][] ids = new int[400][];
    int[] labels = new int[400];
    for (int i = 0; i < 400; i++) {
      ids[i] = new int[] {1};
      labels[i] = i % 20 < 16 ? 0 : i % 20 < 19 ? 1 : 2;
    }
    EncodedTexts texts = EncodedTexts.of(ids, labels);
    Classifier initial = answersOtherThanTheFirst(balance, texts);
    TrainingConfig config =
        new TrainingConfig(Optimizer.adam(), Schedule.linear(0.02, 0, 400), 400, 400, 400, 0, 7);
    Classifier trained =
        Classification.train(
                initial,
                texts,
                texts.part(i -> i < 1),
                config,
                TrainingListener.NONE,
                Optional.empty())
            .best();
    float[] scores = Predictor.scores(trained, texts)[0];
    double all = 0;
    for (float score : scores) {
      all += Math.exp(score);
    }
    double[] found = new double[3];
    for (int c = 0; c < 3; c++) {
      found[c] = Math.exp(scores[c]) / all;
    }
    assertThat(found[0]).as(Arrays.toString(found)).isCloseTo(first, within(0.02));
    assertThat(found[1]).isCloseTo(second, within(0.02));
    assertThat(found[2]).isCloseTo(third, within(0.02));
  }

  /** So that what was trained, and nothing else, is the best on a dev of the first class. */
  private static Classifier answersOtherThanTheFirst(double balance, EncodedTexts texts) {
    for (int seed = 1; ; seed++) {
      Classifier initial =
          Classifier.initial(new Dan(List.of(8), 0), new Softmax(balance), Toy.dense(), 3, seed);
      if (Predictor.classes(initial, texts)[0] != 0) {
        return initial;
      }
    }
  }

  @Test
  void weightsAreThoseOfScikitLearn() {
    // compute_class_weight("balanced", ...) of 6, 3 and 1 texts: 10 / (3 n).
    assertThat(new Softmax(1).classWeights(new int[] {6, 3, 1}))
        .containsExactly(10 / 18f, 10 / 9f, 10 / 3f);
    assertThat(new Softmax().classWeights(new int[] {6, 3, 1})).containsOnly(1f);
  }
}
