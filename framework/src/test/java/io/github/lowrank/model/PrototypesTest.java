package io.github.lowrank.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.FloatWeight;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.train.Classification;
import io.github.lowrank.train.Episodes;
import io.github.lowrank.train.Predictor;
import io.github.lowrank.train.TrainingConfig;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;

class PrototypesTest {
  private static final int BATCH = 3;
  private static final int N = 4;
  private static final int CLASSES = 2;

  static List<Distance> distances() {
    return List.of(new Euclidean(), new Lorentz(), new Sphere());
  }

  /** The definition, in doubles. */
  private static double squared(Distance distance, double[] z, float[] mean) {
    if (distance instanceof Euclidean) {
      return IntStream.range(0, N).mapToDouble(i -> Math.pow(z[i] - mean[i], 2)).sum();
    }
    if (distance instanceof Sphere) {
      double dot = 0;
      double ours = 0;
      double theirs = 0;
      for (int i = 0; i < N; i++) {
        dot += z[i] * mean[i];
        ours += z[i] * z[i];
        theirs += (double) mean[i] * mean[i];
      }
      return 2 - 2 * dot / Math.sqrt(ours * theirs);
    }
    double length = (double) mean[0] * mean[0];
    double product =
        -mean[0] * Math.sqrt(1 + IntStream.range(0, N).mapToDouble(i -> z[i] * z[i]).sum());
    for (int i = 0; i < N; i++) {
      length -= (double) mean[i + 1] * mean[i + 1];
      product += z[i] * mean[i + 1];
    }
    double t = Math.max(1, -product / Math.sqrt(length));
    return Math.pow(Math.log(t + Math.sqrt(t * t - 1)), 2);
  }

