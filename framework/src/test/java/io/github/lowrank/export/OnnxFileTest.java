package io.github.lowrank.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.lowrank.embedding.Codes;
import io.github.lowrank.embedding.Codewords;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FakeQuantizedWeight;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.embedding.QuantizationAware;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Cnn;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Head;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Sigmoid;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.text.TextEncoder;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** ONNX Runtime answers as TensorFlow does. */
class OnnxFileTest {
  private static final int MAX_LENGTH = 12;
  private static final float TOLERANCE = 1e-4f;

  @TempDir Path folder;

  private interface Form {
    EmbeddingTable of(Matrix table);
  }

  private static Matrix random(int rows, int columns, long seed) {
    return Matrix.uniform(rows, columns, 1, new Random(seed));
  }

  private static LowRank lowRank(Matrix table, int rank) {
    return new LowRank(new Dense(random(table.rows(), rank, 7)), random(rank, table.columns(), 8));
  }

  private static EmbeddingTable codewords(Matrix table) {
    int[] codes = new Random(3).ints(2L * table.rows(), 0, 9).toArray();
    return new Codewords(
        Codes.Stored.of(table.rows(), 2, 9, codes),
        new Dense(random(18, table.columns(), 4)),
        Codewords.Join.SUMMED,
        table.columns());
  }

  private static final Cnn CNN = new Cnn(List.of(1, 3), 5, 0, 0);

