package io.github.lowrank.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.Rank;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dropout;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.model.WordLayer;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.text.TextEncoder;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import io.github.lowrank.text.WordVectors;
import io.github.lowrank.train.Classification;
import io.github.lowrank.train.TrainingConfig;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Compiles and runs the Java code that README shows: what stands between the markers here. */
class ReadmeTest {
  private static final String HERE = "src/test/java/io/github/lowrank/experiments/ReadmeTest.java";

  @TempDir Path folder;

  // README: encoder
  /** The mean of the word vectors; with the softmax head, fastText's architecture. */
  @JsonTypeName("mean")
  record Mean() implements Encoder {
    @Override
    public String name() {
      return "mean";
    }

    @Override
    public int width(int dimension) {
      return dimension;
    }

    @Override
    public Map<String, Matrix> initialWeights(int dimension, Random random) {
      return Map.of();
    }

    @Override
    public Operand<TFloat32> encode(
        Ops tf,
        WordLayer words,
        Map<String, Operand<TFloat32>> weights,
        Operand<TInt32> ids,
        Dropout dropout) {
      return words.embedding().bag(tf, ids, Encoder.mean(tf, Encoder.mask(tf, ids)));
    }

    @Override
    public boolean pools() {
      return true;
    }

    @Override
    public long multiplyAdds(Map<String, Matrix> weights, int tokens) {
      return 0;
    }
  }

  // README: end

  // README: train
  static void train(List<String> texts, int[] labels, Path out) throws IOException {
    List<String[]> words = TextEncoder.tokenize(Tokenizer.WORDS, texts);
    Vocabulary vocabulary = Vocabulary.of(words);
    EncodedTexts data = TextEncoder.encode(words, labels, vocabulary, 40);
    EncodedTexts dev = data.part(i -> i % 10 == 0);
    EncodedTexts train = data.part(i -> i % 10 != 0);
    Matrix vectors = WordVectors.none(100).table(vocabulary, 1).values();

    Classifier start = Classifier.initial(new Mean(), new Softmax(), new Dense(vectors), 2, 1);
    Classifier full = fit(start, train, dev);
    TruncatedSvd svd =
        TruncatedSvd.of(full.table().toMatrix(), Rank.of(vectors.rows(), vectors.columns(), 0.9));
    Classifier small =
        fit(full.withTable(LowRank.of(svd.factors(TruncatedSvd.Split.BALANCED))), train, dev);
    List<Double> prior = List.of(0.5, 0.5); // answer for a text without a known word
    SavedModelWriter.write(
        new TextModel(small, Tokenizer.WORDS, vocabulary, List.of("bad", "good"), prior, 40), out);
  }

  static Classifier fit(Classifier from, EncodedTexts train, EncodedTexts dev) throws IOException {
    Schedule schedule = Schedule.oneCycle(1e-2, 200, 0.3);
    TrainingConfig config = new TrainingConfig(Optimizer.adam(), schedule, 200, 50, 20, 0, 1);
    return Classification.train(from, train, dev, config, TrainingListener.NONE, Optional.empty())
        .best();
  }

  // README: end

  private String answer(Path model, String text) throws IOException {
    String label;
    // README: predict
    try (TextClassifier classifier =
        TextClassifier.load(model)) { // any number of threads may predict
      label = classifier.predict(List.of(text)).get(0).label();
    }
    // README: end
    return label;
  }

  @Test
  void theCodeOfReadmeTrainsAndPredicts() throws IOException {
    Random random = new Random(2);
    List<String> texts = new ArrayList<>();
    int[] labels = new int[400];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = random.nextInt(2);
      texts.add(
          (labels[i] == 0 ? "dull boring " : "gripping funny ")
              + "film number "
              + random.nextInt(50));
    }
    Path model = folder.resolve("model");
    train(texts, labels, model);
    assertThat(answer(model, "a gripping and funny film")).isEqualTo("good");
    assertThat(answer(model, "how dull")).isEqualTo("bad");
  }

  @Test
  void readmeShowsThisCode() throws IOException {
    StringBuilder pages = new StringBuilder(Files.readString(Path.of("../README.md")));
    try (var files = Files.list(Path.of("../docs"))) {
      for (Path page : files.sorted().toList()) {
        pages.append(Files.readString(page));
      }
    }
    String readme = pages.toString().replaceAll("(?m)^ +", "");
    String source = Files.readString(Path.of(HERE));
    var snippets =
        java.util.regex.Pattern.compile("(?s)// README: (\\w+)\n(.*?)\n *// README: end")
            .matcher(source);
    int count = 0;
    while (snippets.find()) {
      count++;
      assertThat(readme)
          .as("README or docs show the snippet '%s' as it stands in %s", snippets.group(1), HERE)
          .contains(snippets.group(2).replaceAll("(?m)^ +", "").strip());
    }
    assertThat(count).isEqualTo(3);
  }
}
