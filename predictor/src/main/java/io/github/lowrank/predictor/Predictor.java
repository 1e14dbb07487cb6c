package io.github.lowrank.predictor;

import io.github.lowrank.predictor.CompactFormat.Section;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A text classifier from a compact file. Any number of threads may predict at the same time; each
 * keeps its own working memory, so that the methods that write into arrays of the caller allocate
 * nothing after the first texts.
 */
public final class Predictor {
  private final Settings settings;
  private final Words words;
  private final Encoder encoder;
  private final Head head;
  private final String card;
  private final List<byte[]> unchanged; // sections besides settings and head; of prototypes alone
  private final Memories memories = new Memories();

  /**
   * The answer for one text.
   *
   * @param label the most likely label
   * @param probability its probability
   * @param probabilities probabilities of all classes, in the order of {@link Predictor#labels}
   * @param rejected whether the text is too far from all prototypes to have a label at all
   */
  public record Prediction(
      String label, float probability, float[] probabilities, boolean rejected) {}

  /** A label and its probability. */
  public record Label(String name, float probability) {}

  /** What a thread needs to predict. */
  private static final class Memory {
    private final Tokens tokens;
    private final Encoder.Run encoder;
    private final float[] scores;

    private Memory(Predictor predictor) {
      tokens =
          new Tokens(
              predictor.words,
              predictor.settings.tokenization(),
              predictor.settings.mostWords(),
              predictor.settings.pairs());
      encoder = predictor.encoder.run();
      scores = predictor.head.memory();
    }
  }

  /** The memory of each thread. */
  private final class Memories extends ThreadLocal<Memory> {
    @Override
    protected Memory initialValue() {
      return new Memory(Predictor.this);
    }
  }

  private Predictor(Input in, int[] starts) throws FormatException {
    in.section(starts[0], starts[1]);
    settings = Settings.read(in);
    in.sectionEnds();

    in.section(starts[1], starts[2]);
    words = Words.read(in);
    in.sectionEnds();

    in.section(starts[2], starts[3]);
    Table table = Table.read(in);
    if (table.rows() != words.size()) {
      throw in.wrong(starts[2], "a table of %d rows".formatted(words.size()), table.rows());
    }
    in.sectionEnds();

    in.section(starts[3], starts[4]);
    encoder = Encoder.read(in, table);
    if (settings.pairs() && encoder.ordered()) {
      throw in.wrong(starts[3], "an encoder of pairs of words", "one that depends on their order");
    }
    in.sectionEnds();

    in.section(starts[4], starts[5]);
    head = Head.read(in, settings.labels(), encoder.width());
    if (head.classes() != settings.labels().size()) {
      throw in.wrong(
          starts[4],
          "a head of %d classes".formatted(settings.labels().size()),
          head.classes() + " of them");
    }
    in.sectionEnds();

    in.section(starts[5], starts[6]);
    int at = in.position();
    byte[] json = in.inflated("the model card");
    card = in.utf8(json, 0, json.length, at, "the model card");
    in.sectionEnds();

    List<byte[]> sections = new ArrayList<>();
    for (Section section : Section.values()) {
      int i = section.ordinal();
      if (head.means().isPresent() && section != Section.SETTINGS && section != Section.HEAD) {
        sections.add(Arrays.copyOfRange(in.array(), starts[i], starts[i + 1]));
      }
    }
    unchanged = List.copyOf(sections);
  }

  private Predictor(Predictor other, Head head, Settings settings) {
    this.settings = settings;
    this.words = other.words;
    this.encoder = other.encoder;
    this.head = head;
    this.card = other.card;
    this.unchanged = other.unchanged;
  }

  /**
   * Loads a model.
   *
   * @throws FormatException if {@code file} is not a compact file, is damaged, or is of another
   *     version; the message says where
   * @throws IOException if it cannot be read
   */
  public static Predictor load(Path file) throws IOException {
    return of(Files.readAllBytes(file), file.toString());
  }

