package io.github.lowrank.text;

import io.github.lowrank.op.Sessions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.strings.ReduceJoin;
import org.tensorflow.op.strings.StringSplit;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * Encodes texts while they are read: of a text only its row numbers are kept, of all texts their
 * different words. The result is the same as that of {@link TextEncoder#tokenize}, {@link
 * Vocabulary#withPairs} and {@link TextEncoder#encode}, for which all texts must be in memory.
 *
 * <p>Pairs of neighbouring words are pairs of numbers here: the blank between two words is in
 * neither, so this is the same as the graph's joining of strings, and needs no string per pair.
 */
public final class StreamEncoder implements AutoCloseable {
  private static final int BATCH = 1024;
  private static final int BATCH_CHARACTERS = 1 << 20;

  private final int maxLength;
  private final Graph graph = new Graph();
  private final Session session;
  private final Placeholder<TString> input;
  private final StringSplit split;
  private final Operand<TString> words;

  private final StringBuilder pending = new StringBuilder();
  private int[] pendingLabels = new int[BATCH];
  private int pendingTexts;

  private final Map<String, Integer> numbers = new HashMap<>(); // in the order of first occurrence
  private int[] counts = new int[1024];
  private int[] countsInTrain = new int[0]; // by number, of the first part; later words have none
  private final List<EncodedTexts.Builder> parts = new ArrayList<>();

  /**
   * The texts of all parts.
   *
   * @param vocabulary the words of all texts and pairs of the first part, or the most frequent of
   *     them
   * @param differentWords number of different words of all texts, and of pairs that are frequent
   *     enough
   * @param parts one after another, as they were read
   */
  public record Encoded(Vocabulary vocabulary, int differentWords, List<EncodedTexts> parts) {}

  /**
   * An encoder without texts.
   *
   * @param maxLength number of words kept of a text; the vocabulary counts the others, too
   */
  public StreamEncoder(Tokenizer tokenizer, int maxLength) {
    this.maxLength = maxLength;
    // Strings are expensive to move one by one: texts go in as the lines of one string and their
    // words come out as the lines of another.
    Ops tf = Ops.create(graph);
    input = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
    StringSplit lines =
        tf.strings.stringSplit(tf.expandDims(input, tf.constant(0)), tf.constant("\n"));
    split = tokenizer.split(tf, lines.values());
    words = tf.strings.reduceJoin(split.values(), tf.constant(0), ReduceJoin.separator("\n"));
    session = Sessions.open(graph);
  }

  /** Begins a part, to which the next texts belong. */
  public void part() {
    flush();
    if (parts.size() == 1) {
      countsInTrain = Arrays.copyOf(counts, numbers.size());
    }
    parts.add(new EncodedTexts.Builder());
  }

  /** Adds a text to the last part. */
  public void add(String text, int label) {
    // To both tokenizers a line feed is a space, and so is a space at the beginning nothing.
    pending.append(pendingTexts == 0 ? " " : "\n ").append(text.replace('\n', ' '));
    pendingLabels[pendingTexts++] = label;
    if (pendingTexts == BATCH || pending.length() >= BATCH_CHARACTERS) {
      flush();
    }
  }

  private void flush() {
    if (pendingTexts == 0) {
      return;
    }
    try (TString texts =
            TString.tensorOfBytes(
                NdArrays.scalarOfObject(pending.toString().getBytes(StandardCharsets.UTF_8)));
        Result result =
            Sessions.caller(session).feed(input, texts).fetch(split.indices()).fetch(words).run()) {
      TInt64 places = (TInt64) result.get(0);
      long[] rows = new long[Math.toIntExact(places.size())];
      places.copyTo(DataBuffers.of(rows));
      intern(rows, ((TString) result.get(1)).asBytes().getObject());
    }
    pending.setLength(0);
    pendingTexts = 0;
  }

  /** Numbers words: the lines of {@code lines}, at {@code places}, pairs of text and position. */
  private void intern(long[] places, byte[] lines) {
    int[] ids = new int[maxLength];
    int start = 0;
    int word = 0;
    for (int text = 0; text < pendingTexts; text++) {
      int length = 0;
      for (; 2 * word < places.length && places[2 * word] == text; word++) {
        int end = start;
        while (end < lines.length && lines[end] != '\n') {
          end++;
        }
        int number = number(new String(lines, start, end - start, StandardCharsets.UTF_8));
        if (length < maxLength) {
          ids[length++] = number;
        }
        start = end + 1;
      }
      parts.get(parts.size() - 1).add(ids, length, pendingLabels[text]);
    }
  }

  private int number(String word) {
    Integer known = numbers.putIfAbsent(word, numbers.size());
    int number = known == null ? numbers.size() - 1 : known;
    if (number == counts.length) {
      counts = Arrays.copyOf(counts, 2 * number);
    }
    counts[number]++;
    return number;
  }

  /**
   * All that was read; nothing can be added afterwards.
   *
   * @param maxWords largest number of words and pairs in the vocabulary, the most frequent
   * @param leastPairs pairs of neighbouring words are in the vocabulary if they occur so often in
   *     the first part, the training texts, within the words that are kept; 0: no pairs
   */
  public Encoded finish(int maxWords, int leastPairs) {
    return finish(maxWords, leastPairs, 0);
  }

  /**
   * The same with fewer words.
   *
   * @param leastWords words are in the vocabulary if they occur so often in the first part; their
   *     frequencies are those of the first part then; 0: words of all parts
   */
  public Encoded finish(int maxWords, int leastPairs, int leastWords) {
    flush();
    if (parts.size() == 1) {
      countsInTrain = Arrays.copyOf(counts, numbers.size());
    }
    int[] frequencies = leastWords == 0 ? counts : countsInTrain;
    String[] words = new String[numbers.size()];
    numbers.forEach((word, number) -> words[number] = word);
    List<EncodedTexts> numbered = parts.stream().map(EncodedTexts.Builder::build).toList();

    PairMap pairs = new PairMap();
    if (leastPairs > 0 && !numbered.isEmpty()) {
      numbered.get(0).forEachPair((first, second) -> pairs.add(first, second, 1));
    }
    Map<String, Integer> frequent = new HashMap<>();
    pairs.forEach(
        (first, second, count) -> {
          if (count >= leastPairs) {
            frequent.put(Vocabulary.pair(words[first], words[second]), count);
          }
        });
    List<String> different = new ArrayList<>();
    for (int number = 0; number < Math.min(words.length, frequencies.length); number++) {
      if (frequencies[number] >= leastWords) {
        different.add(words[number]);
      }
    }
    different.addAll(frequent.keySet());
    Vocabulary vocabulary =
        Vocabulary.ofCounts(
            different,
            w -> frequent.containsKey(w) ? frequent.get(w) : frequencies[numbers.get(w)],
            maxWords);

    int[] rows = Arrays.stream(words).mapToInt(vocabulary::id).toArray();
    PairMap pairRows = new PairMap();
    pairs.forEach(
        (first, second, count) -> {
          int row =
              count < leastPairs ? 0 : vocabulary.id(Vocabulary.pair(words[first], words[second]));
          if (row > 0) {
            pairRows.add(first, second, row);
          }
        });
    return new Encoded(
        vocabulary,
        different.size(),
        numbered.stream().map(part -> part.inRows(rows, pairRows)).toList());
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
