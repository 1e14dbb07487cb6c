package io.github.lowrank.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.embedding.Codes;
import io.github.lowrank.embedding.Codewords;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FakeQuantizedWeight;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.LowRankWeight;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.embedding.QuantizationAware;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Cnn;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Dropout;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Head;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Sigmoid;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.model.WordLayer;
import io.github.lowrank.predictor.Predictor;
import io.github.lowrank.text.TextEncoder;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;

/** The compact file answers as the SavedModel that it was made of; DANs have pairs of words. */
class CompactFileTest {
  private static final int MAX_LENGTH = 12;

  @TempDir Path folder;

  private static Matrix random(int rows, int columns, long seed) {
    return Matrix.uniform(rows, columns, 1, new Random(seed));
  }

  private static Matrix words(int rows, int columns) {
    Matrix matrix = random(rows, columns, 5);
    Arrays.fill(matrix.values(), 0, columns, 0);
    return matrix;
  }

  private interface Form {
    EmbeddingTable of(Matrix table);
  }

  private static LowRank lowRank(Matrix table, int rank) {
    return new LowRank(new Dense(words(table.rows(), rank)), random(rank, table.columns(), 8));
  }

  /** Every form that {@code train} stores, and those of the experiments. */
  private static Map<String, Form> forms() {
    Map<String, Form> forms = new LinkedHashMap<>();
    forms.put("dense", Dense::new);
    forms.put("low-rank", t -> lowRank(t, 3));
    for (int bits : new int[] {1, 2, 3, 4, 7, 8, 16}) {
      forms.put(
          bits + " bits, one scale",
          t -> new FixedPoint(PackedCodes.quantize(t, bits, PackedCodes.Granularity.PER_TENSOR)));
      forms.put(
          bits + " bits, a scale per row",
          t -> new FixedPoint(PackedCodes.quantize(t, bits, PackedCodes.Granularity.PER_ROW)));
      forms.put(bits + " bits, a step per column", t -> QuantizationAware.of(t, bits).packed());
    }
    forms.put(
        "low-rank, 4 bits, coded factor",
        t ->
            lowRank(t, 5)
                .withRows(rows -> QuantizationAware.of(rows, 4))
                .withWeights(w -> FakeQuantizedWeight.of(w, 4))
                .packed());
    forms.put(
        "low-rank, 8 bits per row",
        t ->
            lowRank(t, 20)
                .withRows(
                    rows ->
                        new FixedPoint(
                            PackedCodes.quantize(rows, 8, PackedCodes.Granularity.PER_ROW))));
    forms.put(
        "codewords, one after the other",
        t -> codewords(t, Codewords.Join.CONCATENATED, stored(t.rows(), 3, 5), 4));
    forms.put(
        "codewords, added",
        t -> codewords(t, Codewords.Join.SUMMED, stored(t.rows(), 2, 9), t.columns()));
    forms.put(
        "codewords, hashed",
        t -> codewords(t, Codewords.Join.SUMMED, new Codes.Hashed(t.rows(), 2, 37), t.columns()));
    return forms;
  }

  private static Codes stored(int rows, int parts, int perPart) {
    int[] codes = new Random(3).ints((long) rows * parts, 0, perPart).toArray();
    return Codes.Stored.of(rows, parts, perPart, codes);
  }

  private static EmbeddingTable codewords(
      Matrix table, Codewords.Join join, Codes codes, int width) {
    return new Codewords(codes, new Dense(random(codes.words(), width, 4)), join, table.columns());
  }

  private static final Map<String, Encoder> ENCODERS =
      Map.of(
          "linear", new Dan(List.of(), 0.1),
          "one hidden layer", new Dan(List.of(7), 0.1),
          "three hidden layers", new Dan(List.of(30, 25, 9), 0.1),
          "LSTM", new Lstm(6, 0.1),
          "CNN", new Cnn(List.of(1, 2, 4), 5, 0.1, 0));

