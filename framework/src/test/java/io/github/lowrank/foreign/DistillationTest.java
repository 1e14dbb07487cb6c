package io.github.lowrank.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.Eval;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.FloatWeight;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import io.github.lowrank.train.Evaluation;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A table of full rank, in which rank 2 keeps little: enough to gain by training. */
class DistillationTest {
  private static final int WORDS = 80;
  private static final double REMOVED = 0.8;

  @TempDir static Path folder;
  private static Path model;

  private static List<String> texts(int count, long seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      for (int w = 0; w < 3 + random.nextInt(4); w++) {
        text.append("w").append(random.nextInt(WORDS)).append(' ');
      }
      texts.add(text.toString().strip());
    }
    return texts;
  }

  @BeforeAll
  static void write() throws IOException {
    List<String[]> words = new ArrayList<>();
    for (int i = 0; i < WORDS; i++) {
      words.add(new String[] {"w" + i});
    }
    Vocabulary vocabulary = Vocabulary.of(words);
    // Small numbers, so that steps of 1e-3 are large.
    float[] values = Eval.random(vocabulary.size() * 16, 1);
    for (int i = 0; i < values.length; i++) {
      values[i] *= 0.02f;
    }
    java.util.Arrays.fill(values, 0, 16, 0);
    Classifier classifier =
        Classifier.initial(
            new Dan(List.of(8), 0),
            new Softmax(),
            new Dense(new Matrix(vocabulary.size(), 16, values)),
            3,
            4);
    Map<String, Matrix> weights = classifier.matrices();
    weights.computeIfPresent("hidden0", (name, m) -> m.times(new Matrix(8, 8, identity(8, 100))));
    classifier =
        classifier.with(new Classifier.Numbers(classifier.table(), FloatWeight.all(weights)));
    model = folder.resolve("model");
    SavedModelWriter.write(
        new TextModel(
            classifier,
            Tokenizer.WORDS,
            vocabulary,
            List.of("a", "b", "c"),
            List.of(0.4, 0.3, 0.3),
            40),
        model);
  }

  private static float[] identity(int size, float scale) {
    float[] values = new float[size * size];
    for (int i = 0; i < size; i++) {
      values[i * size + i] = scale;
    }
    return values;
  }

  private static double distance(Path other, List<String> texts) throws IOException {
    double squares = 0;
    try (TextClassifier a = TextClassifier.load(model);
        TextClassifier b = TextClassifier.load(other)) {
      List<TextClassifier.Prediction> then = a.predict(texts);
      List<TextClassifier.Prediction> now = b.predict(texts);
      for (int i = 0; i < texts.size(); i++) {
        for (int c = 0; c < 3; c++) {
          double d = then.get(i).probabilities()[c] - now.get(i).probabilities()[c];
          squares += d * d;
        }
      }
    }
    return Math.sqrt(squares);
  }

  private static TrainingListener collecting(List<Evaluation> seen) {
    return new TrainingListener() {
      @Override
      public void evaluated(Evaluation evaluation, boolean best) {
        seen.add(evaluation);
      }
    };
  }

  private static ModelCompressor.Outcome retrain(Path out, int bits, TrainingListener listener)
      throws IOException {
    return retrain(out, bits, texts(400, 2), 300, listener);
  }

  private static ModelCompressor.Outcome retrain(
      Path out, int bits, List<String> texts, int steps, TrainingListener listener)
      throws IOException {
    return ModelCompressor.compress(
        model,
        CompressionRequest.of(REMOVED)
            .withBits(bits)
            .withRetraining(new CompressionRequest.Retraining(texts, steps, 1, listener)),
        out);
  }

  @Test
  void bringsTheOutputsNearerToThoseOfTheModel() throws IOException {
    List<Evaluation> seen = new ArrayList<>();
    TrainingListener listener = collecting(seen);
    Path plain = folder.resolve("plain");
    ModelCompressor.compress(model, ModelCompressor.AUTO, REMOVED, 32, plain);
    Path retrained = folder.resolve("retrained");
    ModelCompressor.Outcome outcome = retrain(retrained, 32, listener);
    // floor(0.2 * 81 * 16 / 97)
    assertThat(outcome.tables().get(0).rank()).isEqualTo(2);
    // Before the first step, then ten times.
    assertThat(seen.stream().map(Evaluation::step))
        .containsExactly(0L, 30L, 60L, 90L, 120L, 150L, 180L, 210L, 240L, 270L, 300L);
    assertThat(seen.get(0).dev()).containsOnlyKeys("relative difference");
    double first = seen.get(0).selected();
    double best = seen.stream().mapToDouble(Evaluation::selected).min().orElseThrow();
    assertThat(best).isPositive().isLessThan(0.9 * first);
    // On texts that it has not seen.
    List<String> fresh = texts(200, 3);
    assertThat(distance(retrained, fresh)).isLessThan(0.9 * distance(plain, fresh));
    // The same again, bit for bit.
    Path again = folder.resolve("again");
    retrain(again, 32, TrainingListener.NONE);
    assertThat(distance(again, fresh)).isEqualTo(distance(retrained, fresh));
  }

  @Test
  void codesKeepMostOfWhatRetrainingGained() throws IOException {
    Path plain = folder.resolve("plain-8bit");
    ModelCompressor.compress(model, ModelCompressor.AUTO, REMOVED, 8, plain);
    Path codes = folder.resolve("retrained-8bit");
    retrain(codes, 8, TrainingListener.NONE);
    List<String> fresh = texts(200, 3);
    assertThat(distance(codes, fresh)).isLessThan(0.9 * distance(plain, fresh));
  }

  /** The labels are what the whole model answers, so that agreement can be regained. */
  @Test
  void learnsLabels() throws IOException {
    List<String> texts = texts(1000, 4);
    List<String> labels;
    try (TextClassifier whole = TextClassifier.load(model)) {
      labels =
          whole.predict(texts).stream()
              .map(answer -> String.valueOf(whole.labels().indexOf(answer.label())))
              .toList();
    }
    List<Evaluation> seen = new ArrayList<>();
    TrainingListener listener = collecting(seen);
    Path out = folder.resolve("labelled");
    ModelCompressor.Outcome outcome =
        ModelCompressor.compress(
            model,
            CompressionRequest.of(REMOVED)
                .withRetraining(new CompressionRequest.Retraining(texts, labels, 300, 1, listener)),
            out);
    assertThat(seen.get(0).dev()).containsOnlyKeys("accuracy");
    double best = seen.stream().mapToDouble(Evaluation::selected).max().orElseThrow();
    assertThat(best).isGreaterThan(seen.get(0).selected() + 0.05);
    assertThat(outcome.notes())
        .singleElement()
        .asString()
        .matches(
            "embedding: accuracy on 100 held-out texts 0.* before training, 0.* after, 1.0000 with the whole table");
    assertThat(Files.readString(out.resolve("model-card.json")))
        .contains("\"labels\" : true", outcome.notes().get(0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a b c d | the model has 3 classes, expected their numbers 0 to 2 or 3 names, found 4 different labels: a, b, c, d",
        "a b | found 2 different labels: a, b",
        "0 3 | found 2 different labels: 0, 3",
        "1 | found 1 different labels: 1",
      })
  void labelsThatAreNoClassesAreRefused(String names, String message) {
    refuses(List.of(names.split(" ")), message);
  }

  /** Names in another order than the model's classes. */
  @Test
  void labelsOfOtherClassesAreRefused() throws IOException {
    List<String> wrong = new ArrayList<>();
    try (TextClassifier whole = TextClassifier.load(model)) {
      for (TextClassifier.Prediction answer : whole.predict(texts(100, 4))) {
        wrong.add(String.valueOf((whole.labels().indexOf(answer.label()) + 1) % 3));
      }
    }
    refuses(wrong, "the labels do not fit the model: it gives only 0.0 % of the held-out texts");
  }

  private static void refuses(List<String> cycle, String message) {
    Path out = folder.resolve("refused");
    List<String> texts = texts(100, 4);
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      labels.add(cycle.get(i % cycle.size()));
    }
    assertThatThrownBy(
            () ->
                ModelCompressor.compress(
                    model,
                    CompressionRequest.of(REMOVED)
                        .withRetraining(
                            new CompressionRequest.Retraining(
                                texts, labels, 10, 1, TrainingListener.NONE)),
                    out))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
    assertThat(out).doesNotExist();
  }

  @Test
  void tooFewTextsAreRefused() {
    Path out = folder.resolve("few");
    assertThatThrownBy(() -> retrain(out, 32, texts(9, 1), 10, TrainingListener.NONE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot retrain on 9 texts: expected at least 10");
    assertThat(out).doesNotExist();
  }
}
