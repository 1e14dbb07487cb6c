package io.github.lowrank.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.train.Classification;
import io.github.lowrank.train.Predictor;
import io.github.lowrank.train.TrainingConfig;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;

class SigmoidTest {
  private static final float[][] SCORES = {{2, -1, 0.5f}, {-30, 40, 0}};
  private static final float[][] TARGETS = {{1, 0, 1}, {0, 1, 0.25f}};

  private static double loss(double z, double y) {
    return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y * z;
  }

  @Test
  void lossAndGradientAreThoseOfTheEquation() {
    List<float[]> found =
        Eval.floats(
            b -> {
              Operand<TFloat32> scores = b.tf.constant(SCORES);
              Operand<TFloat32> losses = new Sigmoid().losses(b.tf, scores, b.tf.constant(TARGETS));
              Gradients gradients =
                  b.tf.gradients(b.tf.reduceSum(losses, b.tf.constant(0)), List.of(scores));
              return List.of(losses, gradients.dy(0));
            });
    for (int i = 0; i < 2; i++) {
      double sum = 0;
      for (int c = 0; c < 3; c++) {
        sum += loss(SCORES[i][c], TARGETS[i][c]);
        double gradient = 1 / (1 + Math.exp(-SCORES[i][c])) - TARGETS[i][c];
        assertThat((double) found.get(1)[3 * i + c]).isCloseTo(gradient, within(1e-6));
      }
      assertThat((double) found.get(0)[i]).isCloseTo(sum, within(1e-5));
    }
    double expected = loss(2, 1) + loss(-1, 0) + loss(0.5, 1);
    assertThat(new Sigmoid().crossEntropy(SCORES[0], new int[] {0, 2}, 1, 0))
        .isCloseTo(expected, within(1e-9));
    assertThat(new Sigmoid().crossEntropy(SCORES[0], new int[] {0, 2, -1}, 2, 0.1))
        .isCloseTo(loss(1, 0.9) + loss(-0.5, 0.1) + loss(0.25, 0.9), within(1e-9));
  }

  /** Word i says label i; any number of them, also none. */
  private static EncodedTexts texts() {
    int[][] ids = {{1}, {2}, {3}, {1, 2}, {2, 3}, {1, 2, 3}, {4}, {4, 3}};
    List<int[]> sets =
        List.of(
            new int[] {0},
            new int[] {1},
            new int[] {2},
            new int[] {0, 1},
            new int[] {1, 2},
            new int[] {0, 1, 2},
            new int[0]);
    return EncodedTexts.of(ids, new int[] {0, 1, 2, 3, 4, 5, 6, 2}).withSets(sets);
  }

  @Test
  void everyLabelIsLearnedByItself() throws IOException {
    Classifier initial =
        Classifier.initial(
            new Dan(List.of(8), 0),
            new Sigmoid(),
            new Dense(new Matrix(5, 4, Eval.random(20, 1))),
            3,
            1);
    Classifier trained =
        Classification.train(
                initial,
                texts(),
                texts(),
                new TrainingConfig(Optimizer.adam(), Schedule.constant(0.02), 300, 4, 50, 0, 1),
                TrainingListener.NONE,
                Optional.empty())
            .best();
    float[][] scores = Predictor.scores(trained, texts());
    int right = 0;
    for (int i = 0; i < scores.length; i++) {
      for (int c = 0; c < 3; c++) {
        right += scores[i][c] > 0 == texts().has(i, c) ? 1 : 0;
      }
    }
    assertThat(right).isGreaterThanOrEqualTo(22);
    assertThat(Predictor.accuracy(Predictor.classes(scores), texts())).isEqualTo(7 / 8.0);
  }

  @Test
  void refusesNonsense() {
    assertThatThrownBy(() -> new Sigmoid(1.5)).hasMessageContaining("but is 1.5");
    Classifier softmax =
        Classifier.initial(
            new Dan(List.of(8), 0), new Softmax(), new Dense(Matrix.zeros(5, 4)), 3, 1);
    assertThatThrownBy(
            () ->
                Classification.train(
                    softmax,
                    texts(),
                    texts(),
                    new TrainingConfig(Optimizer.adam(), Schedule.constant(0.02), 1, 4, 1, 0, 1),
                    TrainingListener.NONE,
                    Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a head such as sigmoid, but there is softmax");
  }
}
