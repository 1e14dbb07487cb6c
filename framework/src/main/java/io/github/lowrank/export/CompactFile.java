package io.github.lowrank.export;

import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.predictor.CompactFormat.Section;
import io.github.lowrank.predictor.CompactFormat.Tokenization;
import io.github.lowrank.predictor.CompactOutput;
import io.github.lowrank.predictor.FormatException;
import io.github.lowrank.predictor.Predictor;
import io.github.lowrank.predictor.Settings;
import io.github.lowrank.predictor.WordHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A SavedModel of {@link SavedModelWriter} as one small file for {@link Predictor}, laid out as
 * {@code docs/compact-format.md} says. Rows of the table are stored in the order of the vocabulary,
 * so that no row numbers are needed; row 0, which no answer depends on, is not stored.
 */
public final class CompactFile {
  /** Bits of the exact vocabulary, which has the words themselves. */
  public static final int EXACT = 0;

  /** Seeds to try before giving up: with 8 bits there may be none without a collision. */
  private static final int SEEDS = 1000;

  /** Texts of known words on which a file is compared with its model before it appears. */
  private static final int CHECKED = 200;

  private static final double TOLERANCE = 1e-4;

  private CompactFile() {}

  /**
   * Sizes of the parts of a file, in bytes.
   *
   * @param words number of words
   * @param falsePositiveRate probability that an unknown word is taken for a known one
   * @param bytes whole file
   * @param sections each section by its name
   */
  public record Sizes(
      int words, double falsePositiveRate, long bytes, Map<String, Integer> sections) {}

  /**
   * Writes {@code savedModel} to the file {@code out}, which appears only when complete.
   *
   * @param fingerprint bits of the hash that stands for a word, or {@link #EXACT}
   * @param trusted whether the model may run whatever ops it has
   * @throws IOException if it is not a SavedModel that describes its classifier
   */
  public static Sizes write(Path savedModel, Path out, int fingerprint, boolean trusted)
      throws IOException {
    try (TextClassifier classifier = TextClassifier.load(savedModel, trusted)) {
      return write(savedModel, classifier, out, fingerprint, trusted);
    }
  }

  /**
   * The size that {@link #write} would give, without a comparison of the two.
   *
   * @param labels of the model
   * @param fingerprint as there
   */
  public static int size(Path savedModel, List<String> labels, int fingerprint) throws IOException {
    return bytes(savedModel, labels, fingerprint, false, new TreeMap<>()).length;
  }

  private static byte[] bytes(
      Path savedModel,
      List<String> labels,
      int fingerprint,
      boolean trusted,
      Map<String, Integer> sections)
      throws IOException {
    ClassifierDescription model = ClassifierDescription.read(savedModel, trusted);
    Path card = savedModel.resolve("model-card.json");
    String json = Files.isRegularFile(card) ? Files.readString(card) : "{}";
    List<String> words = words(savedModel);
    try {
      return bytes(model, labels, words.subList(1, words.size()), fingerprint, json, sections);
    } catch (RuntimeException e) {
      throw new IOException("%s has no compact form: %s".formatted(savedModel, e.getMessage()), e);
    }
  }

  /** The words of a SavedModel by their row numbers. */
  static List<String> words(Path savedModel) throws IOException {
    return Arrays.asList(
        Files.readString(savedModel.resolve("assets").resolve(SavedModelWriter.VOCABULARY))
            .split("\n"));
  }

  private static Sizes write(
      Path savedModel, TextClassifier classifier, Path out, int fingerprint, boolean trusted)
      throws IOException {
    Map<String, Integer> sections = new TreeMap<>();
    byte[] bytes = bytes(savedModel, classifier.labels(), fingerprint, trusted, sections);
    List<String> words = words(savedModel);
    Predictor read;
    try {
      read = Predictor.of(bytes, out.toString());
    } catch (FormatException e) {
      throw new IOException("%s has no compact form: %s".formatted(savedModel, e.getMessage()), e);
    }
    compare(savedModel, classifier, words, text -> read.predict(text).probabilities());
    AtomicFiles.write(out, bytes);
    return new Sizes(read.words(), read.falsePositiveRate(), bytes.length, sections);
  }

  /** What answers texts with probabilities. */
  interface Answers {
    /** The probabilities of a text. */
    float[] of(String text) throws IOException;
  }

