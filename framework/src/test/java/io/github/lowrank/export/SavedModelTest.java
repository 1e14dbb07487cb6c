package io.github.lowrank.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.embedding.Codes;
import io.github.lowrank.embedding.Codewords;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.LearnedCodes;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.embedding.PackedCodes.Granularity;
import io.github.lowrank.embedding.QuantizationAware;
import io.github.lowrank.embedding.TensorTrain;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.op.LowRankEmbedding;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.text.TextEncoder;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import io.github.lowrank.train.Predictor;
import io.github.lowrank.train.Toy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;

class SavedModelTest {
  private static final int MAX_LENGTH = 10;
  private static final List<Double> PRIOR = List.of(0.5, 0.3, 0.2);

  @TempDir Path folder;

  static List<EmbeddingTable> tables() {
    List<EmbeddingTable> tables = new ArrayList<>(List.of(Toy.dense(), Toy.lowRank()));
    for (int bits : new int[] {1, 2, 3, 4, 8, 16}) {
      tables.add(
          new FixedPoint(PackedCodes.quantize(Toy.dense().toMatrix(), bits, Granularity.PER_ROW)));
    }
    tables.add(
        new LowRank(
            new FixedPoint(
                PackedCodes.quantize(Toy.lowRank().wa().toMatrix(), 4, Granularity.PER_TENSOR)),
            Toy.lowRank().wb()));
    Matrix full = Toy.dense().toMatrix();
    Codes hashed = new Codes.Hashed(full.rows(), 2, 9);
    EmbeddingTable sums =
        new Codewords(
            hashed,
            QuantizationAware.of(Matrix.uniform(9, full.columns(), 1, new Random(1)), 8),
            Codewords.Join.SUMMED,
            full.columns());
    tables.addAll(List.of(LearnedCodes.of(full, 3, 4).packed(), sums.packed()));
    tables.add(TensorTrain.of(full, TensorTrain.Digits.of(full.rows(), full.columns()), 4));
    return tables;
  }

  private static Vocabulary vocabulary() {
    List<String[]> words = new ArrayList<>();
    for (int i = 0; i < Toy.WORDS - 1; i++) {
      words.add(new String[] {i == 7 ? "naïve" : "w" + i});
    }
    return Vocabulary.of(words);
  }

  private static TextModel model(EmbeddingTable table) {
    return new TextModel(
        Toy.classifier(table),
        Tokenizer.WORDS,
        vocabulary(),
        List.of("first", "zweite", "troisième"),
        PRIOR,
        MAX_LENGTH);
  }