  private static float[] mean(Distance distance, float[]... vectors) {
    float[] sum = new float[distance.width(N)];
    for (float[] vector : vectors) {
      float[] point = distance.lift(vector);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += point[i] / vectors.length;
      }
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("distances")
  void distanceAndGradientAreThoseOfTheDefinition(Distance distance) {
    for (float size : new float[] {0.01f, 1, 6}) {
      float[] numbers = Eval.random(5 * N, 1);
      float[][] all = new float[5][N];
      for (int i = 0; i < numbers.length; i++) {
        all[i / N][i % N] = size * numbers[i];
      }
      float[][] z = {all[0], all[1], all[2]};
      float[][] means = {mean(distance, all[3], all[4]), mean(distance, all[4], all[0], all[1])};
      List<float[]> found =
          Eval.floats(
              b -> {
                Operand<TFloat32> vectors = b.tf.constant(z);
                Operand<TFloat32> d = distance.squared(b.tf, vectors, b.tf.constant(means));
                Gradients gradients =
                    b.tf.gradients(b.tf.reduceSum(d, b.tf.array(0, 1)), List.of(vectors));
                return List.of(d, gradients.dy(0), distance.lifted(b.tf, vectors));
              });
      double h = 1e-5 * size;
      for (int i = 0; i < BATCH; i++) {
        for (int c = 0; c < CLASSES; c++) {
          double[] exact = doubles(z[i]);
          double expected = squared(distance, exact, means[c]);
          assertThat((double) found.get(0)[i * CLASSES + c])
              .isCloseTo(expected, within(1e-5 * size * size + 1e-4 * expected));
        }
        for (int j = 0; j < N; j++) {
          double[] up = doubles(z[i]);
          double[] down = doubles(z[i]);
          up[j] += h;
          down[j] -= h;
          double slope = 0;
          for (float[] m : means) {
            slope += (squared(distance, up, m) - squared(distance, down, m)) / (2 * h);
          }
          assertThat((double) found.get(1)[i * N + j])
              .isCloseTo(slope, within(1e-3 * (size + Math.abs(slope))));
        }
        int width = distance.width(N);
        float[] lifted = Arrays.copyOfRange(found.get(2), i * width, (i + 1) * width);
        assertThat(lifted).containsExactly(distance.lift(z[i]), within(1e-5f));
      }
    }
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  /** The authors' clamp has no gradient there. */
  @ParameterizedTest
  @MethodSource("distances")
  void closeToAPrototypeTheGradientStaysFiniteAndPointsThere(Distance distance) {
    float[] prototype = {0.3f, -1, 2, 0.5f};
    float[][] near = {prototype, prototype.clone()};
    near[1][2] += 1e-3f;
    List<float[]> found =
        Eval.floats(
            b -> {
              Operand<TFloat32> vectors = b.tf.constant(near);
              Operand<TFloat32> means = b.tf.constant(new float[][] {mean(distance, prototype)});
              Operand<TFloat32> d = distance.squared(b.tf, vectors, means);
              Gradients gradients =
                  b.tf.gradients(b.tf.reduceSum(d, b.tf.array(0, 1)), List.of(vectors));
              return List.of(d, gradients.dy(0));
            });
    assertThat(found.get(0)[0]).isCloseTo(0, within(1e-6f));
    for (int j = 0; j < N; j++) {
      assertThat(found.get(1)[j]).isCloseTo(0, within(1e-5f));
    }
    assertThat(found.get(1)[N + 2]).isBetween(5e-5f, 3e-3f);
  }

  /**
   * Twelve classes, of which the first eight are trained on. Three dimensions say the class, the
   * other nine are noise, which the encoder learns to take away: so it helps classes that it has
   * not seen.
   */
  private static final class Topics {
    private static final int WORDS = 40; // of each class
    private static final int SAID = 3;
    private static final int ALL = 12;
    private final Matrix table = Matrix.zeros(1 + ALL * WORDS, ALL);
    private final EncodedTexts seen;
    private final EncodedTexts seenDev;
    private final EncodedTexts fewOfNew;
    private final EncodedTexts manyOfNew;

    private Topics() {
      Random random = new Random(5);
      for (int c = 0; c < ALL; c++) {
        double[] topic = random.doubles(SAID, -1, 1).toArray();
        for (int w = 0; w < WORDS; w++) {
          for (int j = 0; j < ALL; j++) {
            table.values()[(1 + c * WORDS + w) * ALL + j] =
                (float)
                    (j < SAID ? topic[j] + 0.3 * random.nextGaussian() : 2 * random.nextGaussian());
          }
        }
      }
      seen = texts(random, 0, 8, 40);
      seenDev = texts(random, 0, 8, 20);
      fewOfNew = texts(random, 8, 12, 5);
      manyOfNew = texts(random, 8, 12, 100);
    }

    private static EncodedTexts texts(Random random, int first, int end, int each) {
      int[][] ids = new int[(end - first) * each][];
      int[] labels = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        int c = first + i % (end - first);
        labels[i] = c - first;
        ids[i] = random.ints(3, 1 + c * WORDS, 1 + (c + 1) * WORDS).toArray();
      }
      return EncodedTexts.of(ids, labels);
    }
  }

  private static double accuracy(Classifier classifier, Topics topics) {
    Classifier ofNew =
        Classification.withState(
            new Classifier(
                classifier.encoder(),
                classifier.head(),
                classifier.table(),
                withState(classifier, 4),
                4),
            topics.fewOfNew);
    int[] found = Predictor.classes(ofNew, topics.manyOfNew);
    return Predictor.accuracy(found, topics.manyOfNew);
  }

  private static Map<String, Weight> withState(Classifier classifier, int classes) {
    Map<String, Weight> weights = new LinkedHashMap<>(classifier.weights());
    weights.putAll(FloatWeight.all(classifier.head().initialState(classifier.width(), classes)));
    return weights;
  }

  private static Classifier trained(Topics topics, Prototypes head) throws IOException {
    return Episodes.train(
            Classifier.initial(new Residual(64, 0), head, new Dense(topics.table), 8, 1),
            topics.seen,
            topics.seenDev,
            new Episodes.Size(5, 3, 30),
            new TrainingConfig(Optimizer.adam(), Schedule.constant(3e-3), 400, 1, 100, 0, 1),
            TrainingListener.NONE,
            Optional.empty())
        .best();
  }

  @ParameterizedTest
  @MethodSource("distances")
  void episodesHelpClassesThatTheyHaveNotSeen(Distance distance) throws IOException {
    Topics topics = new Topics();
    Prototypes head = new Prototypes(distance, 1);
    Classifier raw = Classifier.initial(new Residual(64, 0), head, new Dense(topics.table), 8, 1);
    assertThat(accuracy(trained(topics, head), topics)).isGreaterThan(accuracy(raw, topics) + 0.1);
  }

  @Test
  void theEncoderStartsAsTheMeanOfTheWordVectors() {
    Topics topics = new Topics();
    Classifier raw =
        Classifier.initial(
            new Residual(8, 0), new Prototypes(new Euclidean(), 1), new Dense(topics.table), 4, 1);
    float[] found = Predictor.vectors(raw, EncodedTexts.of(new int[][] {{2, 5}}, new int[] {0}))[0];
    for (int j = 0; j < found.length; j++) {
      assertThat(found[j])
          .isCloseTo((topics.table.get(2, j) + topics.table.get(5, j)) / 2, within(1e-6f));
    }
  }

  /** A class without texts never wins, so whoever was right stays right. */
  @ParameterizedTest
  @MethodSource("distances")
  void withoutSomeClassesTheOthersAreFoundNoLess(Distance distance) {
    Topics topics = new Topics();
    Classifier all =
        Classification.withState(
            Classifier.initial(
                new Residual(8, 0), new Prototypes(distance, 1), new Dense(topics.table), 8, 1),
            topics.seen);
    EncodedTexts kept = topics.seen.part(i -> topics.seen.labels()[i] >= 3);
    Classifier fewer = Classification.withState(all, kept);
    int[] before = Predictor.classes(all, kept);
    int[] after = Predictor.classes(fewer, kept);
    for (int i = 0; i < kept.size(); i++) {
      assertThat(after[i]).isGreaterThanOrEqualTo(3);
      if (before[i] == kept.labels()[i]) {
        assertThat(after[i]).isEqualTo(before[i]);
      }
    }
    assertThat(Predictor.accuracy(after, kept)).isGreaterThan(Predictor.accuracy(before, kept));
  }

  @Test
  void refusesNonsense() {
    assertThatThrownBy(() -> new Prototypes(new Lorentz(), 0)).hasMessageContaining("but is 0.0");
    assertThatThrownBy(() -> new Residual(0, 0)).hasMessageContaining("but has 0");
    assertThatThrownBy(() -> new Episodes.Size(1, 1, 1)).hasMessageContaining("1, 1, 1");
    Topics topics = new Topics();
    Prototypes head = new Prototypes(new Euclidean(), 1);
    assertThatThrownBy(
            () ->
                Episodes.train(
                    Classifier.initial(new Residual(4, 0), head, new Dense(topics.table), 8, 1),
                    topics.seen,
                    topics.seenDev,
                    new Episodes.Size(5, 40, 5),
                    new TrainingConfig(Optimizer.adam(), Schedule.constant(1), 1, 1, 1, 0, 1),
                    TrainingListener.NONE,
                    Optional.empty()))
        .hasMessageContaining("more than 40 texts, but there are 0");
    assertThatThrownBy(
            () ->
                Episodes.train(
                    Classifier.initial(
                        new Residual(4, 0), new Softmax(), new Dense(topics.table), 8, 1),
                    topics.seen,
                    topics.seenDev,
                    new Episodes.Size(5, 4, 5),
                    new TrainingConfig(Optimizer.adam(), Schedule.constant(1), 1, 1, 1, 0, 1),
                    TrainingListener.NONE,
                    Optional.empty()))
        .hasMessageContaining("but there is softmax");
  }
}