  /**
   * Refuses what does not answer as {@code classifier} does: a program that changed the graph may
   * have left the description of what was there before.
   */
  static void compare(
      Path savedModel, TextClassifier classifier, List<String> words, Answers written)
      throws IOException {
    Random random = new Random(1);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < CHECKED; i++) {
      texts.add(
          random
              .ints(1 + i % 20, 0, words.size())
              .mapToObj(words::get)
              .collect(Collectors.joining(" ")));
    }
    List<TextClassifier.Prediction> answers = classifier.predict(texts);
    for (int i = 0; i < CHECKED; i++) {
      float[] expected = answers.get(i).probabilities();
      float[] found = written.of(texts.get(i));
      for (int c = 0; c < found.length; c++) {
        if (!(Math.abs(found[c] - expected[c]) < TOLERANCE)) {
          throw new IOException(
              "%s is not what it describes itself to be: expected probability %s of label %s for a text, found %s (changed by another program?)"
                  .formatted(savedModel, expected[c], c, found[c]));
        }
      }
    }
  }

  private static byte[] bytes(
      ClassifierDescription model,
      List<String> labels,
      List<String> words,
      int fingerprint,
      String card,
      Map<String, Integer> sections) {
    EmbeddingTable table = model.table().packed();
    Map<String, Weight> weights = new HashMap<>(model.weights());
    weights.replaceAll((name, weight) -> weight.packed());
    CompactOutput[] parts = new CompactOutput[Section.values().length];
    Arrays.setAll(parts, i -> new CompactOutput());

    float[] prior = new float[labels.size()];
    for (int c = 0; c < prior.length; c++) {
      prior[c] = model.prior().get(c).floatValue();
    }
    Tokenization tokenization =
        switch (model.tokenizer()) {
          case BLANKS -> Tokenization.BLANKS;
          case WORDS -> Tokenization.WORDS;
        };
    new Settings(tokenization, model.ngrams(), model.maxLength(), labels, prior)
        .write(parts[Section.SETTINGS.ordinal()]);
    int[] order =
        fingerprint == EXACT
            ? exact(words, parts[Section.VOCABULARY.ordinal()])
            : fingerprints(words, fingerprint, parts[Section.VOCABULARY.ordinal()]);
    int[] rows = IntStream.of(order).map(i -> i + 1).toArray();
    table.writeCompact(rows, parts[Section.TABLE.ordinal()]);
    model.encoder().writeCompact(weights, parts[Section.ENCODER.ordinal()]);
    model.head().writeCompact(weights, parts[Section.HEAD.ordinal()]);
    parts[Section.CARD.ordinal()].deflated(card.getBytes(StandardCharsets.UTF_8));

    for (Section section : Section.values()) {
      sections.put(section.name().toLowerCase(Locale.ROOT), parts[section.ordinal()].size());
    }
    return CompactOutput.file(Arrays.stream(parts).map(CompactOutput::toBytes).toList());
  }

  /** Writes the words, front-coded; their order. */
  private static int[] exact(List<String> words, CompactOutput out) {
    byte[][] letters = letters(words);
    int[] order =
        IntStream.range(0, letters.length)
            .boxed()
            .sorted((a, b) -> Arrays.compareUnsigned(letters[a], letters[b]))
            .mapToInt(i -> i)
            .toArray();
    CompactOutput coded = new CompactOutput();
    byte[] previous = new byte[0];
    int all = 0;
    for (int w : order) {
      int shared = Math.max(0, Arrays.mismatch(previous, letters[w]));
      coded.varint(shared).varint(letters[w].length - shared);
      coded.raw(Arrays.copyOfRange(letters[w], shared, letters[w].length));
      previous = letters[w];
      all += previous.length;
    }
    out.octet(EXACT).integer(order.length).integer(all).deflated(coded.toBytes());
    return order;
  }

  /** Writes fingerprints by bucket, with a seed under which no two words are equal; their order. */
  private static int[] fingerprints(List<String> words, int bits, CompactOutput out) {
    byte[][] letters = letters(words);
    int size = letters.length;
    long[] keys = new long[size];
    for (long seed = 1; seed <= SEEDS; seed++) {
      for (int w = 0; w < size; w++) {
        long hash = WordHash.of(seed, letters[w], 0, letters[w].length);
        long print = Integer.toUnsignedLong(WordHash.fingerprint(hash, bits));
        keys[w] = (long) WordHash.bucket(hash, size) << Integer.SIZE | print;
      }
      if (Arrays.stream(keys).distinct().count() == size) {
        out.octet(bits).integer(size).number(seed);
        return buckets(keys, bits, out);
      }
    }
    throw new IllegalArgumentException(
        "%d bits do not tell its %d words apart: expected more bits".formatted(bits, size));
  }

  private static int[] buckets(long[] keys, int bits, CompactOutput out) {
    int size = keys.length;
    int[] order =
        IntStream.range(0, size)
            .boxed()
            .sorted((a, b) -> Long.compare(keys[a], keys[b]))
            .mapToInt(i -> i)
            .toArray();
    BitSet unary = new BitSet(2 * size);
    for (int i = 0; i < size; i++) {
      unary.set(i + (int) (keys[order[i]] >>> Integer.SIZE)); // after the zeros of earlier buckets
    }
    out.raw(Arrays.copyOf(unary.toByteArray(), (2 * size + 7) / 8));
    for (int w : order) {
      for (int shift = 0; shift < bits; shift += Byte.SIZE) {
        out.octet((int) (keys[w] >>> shift));
      }
    }
    return order;
  }

  private static byte[][] letters(List<String> words) {
    return words.stream().map(w -> w.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
  }
}