  private static List<String> sentences() {
    Random random = new Random(5);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(15);
      for (int j = 0; j < length; j++) {
        text.append(random.nextInt(8) == 0 ? "Unknown" : "W" + random.nextInt(70)).append(", ");
      }
      texts.add(text.toString());
    }
    texts.set(1, "NAÏVE 😀 w3");
    return texts;
  }

  private static double[][] expected(TextModel model, List<String> texts) {
    EncodedTexts encoded =
        TextEncoder.encode(
            TextEncoder.tokenize(model.tokenizer(), texts),
            new int[texts.size()],
            model.vocabulary(),
            model.maxLength());
    Classifier c = model.classifier();
    float[][] scores = Predictor.scores(c, encoded);
    double[][] probabilities = new double[scores.length][3];
    for (int i = 0; i < scores.length; i++) {
      double sum = 0;
      for (int j = 0; j < 3; j++) {
        sum += Math.exp(scores[i][j]);
      }
      boolean known = java.util.Arrays.stream(encoded.ids(i)).anyMatch(id -> id > 0);
      for (int j = 0; j < 3; j++) {
        probabilities[i][j] = known ? Math.exp(scores[i][j]) / sum : PRIOR.get(j);
      }
    }
    return probabilities;
  }

  private static void assertAnswers(double[][] expected, double[][] found) {
    for (int i = 0; i < expected.length; i++) {
      for (int j = 0; j < 3; j++) {
        assertThat(found[i][j]).as("text %d", i).isCloseTo(expected[i][j], within(1e-5));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("tables")
  void answersAsTheTrainedGraphDid(EmbeddingTable table) throws IOException {
    TextModel model = model(table);
    Path saved = folder.resolve("m");
    SavedModelWriter.write(model, saved);
    List<String> texts = sentences();
    try (TextClassifier classifier = TextClassifier.load(saved)) {
      assertThat(classifier.labels()).containsExactly("first", "zweite", "troisième");
      List<TextClassifier.Prediction> predictions = classifier.predict(texts);
      double[][] found = new double[texts.size()][3];
      for (int i = 0; i < found.length; i++) {
        for (int j = 0; j < 3; j++) {
          found[i][j] = predictions.get(i).probabilities()[j];
        }
      }
      assertAnswers(expected(model, texts), found);
      Path frozen = folder.resolve("frozen.pb");
      FrozenGraph.write(saved, frozen);
      float[][] again = FrozenGraph.probabilities(frozen, texts);
      for (int i = 0; i < found.length; i++) {
        for (int j = 0; j < 3; j++) {
          assertThat((double) again[i][j]).as("text %d", i).isCloseTo(found[i][j], within(1e-6));
        }
      }
    }
  }

  /** Entry point of the child process: prints the probabilities of the sentences. */
  public static void main(String[] args) throws IOException {
    try (TextClassifier classifier = TextClassifier.load(Path.of(args[0]))) {
      StringBuilder out = new StringBuilder();
      for (TextClassifier.Prediction p : classifier.predict(sentences())) {
        out.append(p.probabilities()[0] + " " + p.probabilities()[1] + " " + p.probabilities()[2])
            .append('\n');
      }
      Files.writeString(Path.of(args[1]), out);
    }
  }

  @Test
  void answersTheSameInANewProcessAndPlace() throws Exception {
    TextModel model = model(Toy.lowRank());
    Path written = folder.resolve("written");
    SavedModelWriter.write(model, written);
    Path moved = Files.move(written, folder.resolve("moved"));
    Path answers = folder.resolve("answers");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                SavedModelTest.class.getName(),
                moved.toString(),
                answers.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(folder.resolve("log"))).isZero();
    double[][] found =
        Files.readAllLines(answers).stream()
            .map(
                line ->
                    java.util.Arrays.stream(line.split(" "))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
            .toArray(double[][]::new);
    assertThat(found).hasDimensions(1000, 3);
    assertAnswers(expected(model, sentences()), found);
  }

  @Test
  void graphHoldsTheOpPairsTypeAndNoTraining() throws IOException {
    SavedModelWriter.write(model(Toy.lowRank()), folder.resolve("m"));
    SavedModel saved =
        SavedModel.parseFrom(Files.readAllBytes(folder.resolve("m").resolve("saved_model.pb")));
    List<String> types =
        saved.getMetaGraphs(0).getGraphDef().getNodeList().stream().map(NodeDef::getOp).toList();
    assertThat(types).contains(LowRankEmbedding.BAG_OP, "HashTableV2", "SaveV2", "RestoreV2");
    assertThat(types.stream().filter(t -> t.startsWith("Placeholder"))).hasSize(3);
    assertThat(Files.readAllLines(folder.resolve("m/assets/vocabulary.txt"))).hasSize(Toy.WORDS);
    assertThat(saved.toString()).doesNotContain(folder.getFileName().toString());
  }

  @Test
  void textsWithoutAKnownWordGetThePrior() throws IOException {
    SavedModelWriter.write(model(Toy.dense()), folder.resolve("m"));
    try (TextClassifier classifier = TextClassifier.load(folder.resolve("m"))) {
      for (String text : List.of("", "   ", "Xyzzy", "😀")) {
        assertThat(classifier.predict(List.of(text)).get(0).probabilities())
            .containsExactly(0.5f, 0.3f, 0.2f);
      }
      assertThat(classifier.predict(List.of("w1 ".repeat(50_000))).get(0).probability())
          .isBetween(0.3f, 1f);
      assertThat(classifier.predict(List.of())).isEmpty();
    }
  }

  @Test
  void textsTogetherGetTheAnswersOfEachAlone() throws IOException {
    SavedModelWriter.write(model(Toy.dense()), folder.resolve("m"));
    List<String> texts =
        List.of("", "w1\nw2", "\n", "w3\r\n\r\nw4, w5", "", "don't\tw6", "w1 w2", "\n\n", "");
    try (TextClassifier classifier = TextClassifier.load(folder.resolve("m"))) {
      List<TextClassifier.Prediction> together = classifier.predict(texts);
      assertThat(together).hasSameSizeAs(texts);
      for (int i = 0; i < texts.size(); i++) {
        TextClassifier.Prediction alone = classifier.predict(List.of(texts.get(i))).get(0);
        assertThat(together.get(i).label()).isEqualTo(alone.label());
        assertThat(together.get(i).probabilities())
            .containsExactly(alone.probabilities(), within(1e-6f));
      }
      assertThat(classifier.predict(List.of("", ""))).hasSize(2);
      assertThat(together.get(1).probabilities()).isEqualTo(together.get(6).probabilities());
    }
  }

  @Test
  void manyThreadsGetTheAnswersOfOne() throws Exception {
    SavedModelWriter.write(model(Toy.lowRank()), folder.resolve("m"));
    List<String> texts = sentences();
    try (TextClassifier classifier = TextClassifier.load(folder.resolve("m"))) {
      List<TextClassifier.Prediction> alone = classifier.predict(texts);
      var pool = Executors.newFixedThreadPool(8);
      List<Callable<float[]>> tasks = new ArrayList<>();
      for (String text : texts) {
        tasks.add(() -> classifier.predict(List.of(text)).get(0).probabilities());
      }
      List<Future<float[]>> answers = pool.invokeAll(tasks);
      for (int i = 0; i < texts.size(); i++) {
        for (int j = 0; j < 3; j++) {
          assertThat(answers.get(i).get()[j])
              .isCloseTo(alone.get(i).probabilities()[j], within(1e-6f));
        }
      }
      pool.shutdown();
    }
  }

  private static long variableBytes(Path folder, EmbeddingTable table) throws IOException {
    Path saved = folder.resolve("sized");
    List<String[]> words = new ArrayList<>();
    for (int i = 1; i < table.vocabulary(); i++) {
      words.add(new String[] {"w" + i});
    }
    SavedModelWriter.write(
        new TextModel(
            Classifier.initial(new Dan(List.of(4), 0), new Softmax(), table, 2, 1),
            Tokenizer.WORDS,
            Vocabulary.of(words),
            List.of("a", "b"),
            List.of(0.5, 0.5),
            MAX_LENGTH),
        saved);
    return Files.size(saved.resolve("variables/variables.data-00000-of-00001"));
  }

  @Test
  void codesAreAsSmallOnDiskAsTheyClaim() throws IOException {
    Matrix matrix = Matrix.uniform(5000, 300, 1, new Random(1));
    double whole = variableBytes(folder, new Dense(matrix));
    for (Granularity granularity : Granularity.values()) {
      for (int[] limit : new int[][] {{8, 27}, {4, 15}, {3, 12}, {2, 8}, {1, 5}}) {
        EmbeddingTable codes = new FixedPoint(PackedCodes.quantize(matrix, limit[0], granularity));
        assertThat(variableBytes(folder, codes) / whole)
            .as("%d bits, %s", limit[0], granularity)
            .isLessThan(limit[1] / 100.0);
      }
    }
  }

  /** Resident memory of this process in MB, where the system tells it. */
  private static long residentMegabytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
      }
    }
    throw new IOException("no VmRSS");
  }

  /** Predicts a million times and prints how many MB that added, the heap being fixed. */
  static final class Million {
    private Million() {}

    public static void main(String[] args) throws IOException {
      List<String> texts = sentences().subList(0, 50);
      try (TextClassifier classifier = TextClassifier.load(Path.of(args[0]))) {
        long early = 0;
        for (int i = 0; i < 20_000; i++) {
          classifier.predict(i % 2 == 0 ? texts : texts.subList(i % 50, i % 50 + 1));
          classifier.predict(texts);
          if (i == 2000) {
            early = residentMegabytes();
          }
        }
        Files.writeString(Path.of(args[1]), Long.toString(residentMegabytes() - early));
      }
    }
  }

  @Test
  @Tag("slow")
  @EnabledOnOs(OS.LINUX)
  void aMillionPredictionsLeaveMemoryFlat() throws Exception {
    SavedModelWriter.write(model(Toy.lowRank()), folder.resolve("m"));
    Path grown = folder.resolve("grown");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx64m",
                "-XX:+AlwaysPreTouch",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-cp",
                System.getProperty("java.class.path"),
                Million.class.getName(),
                folder.resolve("m").toString(),
                grown.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(folder.resolve("log"))).isZero();
    assertThat(Long.parseLong(Files.readString(grown))).isLessThan(30);
  }

  @Test
  void saysWhatIsNoModel() throws IOException {
    assertThatThrownBy(() -> TextClassifier.load(folder.resolve("none")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none does not exist: expected the folder of a SavedModel");
    Path garbage = Files.createDirectories(folder.resolve("garbage"));
    Files.write(garbage.resolve("saved_model.pb"), "nonsense".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> TextClassifier.load(garbage))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected the protocol buffer of a SavedModel");
    SavedModelWriter.write(model(Toy.dense()), folder.resolve("m"));
    Path pb = folder.resolve("m").resolve("saved_model.pb");
    SavedModel saved = SavedModel.parseFrom(Files.readAllBytes(pb));
    SavedModel.Builder foreign = saved.toBuilder();
    foreign
        .getMetaGraphsBuilder(0)
        .putSignatureDef(
            "other", foreign.getMetaGraphs(0).getSignatureDefOrThrow("serving_default"))
        .removeSignatureDef("serving_default");
    Files.write(pb, foreign.build().toByteArray());
    assertThatThrownBy(() -> TextClassifier.load(folder.resolve("m")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a SavedModel of Lowrank")
        .hasMessageContaining(", other]");
  }

  @Test
  void aDamagedModelSaysThatItCannotAnswer() throws IOException {
    Path damaged = folder.resolve("m");
    SavedModelWriter.write(model(Toy.dense()), damaged);
    Path pb = damaged.resolve("saved_model.pb");
    SavedModel.Builder saved = SavedModel.parseFrom(Files.readAllBytes(pb)).toBuilder();
    SignatureDef serving = saved.getMetaGraphs(0).getSignatureDefOrThrow("serving_default");
    saved
        .getMetaGraphsBuilder(0)
        .putSignatureDef(
            "serving_default",
            serving.toBuilder().putOutputs("labels", serving.getOutputsOrThrow("label")).build());
    Files.write(pb, saved.build().toByteArray());
    assertThatThrownBy(() -> TextClassifier.load(damaged))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(damaged + " does not tell its labels: ");
    saved
        .getMetaGraphsBuilder(0)
        .putSignatureDef(
            "serving_default",
            serving.toBuilder().putInputs("text", serving.getOutputsOrThrow("labels")).build());
    Files.write(pb, saved.build().toByteArray());
    try (TextClassifier classifier = TextClassifier.load(damaged)) {
      assertThatThrownBy(() -> classifier.predict(List.of("w1")))
          .isInstanceOf(UncheckedIOException.class)
          .cause()
          .hasMessageStartingWith(damaged + " cannot answer: ");
    }
  }
}