  static Stream<Object[]> models() {
    List<Object[]> all = new ArrayList<>();
    Dan one = new Dan(List.of(7), 0);
    Dan three = new Dan(List.of(30, 25, 9), 0);
    Lstm lstm = new Lstm(6, 0);
    Form coded =
        t ->
            lowRank(t, 5)
                .withRows(rows -> QuantizationAware.of(rows, 4))
                .withWeights(w -> FakeQuantizedWeight.of(w, 4))
                .packed();
    for (Encoder encoder : List.of(new Dan(List.of(), 0), one, three, lstm, CNN)) {
      all.add(new Object[] {"floats", encoder, (Form) Dense::new});
      all.add(new Object[] {"low rank", encoder, (Form) t -> lowRank(t, 3)});
      all.add(new Object[] {"low rank, 4 bits, coded factor", encoder, coded});
    }
    for (int bits : new int[] {1, 2, 3, 4, 7, 8, 16}) {
      for (PackedCodes.Granularity g : PackedCodes.Granularity.values()) {
        Form form = t -> new FixedPoint(PackedCodes.quantize(t, bits, g));
        all.add(new Object[] {bits + " bits, " + g, one, form});
      }
      Form form = t -> QuantizationAware.of(t, bits).packed();
      all.add(new Object[] {bits + " bits, a step per column", one, form});
    }
    Form minima =
        t -> new FixedPoint(PackedCodes.quantize(t, 4, PackedCodes.Granularity.PER_TENSOR));
    all.add(new Object[] {"4 bits", lstm, minima});
    all.add(new Object[] {"codewords", one, (Form) OnnxFileTest::codewords});
    return all.stream();
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("models")
  void answersAsTheSavedModelDoes(String form, Encoder encoder, Object table) throws IOException {
    List<String> texts = texts(200, 1);
    Path model = write(texts, Tokenizer.WORDS, encoder, (Form) table);
    assertSameAnswers(model, texts(200, 2));
    assertSameAnswers(model, List.of(""));
  }

  @Test
  void anyNumberOfLabels() throws IOException {
    List<String> texts = texts(100, 1);
    Path model =
        write(texts, Tokenizer.WORDS, new Dan(List.of(7), 0), new Sigmoid(0.25), Dense::new);
    assertSameAnswers(model, texts);
    // A property of the file: name and value as they stand.
    assertThat(Files.readString(Path.of(model + ".onnx"), StandardCharsets.ISO_8859_1))
        .containsPattern("(?s)threshold.{1,3}0\\.25");
  }

  @ParameterizedTest
  @EnumSource(Tokenizer.class)
  void readsTheSameWords(Tokenizer tokenizer) throws IOException {
    List<String> texts =
        List.of(
            "I DON'T know; it\u2019s \u00c4rger\u2019s!",
            "can't've cannot 's 'tis n't ' x's's n'tt CAN\u2019T \u2019S rock\u2019n'roll",
            "\u00c0\u00c9\u00dc \u01c5 \u0130stanbul \u039f\u0394\u039f\u03a3 \u1e9e \u2126 \u212bngstr\u00f6m",
            (tokenizer == Tokenizer.WORDS ? "w \ud83d\ude00\0w " : "w ")
                + "a\u0301 \ufb01\u00a0\u00bd \u4e09\u3000\u4e8c",
            "a\tb\nc\u000bd\u000ce\rf  g",
            "",
            " . ",
            "'s n't",
            "w w w w w w w w w w it's not read",
            "w w w w w w w w w w w it's",
            "it's it's it's it's it's it's it's it's it's");
    Path model = write(texts, tokenizer, new Dan(List.of(4), 0), Dense::new);
    assertSameAnswers(model, texts);
    Path lstm = write(texts, tokenizer, new Lstm(4, 0), Dense::new);
    Path cnn = write(texts, tokenizer, CNN, Dense::new);
    assertSameAnswers(lstm, texts);
    assertSameAnswers(cnn, texts);
    for (String text : texts) { // alone, so that nothing is padded
      assertSameAnswers(model, List.of(text));
      assertSameAnswers(lstm, List.of(text));
      assertSameAnswers(cnn, List.of(text));
    }
  }

  @ParameterizedTest
  @EnumSource(Tokenizer.class)
  void readsTheSameWordsInRandomUnicode(Tokenizer tokenizer) throws IOException {
    List<String> texts = unicode(2000, 7);
    Path model = write(texts, tokenizer, new Dan(List.of(4), 0), Dense::new);
    assertSameAnswers(model, texts);
    assertSameAnswers(model, unicode(2000, 8));
  }

  @Test
  void rowNumbersSkipTheText() throws IOException, OrtException {
    Path model = write(texts(50, 1), Tokenizer.WORDS, new Dan(List.of(5), 0), t -> lowRank(t, 3));
    Path file = folder.resolve("rows.onnx");
    OnnxFile.write(model, file, OnnxFile.Input.ROWS, false);
    List<String> words =
        List.of(
            Files.readString(model.resolve("assets").resolve(SavedModelWriter.VOCABULARY))
                .split("\n"));
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (TextClassifier classifier = TextClassifier.load(model);
        OrtSession session = environment.createSession(file.toString());
        OnnxTensor rows = OnnxTensor.createTensor(environment, new long[][] {{3, 5}, {4, 0}});
        OrtSession.Result result = session.run(Map.of(SavedModelWriter.ROWS, rows))) {
      List<TextClassifier.Prediction> expected =
          classifier.predict(List.of(words.get(3) + " " + words.get(5), words.get(4)));
      float[][] found =
          (float[][]) result.get(SavedModelWriter.PROBABILITIES).orElseThrow().getValue();
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).containsExactly(expected.get(i).probabilities(), within(TOLERANCE));
      }
      assertThat(session.getMetadata().getCustomMetadata().get(OnnxFile.LABELS))
          .isEqualTo("[\"first\",\"zweite\",\"\u4e09\"]");
    } catch (OrtException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void codesStayPacked() throws IOException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      texts.add("w" + i);
    }
    Form codes =
        t ->
            new LowRank(new Dense(random(t.rows(), 40, 7)), random(40, 10, 8))
                .withRows(rows -> QuantizationAware.of(rows, 4))
                .packed();
    Path file = folder.resolve("codes.onnx");
    OnnxFile.write(
        write(texts, Tokenizer.WORDS, new Dan(List.of(4), 0), codes),
        file,
        OnnxFile.Input.ROWS,
        false);
    assertThat(Files.size(file)).isBetween(2000 * 20L, 2000 * 20L + 8000);
    Path again = folder.resolve("again.onnx");
    OnnxFile.write(
        write(texts, Tokenizer.WORDS, new Dan(List.of(4), 0), codes),
        again,
        OnnxFile.Input.ROWS,
        false);
    assertThat(AtomicFiles.checksum(again)).isEqualTo(AtomicFiles.checksum(file));
  }

  @Test
  void modelsWithPairsOfWordsAreRefused() throws IOException {
    List<String[]> words = TextEncoder.tokenize(Tokenizer.WORDS, List.of("a b a b"));
    Vocabulary pairs = Vocabulary.withPairs(words, words, MAX_LENGTH, 1);
    Path model = folder.resolve("pairs");
    SavedModelWriter.write(
        new TextModel(
            Classifier.initial(
                new Dan(List.of(4), 0), new Softmax(), new Dense(random(pairs.size(), 4, 1)), 2, 1),
            Tokenizer.WORDS,
            pairs,
            List.of("a", "b"),
            List.of(0.5, 0.5),
            MAX_LENGTH),
        model);
    Path file = folder.resolve("pairs.onnx");
    assertThatThrownBy(() -> OnnxFile.write(model, file, OnnxFile.Input.TEXT, false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("pairs of words");
    assertThat(file).doesNotExist();
  }

  @Test
  void whatIsNoModelOfOursIsRefused() throws IOException {
    Path file = folder.resolve("x.onnx");
    assertThatThrownBy(
            () -> OnnxFile.write(folder.resolve("none"), file, OnnxFile.Input.TEXT, false))
        .isInstanceOf(IOException.class);
    assertThat(file).doesNotExist();
  }

  private Path write(List<String> texts, Tokenizer tokenizer, Encoder encoder, Form form)
      throws IOException {
    return write(texts, tokenizer, encoder, new Softmax(), form);
  }

  private Path write(List<String> texts, Tokenizer tokenizer, Encoder encoder, Head head, Form form)
      throws IOException {
    Vocabulary vocabulary = Vocabulary.of(TextEncoder.tokenize(tokenizer, texts));
    EmbeddingTable table = form.of(random(vocabulary.size(), 10, 5));
    Path model = folder.resolve("model" + System.nanoTime());
    SavedModelWriter.write(
        new TextModel(
            Classifier.initial(encoder, head, table, 3, 1),
            tokenizer,
            vocabulary,
            List.of("first", "zweite", "\u4e09"),
            List.of(0.5, 0.3, 0.2),
            MAX_LENGTH),
        model);
    return model;
  }

  private void assertSameAnswers(Path model, List<String> texts) throws IOException {
    Path file = Path.of(model + ".onnx");
    if (!Files.exists(file)) {
      OnnxFile.write(model, file, OnnxFile.Input.TEXT, false);
    }
    try (TextClassifier classifier = TextClassifier.load(model);
        OnnxClassifier written = OnnxClassifier.load(file)) {
      List<TextClassifier.Prediction> expected = classifier.predict(texts);
      List<TextClassifier.Prediction> found = written.predict(texts);
      for (int i = 0; i < texts.size(); i++) {
        assertThat(found.get(i).probabilities())
            .as(texts.get(i))
            .containsExactly(expected.get(i).probabilities(), within(TOLERANCE));
        assertThat(found.get(i).label()).as(texts.get(i)).isEqualTo(expected.get(i).label());
      }
    }
  }

  /**
   * Short words of any characters of the basic plane but those that {@code docs/serving.md} lists:
   * NUL, the kelvin sign, capital sigma, and what the JDK does not know.
   */
  private static List<String> unicode(int count, long seed) {
    String often =
        "  '\u2019nNtTsSlLrReEaA\t\u00a0.-\u00c4\u00e9\u0130\u0131\u01c5\u0301\u00bd\u1e9e";
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(24); j > 0; j--) {
        char c = (char) random.nextInt(1, 1 << 16);
        if (random.nextInt(4) > 0) {
          text.append(often.charAt(random.nextInt(often.length())));
        } else if (Character.isDefined(c)
            && !Character.isSurrogate(c)
            && c != '\u212a'
            && c != '\u03a3') {
          text.append(c);
        }
        if (j % 5 == 0) { // a longer word may have more spellings than are written
          text.append(' ');
        }
      }
      texts.add(text.toString());
    }
    return texts;
  }

  /** Texts of a few words, known and unknown, some longer than what is read. */
  private static List<String> texts(int count, long seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(2 * MAX_LENGTH); j > 0; j--) {
        text.append(random.nextInt(3) == 0 ? " It's W" : " w").append(random.nextInt(300));
      }
      texts.add(text.toString());
    }
    return texts;
  }
}
