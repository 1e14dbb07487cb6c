package io.github.lowrank.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.Dataset;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.Split;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.QuantizationAware;
import io.github.lowrank.export.CompactFile;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Cnn;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.predictor.Predictor;
import io.github.lowrank.text.TextEncoder;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The predictor and the SavedModel on the test texts of all data sets, where they are at hand. */
class CompactAnswersTest {
  private static final DataRoot ROOT =
      new DataRoot(Path.of(System.getProperty("lowrank.data", "")));
  private static final int RANK = 29;
  private static final int BATCH = 500;

  @TempDir Path folder;

  static Stream<DatasetSource> datasets() {
    return Catalogue.datasets().stream();
  }

  private static List<String> texts(Split split) throws IOException {
    List<String> texts = new ArrayList<>();
    split.read((text, label) -> texts.add(text));
    return texts;
  }

  @ParameterizedTest
  @MethodSource("datasets")
  void sameLabelsAndProbabilities(DatasetSource source) throws IOException {
    assumeTrue(
        source.files().stream().allMatch(ROOT::has),
        source.name() + " is not here: name its folder by -Dlowrank.data=DIR");
    Dataset data = source.load(ROOT);
    compare(data, new Dan(List.of(30, 25), 0.3), Tokenizer.WORDS);
    compare(data, new Lstm(10, 0.5), Tokenizer.BLANKS);
    compare(data, new Cnn(List.of(1, 2, 3), 20, 0.5, 0), Tokenizer.WORDS);
  }

  private void compare(Dataset data, Encoder encoder, Tokenizer tokenizer) throws IOException {
    Vocabulary words = Vocabulary.of(TextEncoder.tokenize(tokenizer, texts(data.train())));
    Random random = new Random(1);
    Dense left = new Dense(Matrix.uniform(words.size(), RANK, 1, random));
    EmbeddingTable table =
        new LowRank(left, Matrix.uniform(RANK, 100, 1, random))
            .withRows(rows -> QuantizationAware.of(rows, 4))
            .packed();
    int classes = data.labels().size();
    Path model = folder.resolve(encoder.name() + tokenizer);
    SavedModelWriter.write(
        new TextModel(
            Classifier.initial(encoder, new Softmax(), table, classes, 1),
            tokenizer,
            words,
            data.labels(),
            Collections.nCopies(classes, 1.0 / classes),
            40),
        model);
    Path file = folder.resolve(encoder.name() + tokenizer + ".lrk");
    CompactFile.write(model, file, CompactFile.EXACT, false);
    Predictor predictor = Predictor.load(file);
    List<String> texts = texts(data.test());
    try (TextClassifier classifier = TextClassifier.load(model)) {
      for (int from = 0; from < texts.size(); from += BATCH) {
        List<String> batch = texts.subList(from, Math.min(texts.size(), from + BATCH));
        List<TextClassifier.Prediction> answers = classifier.predict(batch);
        for (int i = 0; i < batch.size(); i++) {
          Predictor.Prediction found = predictor.predict(batch.get(i));
          assertThat(found.label()).as(batch.get(i)).isEqualTo(answers.get(i).label());
          assertThat(found.probabilities())
              .as(batch.get(i))
              .containsExactly(answers.get(i).probabilities(), within(1e-5f));
        }
      }
    }
  }
}
