package io.github.lowrank.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.train.SentenceDistillation.Taught;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SentenceDistillationTest {
  private static final int D = 10;

  /** Texts with a known word, one of unknown words, and one without words. */
  private static final int[][] IDS = {{1, 2, 2, 5}, {3}, {0, 4, 1, 0}, {0, 0}, {}};

  private static Taught taught(int[][] ids, long seed) {
    Matrix vectors = new Matrix(ids.length, D, Eval.random(ids.length * D, seed));
    return new Taught(EncodedTexts.of(ids, new int[ids.length]), vectors.unitRows());
  }

  private static TrainingConfig config(Optimizer optimizer, double rate, long steps, int batch) {
    return new TrainingConfig(
        optimizer, Schedule.constant(rate), steps, batch, (int) Math.min(20, steps), 0, 7);
  }

  /** Mean of 1 - cos over all texts, of a table {@code W_a W_b}, in plain Java. */
  private static double loss(double[] wa, double[] wb, Taught taught) {
    int k = wb.length / D;
    double sum = 0;
    for (int text = 0; text < taught.texts().size(); text++) {
      double[] mean = new double[D];
      for (int row : taught.texts().ids(text)) {
        for (int i = 0; i < k && row > 0; i++) {
          for (int j = 0; j < D; j++) {
            mean[j] += wa[row * k + i] * wb[i * D + j]; // a cosine needs no division
          }
        }
      }
      double product = 0;
      double squares = 0;
      for (int j = 0; j < D; j++) {
        product += mean[j] * taught.vectors().get(text, j);
        squares += mean[j] * mean[j];
      }
      sum += 1 - (squares == 0 ? 0 : product / Math.sqrt(squares));
    }
    return sum / taught.texts().size();
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  /** {@code values} after one step of gradient descent by central differences. */
  private static double[] step(double[] wa, double[] wb, boolean left, double rate, Taught taught) {
    double[] values = left ? wa : wb;
    double[] next = values.clone();
    for (int i = 0; i < values.length; i++) {
      double here = values[i];
      values[i] = here + 1e-5;
      double up = loss(wa, wb, taught);
      values[i] = here - 1e-5;
      double down = loss(wa, wb, taught);
      values[i] = here;
      next[i] -= rate * (up - down) / 2e-5;
    }
    return next;
  }

  @Test
  void lossAndGradientAreThoseOfPlainJava() throws IOException {
    LowRank initial = Toy.lowRank();
    double[] wa = doubles(initial.wa().toMatrix().values());
    double[] wb = doubles(initial.wb().toMatrix().values());
    Taught taught = taught(IDS, 3);
    TrainingResult<EmbeddingTable> result =
        SentenceDistillation.train(
            initial, taught, taught, config(Optimizer.sgd(), 0.1, 1, 10), TrainingListener.NONE);
    double loss = loss(wa, wb, taught);
    assertThat(result.history().get(1).loss()).isCloseTo(loss, within(1e-5));
    // A text without a known word has the cosine 0 on dev, too.
    assertThat(result.history().get(0).selected()).isCloseTo(1 - loss, within(1e-5));
    assertThat(result.bestStep()).isEqualTo(1);
    LowRank learned = (LowRank) result.best();
    double[][] expected = {step(wa, wb, true, 0.1, taught), step(wa, wb, false, 0.1, taught)};
    assertThat(doubles(learned.wa().toMatrix().values()))
        .containsExactly(expected[0], within(1e-5));
    assertThat(doubles(learned.wb().toMatrix().values()))
        .containsExactly(expected[1], within(1e-5));
  }

  /** Texts over half of the words, whose encoder is itself a sum over words. */
  private static Taught sums(int count, long seed) {
    Matrix truth = new Matrix(Toy.WORDS, D, Eval.random(Toy.WORDS * D, 11));
    Random random = new Random(seed);
    int[][] ids = new int[count][];
    float[] vectors = new float[count * D];
    for (int i = 0; i < count; i++) {
      ids[i] = new int[2 + random.nextInt(6)];
      for (int w = 0; w < ids[i].length; w++) {
        ids[i][w] = 1 + random.nextInt(Toy.WORDS / 2);
        for (int j = 0; j < D; j++) {
          vectors[i * D + j] += truth.get(ids[i][w], j);
        }
      }
    }
    return new Taught(
        EncodedTexts.of(ids, new int[count]), new Matrix(count, D, vectors).unitRows());
  }

  private static TrainingResult<EmbeddingTable> learned(EmbeddingTable initial) throws IOException {
    return SentenceDistillation.train(
        initial,
        sums(400, 1),
        sums(100, 2),
        config(Optimizer.adam(), 0.03, 400, 20),
        TrainingListener.NONE);
  }

  @Test
  void learnsWhatIsASumOverWords() throws IOException {
    TrainingResult<EmbeddingTable> dense = learned(Toy.dense());
    assertThat(dense.history().get(0).selected()).isLessThan(0.5);
    assertThat(dense.metric()).isGreaterThan(0.98);
    int last = dense.history().size() - 1;
    assertThat(dense.history().get(last).loss()).isLessThan(dense.history().get(1).loss() / 10);
    // Rank 4 of 10 knows less, but most.
    assertThat(learned(Toy.lowRank()).metric()).isBetween(0.6, 0.95);
  }

  @Test
  void wordsOfNoTextFollowTheProjection() throws IOException {
    LowRank initial = Toy.lowRank();
    LowRank learned = (LowRank) learned(initial).best();
    for (int row : new int[] {0, Toy.WORDS / 2 + 1, Toy.WORDS - 1}) {
      assertThat(learned.wa().toMatrix().row(row)).isEqualTo(initial.wa().toMatrix().row(row));
    }
    assertThat(learned.wa().toMatrix().row(1)).isNotEqualTo(initial.wa().toMatrix().row(1));
    assertThat(learned.wb()).isNotEqualTo(initial.wb());
    Dense dense = (Dense) learned(Toy.dense()).best();
    assertThat(dense.values().row(Toy.WORDS - 1))
        .isEqualTo(Toy.dense().values().row(Toy.WORDS - 1));
  }

  @Test
  void isRepeatable() throws IOException {
    assertThat(learned(Toy.lowRank()).best().toMatrix().values())
        .isEqualTo(learned(Toy.lowRank()).best().toMatrix().values());
  }

  @Test
  void withoutDevTheStartStays() throws IOException {
    LowRank initial = Toy.lowRank();
    assertThat(
            SentenceDistillation.train(
                    initial,
                    taught(IDS, 3),
                    taught(new int[0][], 3),
                    config(Optimizer.adam(), 0.1, 5, 10),
                    TrainingListener.NONE)
                .best())
        .isSameAs(initial);
    assertThatThrownBy(
            () ->
                SentenceDistillation.train(
                    initial,
                    taught(new int[0][], 3),
                    taught(IDS, 3),
                    config(Optimizer.adam(), 0.1, 5, 10),
                    TrainingListener.NONE))
        .hasMessage("there is no text to train on");
    assertThatThrownBy(() -> new Taught(EncodedTexts.of(IDS, new int[5]), Matrix.zeros(4, D)))
        .hasMessage("5 texts, but 4 vectors");
  }
}
