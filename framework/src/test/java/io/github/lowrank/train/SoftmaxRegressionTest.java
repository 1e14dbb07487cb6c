package io.github.lowrank.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.linalg.Matrix;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SoftmaxRegressionTest {
  private static final int TEXTS = 300;
  private static final int N = 20;
  private static final int CLASSES = 3;

  /** Unit vectors near a direction of their class. */
  private static Matrix vectors(int[] labels) {
    Random random = new Random(1);
    float[] values = new float[TEXTS * N];
    for (int i = 0; i < TEXTS; i++) {
      double squares = 0;
      for (int j = 0; j < N; j++) {
        double x = 0.5 * random.nextGaussian() + (j == labels[i] ? 2 : 0);
        values[i * N + j] = (float) x;
        squares += x * x;
      }
      for (int j = 0; j < N; j++) {
        values[i * N + j] /= (float) Math.sqrt(squares);
      }
    }
    return new Matrix(TEXTS, N, values);
  }

  private static double accuracy(float[][] scores, int[] labels) {
    return Predictor.accuracy(Predictor.classes(scores), labels);
  }

  @Test
  void learnsWhatIsThereAndNothingElse() throws IOException {
    int[] labels = IntStream.range(0, TEXTS).map(i -> i % CLASSES).toArray();
    Matrix vectors = vectors(labels);
    float[][] scores =
        SoftmaxRegression.crossFitted(vectors, labels, new int[0], CLASSES, 5, 1, fold -> {});
    assertThat(accuracy(scores, labels)).isGreaterThan(0.97);
    // A regression that had seen a text would know its random label better than one in three.
    int[] noise = new Random(2).ints(TEXTS, 0, CLASSES).toArray();
    int[] all = IntStream.range(0, TEXTS).toArray();
    SoftmaxRegression.Numbers seen = SoftmaxRegression.train(vectors, noise, all, CLASSES, 1);
    float[][] known =
        IntStream.of(all).mapToObj(i -> seen.scores(vectors.row(i))).toArray(float[][]::new);
    float[][] unseen =
        SoftmaxRegression.crossFitted(vectors, noise, new int[0], CLASSES, 5, 1, fold -> {});
    assertThat(accuracy(known, noise)).isGreaterThan(0.45);
    assertThat(accuracy(unseen, noise)).isLessThan(0.43);
  }

  @Test
  void aPartOfATextIsLabelledAsUnseenAsTheText() throws IOException {
    int[] noise = new Random(2).ints(TEXTS, 0, CLASSES).toArray();
    Matrix vectors = vectors(noise);
    // Every text once more, as a part of itself, and then of no text.
    Matrix both = vectors.above(vectors).above(vectors);
    int[] parts = IntStream.range(0, 2 * TEXTS).map(i -> i < TEXTS ? i : -1).toArray();
    float[][] scores = SoftmaxRegression.crossFitted(both, noise, parts, CLASSES, 5, 1, fold -> {});
    for (int i = 0; i < TEXTS; i++) {
      assertThat(scores[TEXTS + i]).isEqualTo(scores[i]);
      assertThat(scores[2 * TEXTS + i]).isNotEqualTo(scores[i]);
    }
  }

  @Test
  void isRepeatable() throws IOException {
    int[] labels = IntStream.range(0, TEXTS).map(i -> i % CLASSES).toArray();
    Matrix vectors = vectors(labels);
    int[] all = IntStream.range(0, TEXTS).toArray();
    assertThat(
            Arrays.toString(
                SoftmaxRegression.train(vectors, labels, all, CLASSES, 1).weights().values()))
        .isEqualTo(
            Arrays.toString(
                SoftmaxRegression.train(vectors, labels, all, CLASSES, 1).weights().values()));
  }
}