  static Stream<Object[]> models() {
    List<Object[]> all = new ArrayList<>();
    forms().forEach((form, table) -> all.add(new Object[] {form, "one hidden layer", table}));
    for (String form : List.of("dense", "low-rank", "low-rank, 4 bits, coded factor")) {
      all.add(new Object[] {form, "linear", forms().get(form)});
      all.add(new Object[] {form, "three hidden layers", forms().get(form)});
      all.add(new Object[] {form, "LSTM", forms().get(form)});
      all.add(new Object[] {form, "CNN", forms().get(form)});
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("models")
  void answersAsTheSavedModelDoes(String form, String encoder, Object table) throws IOException {
    List<String> texts = texts(200, 1);
    Path model = write(texts, Tokenizer.WORDS, ENCODERS.get(encoder), (Form) table, w -> w);
    assertSameAnswers(model, texts(200, 2), CompactFile.EXACT);
    assertSameAnswers(model, texts, 32);
  }

  @Test
  void anyNumberOfLabels() throws IOException {
    List<String> texts = texts(100, 1);
    Path model =
        write(
            texts,
            Tokenizer.WORDS,
            new Dan(List.of(7), 0),
            new Sigmoid(0.375),
            t -> lowRank(t, 3),
            w -> w);
    assertSameAnswers(model, texts, 16);
    assertSameAnswers(model, List.of("", "unheard-of"), 32);
    Path file = folder.resolve("sigmoid.lrk");
    CompactFile.write(model, file, CompactFile.EXACT, false);
    Predictor predictor = Predictor.load(file);
    try (TextClassifier classifier = TextClassifier.load(model)) {
      assertThat(classifier.threshold()).hasValue(0.375);
    }
    assertThat(predictor.multiLabel()).isTrue();
    assertThat(predictor.threshold()).isEqualTo(0.375f);
    int several = 0;
    for (String text : texts) {
      float[] probabilities = predictor.predict(text).probabilities();
      List<Predictor.Label> labels = predictor.labels(text);
      int above = 0;
      for (float probability : probabilities) {
        above += probability >= 0.375f ? 1 : 0;
      }
      assertThat(labels).hasSize(above);
      for (int i = 0; i < above; i++) {
        Predictor.Label label = labels.get(i);
        assertThat(probabilities[predictor.labels().indexOf(label.name())])
            .isEqualTo(label.probability());
        assertThat(label.probability()).isLessThanOrEqualTo(labels.get(0).probability());
      }
      several += above > 1 ? 1 : 0;
    }
    assertThat(several).isPositive();
    assertThat(Predictor.load(one(texts)).labels("w")).hasSize(1);
    assertThatThrownBy(() -> Predictor.load(one(texts)).threshold())
        .isInstanceOf(IllegalStateException.class);
  }

  /** A file of one label per text. */
  private Path one(List<String> texts) throws IOException {
    Path model = write(texts, Tokenizer.WORDS, new Dan(List.of(7), 0), Dense::new, w -> w);
    Path file = folder.resolve("one" + System.nanoTime() + ".lrk");
    CompactFile.write(model, file, CompactFile.EXACT, false);
    return file;
  }

  @Test
  void codedAndFactorizedWeightsAnswerAsInTheSavedModel() throws IOException {
    List<String> texts = texts(100, 1);
    Path model =
        write(
            texts,
            Tokenizer.BLANKS,
            new Dan(List.of(12, 10), 0),
            t -> lowRank(t, 4),
            w ->
                LowRankWeight.of(w.toMatrix(), 2)
                    .withMatrices(m -> FakeQuantizedWeight.of(m, 8))
                    .packed());
    assertSameAnswers(model, texts, CompactFile.EXACT);
  }

  @ParameterizedTest
  @EnumSource(Tokenizer.class)
  void readsTheSameWordsInRandomUnicode(Tokenizer tokenizer) throws IOException {
    List<String> texts = unicode(3000, 7);
    Path model = write(texts, tokenizer, new Dan(List.of(4), 0), Dense::new, w -> w);
    assertSameAnswers(model, texts, CompactFile.EXACT);
    assertSameAnswers(model, unicode(3000, 8), CompactFile.EXACT);
  }

  @ParameterizedTest
  @EnumSource(Tokenizer.class)
  void bytesThatAreNotUtf8AreReplacedAsInTheSavedModel(Tokenizer tokenizer) throws IOException {
    Random random = new Random(4);
    List<byte[]> inputs = new ArrayList<>();
    String[] parts = {"a", "\u00e9", "\u20ac", "\ud7ff", "\ud83d\ude00", "\u03a3", " "};
    for (int i = 0; i < 3000; i++) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (int j = random.nextInt(8); j >= 0; j--) {
        byte[] part = parts[random.nextInt(parts.length)].getBytes(StandardCharsets.UTF_8);
        if (random.nextBoolean()) {
          part[random.nextInt(part.length)] = (byte) random.nextInt(256);
        }
        bytes.write(part, 0, 1 + random.nextInt(part.length));
      }
      inputs.add(bytes.toByteArray());
    }
    // Most of the words, so that many are known.
    List<String> texts =
        inputs.stream().map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList();
    Path model = write(texts, tokenizer, new Dan(List.of(4), 0), Dense::new, w -> w);
    Path file = folder.resolve("bytes.lrk");
    CompactFile.write(model, file, CompactFile.EXACT, false);
    Predictor predictor = Predictor.load(file);
    float[] expected = new float[3];
    float[] found = new float[3];
    try (SavedModelBundle bundle = SavedModels.load(model)) {
      for (byte[] bytes : inputs) {
        try (TString text = TString.tensorOfBytes(NdArrays.vectorOfObjects(bytes));
            Result result =
                bundle
                    .session()
                    .runner()
                    .feed(SavedModelWriter.TEXT, text)
                    .fetch(SavedModelWriter.PROBABILITIES)
                    .run()) {
          ((TFloat32) result.get(0)).copyTo(DataBuffers.of(expected));
        }
        predictor.predict(bytes, 0, bytes.length, found);
        assertThat(found)
            .as(HexFormat.of().formatHex(bytes))
            .containsExactly(expected, within(1e-5f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 24})
  void fingerprintsTakeUnknownWordsForKnownOnesAsRarelyAsStated(int bits) throws IOException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      texts.add("word" + i);
    }
    Path model = write(texts, Tokenizer.WORDS, new Dan(List.of(2), 0), Dense::new, w -> w);
    Path file = folder.resolve("fingerprints.lrk");
    CompactFile.Sizes sizes = CompactFile.write(model, file, bits, false);
    assertThat(sizes.falsePositiveRate()).isEqualTo(Math.pow(2, -bits));
    assertThat(sizes.sections().get("vocabulary")).isLessThan(4000 * (bits + 3) / 8);
    Predictor predictor = Predictor.load(file);
    float[] prior = {0.5f, 0.3f, 0.2f};
    int taken = 0;
    int tried = 2_000_000;
    float[] found = new float[3];
    for (int i = 0; i < tried; i++) {
      byte[] word = ("other" + i).getBytes(StandardCharsets.UTF_8);
      predictor.predict(word, 0, word.length, found);
      taken += Arrays.equals(found, prior) ? 0 : 1;
    }
    double expected = tried * sizes.falsePositiveRate(); // 30.5 or 0.1
    assertThat((double) taken).isCloseTo(expected, within(5 * Math.sqrt(expected) + 1));
  }

  @Test
  void aModelWithoutADescriptionIsRefused() throws IOException {
    Path model = write(texts(10, 1), Tokenizer.WORDS, new Nameless(), Dense::new, w -> w);
    assertThatThrownBy(
            () -> CompactFile.write(model, folder.resolve("x.lrk"), CompactFile.EXACT, false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(model.toString());
    assertThat(folder.resolve("x.lrk")).doesNotExist();
  }

  /** An encoder that nobody announced. */
  private record Nameless() implements Encoder {
    @Override
    public String name() {
      return "nameless";
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

  private Path write(
      List<String> texts,
      Tokenizer tokenizer,
      Encoder encoder,
      Form form,
      UnaryOperator<Weight> weights)
      throws IOException {
    return write(texts, tokenizer, encoder, new Softmax(), form, weights);
  }

  private Path write(
      List<String> texts,
      Tokenizer tokenizer,
      Encoder encoder,
      Head head,
      Form form,
      UnaryOperator<Weight> weights)
      throws IOException {
    List<String[]> tokenized = TextEncoder.tokenize(tokenizer, texts);
    Vocabulary vocabulary =
        encoder.pools()
            ? Vocabulary.withPairs(tokenized, tokenized, MAX_LENGTH, 1)
            : Vocabulary.of(tokenized);
    EmbeddingTable table = form.of(words(vocabulary.size(), 10));
    Classifier classifier = Classifier.initial(encoder, head, table, 3, 1).withMatrices(weights);
    Path model = folder.resolve("model" + System.nanoTime());
    SavedModelWriter.write(
        new TextModel(
            classifier,
            tokenizer,
            vocabulary,
            List.of("first", "zweite", "\u4e09"),
            List.of(0.5, 0.3, 0.2),
            MAX_LENGTH),
        model);
    return model;
  }

  private void assertSameAnswers(Path model, List<String> texts, int fingerprint)
      throws IOException {
    Path file = folder.resolve("model" + System.nanoTime() + ".lrk");
    CompactFile.Sizes sizes = CompactFile.write(model, file, fingerprint, false);
    assertThat(sizes.bytes()).isEqualTo(Files.size(file));
    Predictor predictor = Predictor.load(file);
    try (TextClassifier classifier = TextClassifier.load(model)) {
      assertThat(predictor.labels()).isEqualTo(classifier.labels());
      List<TextClassifier.Prediction> answers = classifier.predict(texts);
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i);
        TextClassifier.Prediction expected = answers.get(i);
        Predictor.Prediction found = predictor.predict(text);
        assertThat(found.probabilities())
            .as(text)
            .containsExactly(expected.probabilities(), within(1e-5f));
        assertThat(found.label()).as(text).isEqualTo(expected.label());
      }
    }
  }

  /** Texts of a few words, known and unknown. */
  private static List<String> texts(int count, long seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(2 * MAX_LENGTH); j > 0; j--) {
        text.append(random.nextInt(3) == 0 ? "It's W" : " w").append(random.nextInt(300));
      }
      texts.add(text.toString());
    }
    return texts;
  }

  /** Strings of characters that tokenizing treats in some way, and of any others. */
  private static List<String> unicode(int count, long seed) {
    String often =
        " '\u2019nNtTsSmMdDlLrReEvV\t\n\u00a0\0-\u03a3\u03c3\u0391.:\u0130\u0131\u212a\u017f\u023a\u0307\ufffd?";
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(i % 500 == 0 ? 20_000 : 24); j > 0; j--) {
        switch (random.nextInt(12)) {
          case 0 -> text.append((char) random.nextInt(1 << 16)); // surrogates too
          case 1 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
          case 2 -> text.append((char) random.nextInt(0x800));
          case 3 -> text.append(random.nextBoolean() ? "n't" : "'LL ");
          default -> text.append(often.charAt(random.nextInt(often.length())));
        }
      }
      texts.add(text.toString());
    }
    return texts;
  }
}