  /**
   * A model from the bytes of its file.
   *
   * @param name of the file, for messages
   */
  public static Predictor of(byte[] bytes, String name) throws FormatException {
    Input in = new Input(name, bytes);
    byte[] magic = CompactFormat.magic();
    if (bytes.length < CompactFormat.HEADER + CompactFormat.CHECKSUM
        || !Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length)) {
      throw in.wrong(0, "a compact file of Lowrank", "other bytes");
    }
    in.section(magic.length, bytes.length);
    int version = in.integer("version");
    if (version != CompactFormat.VERSION) {
      throw in.wrong(
          magic.length,
          "version %d, which this predictor reads".formatted(CompactFormat.VERSION),
          version);
    }
    int length = in.integer("length of the file");
    if (length != bytes.length) {
      throw in.wrong(
          magic.length + Integer.BYTES, "a file of %d bytes".formatted(length), bytes.length);
    }
    int end = bytes.length - CompactFormat.CHECKSUM;
    int[] starts = new int[Section.values().length + 1];
    for (Section section : Section.values()) {
      int i = section.ordinal();
      int least = i == 0 ? CompactFormat.HEADER : starts[i - 1];
      starts[i] = in.integer("offset of section " + section, least, i == 0 ? least : end);
    }
    starts[starts.length - 1] = end;
    CRC32 checksum = new CRC32();
    checksum.update(bytes, 0, end);
    in.section(end, bytes.length);
    int written = in.integer("checksum");
    if (written != (int) checksum.getValue()) {
      throw in.wrong(
          end,
          "the checksum %08x of an undamaged file".formatted((int) checksum.getValue()),
          "%08x".formatted(written));
    }
    return new Predictor(in, starts);
  }

  /** All labels, by class number. */
  public List<String> labels() {
    return settings.labels();
  }

  /** The model card, JSON. */
  public String card() {
    return card;
  }

  /** Number of known words and pairs of words. */
  public int words() {
    return words.size();
  }

  /**
   * The probability that a word or pair outside the vocabulary is taken for one of it: 0 if the
   * file has the words themselves, about 2^-b if it has fingerprints of b bits.
   */
  public double falsePositiveRate() {
    int bits = words.fingerprintBits();
    return bits == 0 || words.size() == 0 ? 0 : Math.scalb(1.0, -bits);
  }

  /** Whether a text may have any number of labels, each with a probability of its own. */
  public boolean multiLabel() {
    return head.threshold() >= 0;
  }

  /** Whether a text may have none of the labels, for being too far from all prototypes. */
  public boolean rejects() {
    return !head.guesses();
  }

  /**
   * From which probability on a label is an answer of {@link #labels(String)}: chosen on the texts
   * that selected the model.
   *
   * @throws IllegalStateException if a text has one label: it is the most likely
   */
  public float threshold() {
    if (!multiLabel()) {
      throw new IllegalStateException("expected a model of any number of labels per text");
    }
    return head.threshold();
  }

  /**
   * The labels of a text, the most likely first: those from the threshold on, or the most likely if
   * texts have one label; none if the text is rejected.
   */
  public List<Label> labels(String text) {
    Prediction answer = predict(text);
    if (answer.rejected()) {
      return List.of();
    }
    if (!multiLabel()) {
      return List.of(new Label(answer.label(), answer.probability()));
    }
    List<Label> found = new ArrayList<>();
    for (int c = 0; c < answer.probabilities().length; c++) {
      if (answer.probabilities()[c] >= head.threshold()) {
        found.add(new Label(labels().get(c), answer.probabilities()[c]));
      }
    }
    found.sort(Comparator.comparingDouble(label -> -label.probability()));
    return found;
  }

  /** The most likely label of a text. */
  public Prediction predict(String text) {
    float[] probabilities = new float[labels().size()];
    int answer = predict(text, probabilities);
    int best = answer < 0 ? ~answer : answer;
    return new Prediction(labels().get(best), probabilities[best], probabilities, answer < 0);
  }

  /**
   * The class of a text.
   *
   * @param probabilities receives the probabilities of all classes
   * @return the number of the most likely class, the first of equals; its complement {@code ~c},
   *     which is negative, if the text is rejected
   */
  public int predict(String text, float[] probabilities) {
    Memory memory = memories.get();
    return answer(memory, memory.tokens.read(text), probabilities);
  }

  /**
   * The class of a text in UTF-8; what is not UTF-8 is read as U+FFFD.
   *
   * @param utf8 its bytes are {@code utf8[from .. to - 1]}
   * @param probabilities receives the probabilities of all classes
   * @return the number of the most likely class, the first of equals; its complement {@code ~c},
   *     which is negative, if the text is rejected
   */
  public int predict(byte[] utf8, int from, int to, float[] probabilities) {
    Memory memory = memories.get();
    return answer(memory, memory.tokens.read(utf8, from, to), probabilities);
  }

  /** Numbers of the vector that the encoder makes of a text. */
  public int vectorLength() {
    return encoder.width();
  }

  /**
   * The class of a text, with the vector that the encoder made of it.
   *
   * @param probabilities receives the probabilities of all classes
   * @param vector receives {@link #vectorLength} numbers; zeros if no word is known
   * @return as {@link #predict(String, float[])}
   */
  public int predict(String text, float[] probabilities, float[] vector) {
    Memory memory = memories.get();
    float[] encoded = vector(memory, memory.tokens.read(text));
    if (encoded == null) {
      Arrays.fill(vector, 0, encoder.width(), 0);
    } else {
      System.arraycopy(encoded, 0, vector, 0, encoder.width());
    }
    return answer(memory, encoded, probabilities);
  }

  private int answer(Memory memory, int count, float[] probabilities) {
    return answer(memory, vector(memory, count), probabilities);
  }

  private int answer(Memory memory, float[] vector, float[] probabilities) {
    int classes = labels().size();
    if (probabilities.length < classes) {
      throw new IllegalArgumentException(
          "expected room for %d probabilities, found %d".formatted(classes, probabilities.length));
    }
    boolean accepted;
    if (vector == null) {
      System.arraycopy(settings.prior(), 0, probabilities, 0, classes);
      accepted = head.guesses();
    } else {
      accepted = head.answer(vector, memory.scores, probabilities);
    }
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (probabilities[c] > probabilities[best]) {
        best = c;
      }
    }
    return accepted ? best : ~best;
  }

  /** The encoder's vector, valid until the next text; null if no word is known. */
  private static float[] vector(Memory memory, int count) {
    int[] rows = memory.tokens.rows();
    int known = 0;
    for (int i = 0; i < count; i++) {
      known += rows[i] >>> 31 ^ 1;
    }
    return known == 0 ? null : memory.encoder.encode(rows, count, known);
  }

  /** The classes of a model of prototypes, which come and go without training; else empty. */
  public Optional<ClassMeans> classes() {
    return head.means();
  }

  /**
   * The point of a text, for {@link ClassMeans#add}; empty if no word of it is known.
   *
   * @throws IllegalStateException if this is not a model of prototypes
   */
  public Optional<float[]> point(String text) {
    Memory memory = memories.get();
    float[] vector = vector(memory, memory.tokens.read(text));
    return vector == null
        ? Optional.empty()
        : Optional.of(head.point(Arrays.copyOf(vector, encoder.width())));
  }

  /**
   * This model with more texts of a label, which may be new. Nothing is trained; this model stays
   * as it is.
   *
   * @throws IllegalArgumentException if no text has a known word
   * @throws IllegalStateException if this is not a model of prototypes
   */
  public Predictor withTexts(String label, List<String> texts) {
    List<float[]> points = texts.stream().flatMap(text -> point(text).stream()).toList();
    if (points.isEmpty()) {
      throw new IllegalArgumentException(
          "expected texts with known words for label '%s', found %s".formatted(label, texts));
    }
    return with(classes().orElseThrow().add(label, points));
  }

  /**
   * This model with other classes, such as {@code classes().get().remove("spam")}.
   *
   * @throws IllegalStateException if this is not a model of prototypes
   */
  public Predictor with(ClassMeans classes) {
    return new Predictor(this, head.with(classes), settings.with(classes));
  }

  /**
   * The compact file of a model of prototypes.
   *
   * @throws IllegalStateException if this is not a model of prototypes
   */
  public byte[] toBytes() {
    CompactOutput first = new CompactOutput();
    settings.write(first);
    CompactOutput last = new CompactOutput();
    head.write(last);
    List<byte[]> sections = new ArrayList<>(unchanged);
    sections.add(Section.SETTINGS.ordinal(), first.toBytes());
    sections.add(Section.HEAD.ordinal(), last.toBytes());
    return CompactOutput.file(sections);
  }

  @Override
  public String toString() {
    return "Predictor[%d labels, %d words]".formatted(labels().size(), words.size());
  }
}
