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
import io.github.lowrank.embedding.FakeQuantizedWeight;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.embedding.QuantizationAware;
import io.github.lowrank.export.OnnxClassifier;
import io.github.lowrank.export.OnnxFile;
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

/** ONNX Runtime and the SavedModel on the test texts of all data sets, where they are at hand. */
class OnnxAnswersTest {
  private static final DataRoot ROOT =
      new DataRoot(Path.of(System.getProperty("lowrank.data", "")));
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
    String name = source.name();
    Dataset data = source.load(ROOT);
    Vocabulary raw = Vocabulary.of(TextEncoder.tokenize(Tokenizer.WORDS, texts(data.train())));
    Vocabulary split = Vocabulary.of(TextEncoder.tokenize(Tokenizer.BLANKS, texts(data.train())));
    Dan dan = Dan.ofPaper();
    compare(name, data, "floats", dan, new Dense(random(raw.size(), 50)), Tokenizer.WORDS, raw);
    compare(name, data, "low rank", dan, lowRank(raw), Tokenizer.WORDS, raw);
    PackedCodes codes =
        PackedCodes.quantize(random(raw.size(), 50), 8, PackedCodes.Granularity.PER_TENSOR);
    compare(name, data, "fixed point", dan, new FixedPoint(codes), Tokenizer.WORDS, raw);
    EmbeddingTable whole = lowRank(raw).withRows(rows -> QuantizationAware.of(rows, 4));
    compare(name, data, "whole 4 bits", dan, whole, Tokenizer.WORDS, raw);
    compare(
        name, data, "blanks", new Lstm(10, 0.5), lowRank(split).packed(), Tokenizer.BLANKS, split);
    Cnn cnn = new Cnn(List.of(1, 2, 3), 20, 0.5, 0);
    compare(name, data, "CNN", cnn, lowRank(raw).packed(), Tokenizer.WORDS, raw);
    compare(name, data, "LSTM", new Lstm(10, 0.5), lowRank(raw).packed(), Tokenizer.WORDS, raw);
  }

  private static Matrix random(int rows, int columns) {
    return Matrix.uniform(rows, columns, 1, new Random(1));
  }

  private static LowRank lowRank(Vocabulary words) {
    return new LowRank(new Dense(random(words.size(), 29)), random(29, 100));
  }

  private void compare(
      String name,
      Dataset data,
      String form,
      Encoder encoder,
      EmbeddingTable table,
      Tokenizer tokenizer,
      Vocabulary words)
      throws IOException {
    int classes = data.labels().size();
    Classifier classifier = Classifier.initial(encoder, new Softmax(), table, classes, 1);
    if (form.startsWith("whole")) {
      classifier =
          classifier
              .withTable(table.withWeights(w -> FakeQuantizedWeight.of(w, 4)))
              .withMatrices(w -> FakeQuantizedWeight.of(w.toMatrix(), 4))
              .packed();
    }
    Path model = folder.resolve(form);
    SavedModelWriter.write(
        new TextModel(
            classifier,
            tokenizer,
            words,
            data.labels(),
            Collections.nCopies(classes, 1.0 / classes),
            40),
        model);
    Path file = folder.resolve(form + ".onnx");
    OnnxFile.write(model, file, OnnxFile.Input.TEXT, false);
    List<String> texts = texts(data.test());
    float largest = 0;
    int sameLabel = 0;
    try (TextClassifier expected = TextClassifier.load(model);
        OnnxClassifier onnx = OnnxClassifier.load(file)) {
      for (int from = 0; from < texts.size(); from += BATCH) {
        List<String> batch = texts.subList(from, Math.min(texts.size(), from + BATCH));
        List<TextClassifier.Prediction> answers = expected.predict(batch);
        List<TextClassifier.Prediction> found = onnx.predict(batch);
        for (int i = 0; i < batch.size(); i++) {
          assertThat(found.get(i).label()).as(batch.get(i)).isEqualTo(answers.get(i).label());
          assertThat(found.get(i).probabilities())
              .as(batch.get(i))
              .containsExactly(answers.get(i).probabilities(), within(1e-4f));
          sameLabel++;
          for (int c = 0; c < classes; c++) {
            largest =
                Math.max(
                    largest,
                    Math.abs(found.get(i).probabilities()[c] - answers.get(i).probabilities()[c]));
          }
        }
      }
    }
    System.out.printf(
        "%s, %s: %,d of %,d labels, largest difference of probabilities %.1e%n",
        name, form, sameLabel, texts.size(), largest);
  }
}
