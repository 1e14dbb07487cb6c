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
 * Vocabulary#of} and {@link TextEncoder#encode}, for which all texts must be in memory.
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
  private final List<EncodedTexts.Builder> parts = new ArrayList<>();

  /**
   * The texts of all parts.
   *
   * @param vocabulary the words of all texts, or the most frequent of them
   * @param differentWords number of different words of all texts
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
   * @param maxWords largest number of words in the vocabulary, the most frequent
   */
  public Encoded finish(int maxWords) {
    flush();
    Vocabulary vocabulary =
        Vocabulary.ofCounts(numbers.keySet(), w -> counts[numbers.get(w)], maxWords);
    int[] rows = new int[numbers.size()];
    numbers.forEach((w, number) -> rows[number] = vocabulary.id(w));
    return new Encoded(
        vocabulary, rows.length, parts.stream().map(part -> part.build(rows)).toList());
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
