package io.github.lowrank.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.model.Classifier;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.text.EncodedTexts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A teacher that contradicts the labels is heard, and counts half. */
class DistilledTrainingTest {
  private static final EncodedTexts TRAIN = Toy.texts(600, 1);
  private static final EncodedTexts DEV = Toy.texts(200, 2);

  @TempDir Path folder;

  private static TrainingConfig config(long steps) {
    return new TrainingConfig(Optimizer.adam(), Schedule.constant(0.01), steps, 20, 20, 0, 7);
  }

  private static Classifier trained(
      EncodedTexts train, Optional<Classifier> teacher, Optional<Checkpointing> checkpointing)
      throws IOException {
    return Classification.train(
            Toy.classifier(Toy.dense()),
            train,
            DEV,
            teacher.map(t -> Predictor.scores(t, train)),
            config(300),
            TrainingListener.NONE,
            checkpointing)
        .best();
  }

  /** {@link #TRAIN} with every label moved to the next class. */
  private static EncodedTexts moved() {
    int[][] ids = new int[TRAIN.size()][];
    int[] labels = TRAIN.labels().clone();
    for (int i = 0; i < ids.length; i++) {
      ids[i] = TRAIN.padded(new int[] {i});
      labels[i] = (labels[i] + 1) % Toy.CLASSES;
    }
    return EncodedTexts.of(ids, labels);
  }

  private static double mean(Classifier classifier, int shift) {
    float[][] scores = Predictor.scores(classifier, TRAIN);
    int[] labels = TRAIN.labels().clone();
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      double all = 0;
      for (float s : scores[i]) {
        all += Math.exp(s);
      }
      sum += Math.exp(scores[i][(labels[i] + shift) % Toy.CLASSES]) / all;
    }
    return sum / scores.length;
  }

  @Test
  void theStudentLearnsFromLabelsAndTeacher() throws IOException {
    Classifier teacher = trained(TRAIN, Optional.empty(), Optional.empty());
    Classifier alone = trained(moved(), Optional.empty(), Optional.empty());
    Classifier taught = trained(moved(), Optional.of(teacher), Optional.empty());
    // Probability of what the teacher says, and of what the labels say.
    assertThat(mean(alone, 0)).isLessThan(0.4);
    assertThat(mean(taught, 0)).isGreaterThan(mean(alone, 0) + 0.1);
  }

  @Test
  void textsWithoutALabelAreLearnedFromTheTeacher() throws IOException {
    Classifier teacher = trained(TRAIN, Optional.empty(), Optional.empty());
    int[] none = new int[TRAIN.size()];
    Arrays.fill(none, -1);
    int[][] ids = new int[TRAIN.size()][];
    Arrays.setAll(ids, TRAIN::ids);
    EncodedTexts unlabelled = EncodedTexts.of(ids, none);
    Classifier pupil = trained(unlabelled, Optional.of(teacher), Optional.empty());
    assertThat(mean(pupil, 0)).isGreaterThan(0.8 * mean(teacher, 0));
    // Labels that contradict the teacher are half of a labelled text's loss, and none of another's.
    Classifier some = trained(moved().and(unlabelled), Optional.of(teacher), Optional.empty());
    Classifier labelled = trained(moved(), Optional.of(teacher), Optional.empty());
    assertThat(mean(some, 0)).isGreaterThan(mean(labelled, 0) + 0.05);
    assertThatThrownBy(() -> trained(unlabelled, Optional.empty(), Optional.empty()))
        .hasMessageContaining("teacher");
  }

  @Test
  void isRepeatable() throws IOException {
    Classifier teacher = trained(TRAIN, Optional.empty(), Optional.empty());
    Classifier once = trained(TRAIN, Optional.of(teacher), Optional.empty());
    Classifier again =
        trained(
            TRAIN,
            Optional.of(teacher),
            Optional.of(Checkpointing.in(folder.resolve("checkpoint"))));
    assertThat(again.table().toMatrix().values()).isEqualTo(once.table().toMatrix().values());
    assertThat(Arrays.deepToString(Predictor.scores(again, DEV)))
        .isEqualTo(Arrays.deepToString(Predictor.scores(once, DEV)));
  }
}
