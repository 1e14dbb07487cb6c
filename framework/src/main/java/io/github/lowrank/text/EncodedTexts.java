package io.github.lowrank.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;

/**
 * Texts as row numbers, with their classes. The row numbers of many texts share an array, so a text
 * takes four bytes per word and eight more.
 */
public final class EncodedTexts {
  // Texts per block: 2 to this power. G1 neither moves arrays of half a megabyte nor shares their
  // regions, so that large blocks would leave no room for the table.
  private static final int BITS = 11;

  private final int[][] blocks;
  private final int[] ends; // of each text in its block
  private final int[] labels;
  private final List<int[]> sets; // empty: each label is one class
  private final float[] confidence; // empty: every label is right

  private EncodedTexts(
      int[][] blocks, int[] ends, int[] labels, List<int[]> sets, float[] confidence) {
    this.blocks = blocks;
    this.ends = ends;
    this.labels = labels;
    this.sets = sets;
    this.confidence = confidence;
  }

  /**
   * These texts, whose labels may be wrong.
   *
   * @param confidence probability that the label of each text is right; empty: every label is
   */
  public EncodedTexts withConfidence(float[] confidence) {
    if (confidence.length > 0 && confidence.length != size()) {
      throw new IllegalArgumentException(
          size() + " texts, but " + confidence.length + " confidences");
    }
    return new EncodedTexts(blocks, ends, labels, sets, confidence.clone());
  }

  /** Whether every label is right. */
  public boolean certain() {
    return confidence.length == 0;
  }

  /** The probability that the label of a text is right. */
  public float confidence(int text) {
    return certain() ? 1 : confidence[text];
  }

  /**
   * These texts, whose labels are numbers of sets of classes.
   *
   * @param sets class numbers by the number of the set; negative ones stand for classes that no
   *     classifier knows; if there is no set, the labels are class numbers
   */
  public EncodedTexts withSets(List<int[]> sets) {
    return new EncodedTexts(blocks, ends, labels, List.copyOf(sets), confidence);
  }

  /** Whether a text may have any number of classes. */
  public boolean multiLabel() {
    return !sets.isEmpty();
  }

  /** The classes of a text; none if it has no label. */
  public int[] classes(int text) {
    if (labels[text] < 0) {
      return new int[0];
    }
    return multiLabel() ? sets.get(labels[text]) : new int[] {labels[text]};
  }

  /** Whether {@code number} is among the classes of a text. */
  public boolean has(int text, int number) {
    if (!multiLabel()) {
      return labels[text] == number;
    }
    for (int c : classes(text)) {
      if (c == number) {
        return true;
      }
    }
    return false;
  }

  /**
   * Texts in memory.
   *
   * @param ids one array per text; 0 for unknown words
   * @param labels class numbers
   */
  public static EncodedTexts of(int[][] ids, int[] labels) {
    if (ids.length != labels.length) {
      throw new IllegalArgumentException(ids.length + " texts, but " + labels.length + " labels");
    }
    Builder builder = new Builder();
    for (int i = 0; i < ids.length; i++) {
      builder.add(ids[i], ids[i].length, labels[i]);
    }
    return builder.build();
  }

  /** Collects texts one by one. */
  public static final class Builder {
    private final List<int[]> blocks = new ArrayList<>();
    private int[] block = new int[1 << BITS];
    private int[] ends = new int[1024];
    private int[] labels = new int[1024];
    private int filled;
    private int size;

    /** Adds a text, the first {@code length} of {@code ids}. */
    public void add(int[] ids, int length, int label) {
      if (size == ends.length) {
        ends = Arrays.copyOf(ends, size + (size >> 1));
        labels = Arrays.copyOf(labels, size + (size >> 1));
      }
      if (filled + length > block.length) {
        block = Arrays.copyOf(block, Math.max(2 * block.length, filled + length));
      }
      System.arraycopy(ids, 0, block, filled, length);
      filled += length;
      ends[size] = filled;
      labels[size] = label;
      size++;
      if (size % (1 << BITS) == 0) {
        close();
      }
    }

    private void close() {
      blocks.add(Arrays.copyOf(block, filled));
      filled = 0;
    }

    /** The texts; nothing can be added afterwards. */
    public EncodedTexts build() {
      if (filled > 0 || size % (1 << BITS) > 0) {
        close();
      }
      return new EncodedTexts(
          blocks.toArray(int[][]::new),
          Arrays.copyOf(ends, size),
          Arrays.copyOf(labels, size),
          List.of(),
          new float[0]);
    }
  }

  /** Receives neighbours. */
  interface PairVisitor {
    /** Two ids, one after the other in a text. */
    void visit(int first, int second);
  }

  /** All pairs of neighbours of all texts, in their order. */
  void forEachPair(PairVisitor visitor) {
    for (int text = 0; text < size(); text++) {
      int[] ids = blocks[text >> BITS];
      for (int i = start(text) + 1; i < ends[text]; i++) {
        visitor.visit(ids[i - 1], ids[i]);
      }
    }
  }

  /**
   * These texts with {@code rows[id]} in the place of every id, and after them the rows of the
   * pairs of neighbours that have one. They must not be used afterwards.
   */
  EncodedTexts inRows(int[] rows, PairMap pairs) {
    if (pairs.isEmpty()) {
      for (int[] ids : blocks) {
        for (int i = 0; i < ids.length; i++) {
          ids[i] = rows[ids[i]];
        }
      }
      return this;
    }
    Builder builder = new Builder();
    int[] all = new int[0];
    for (int text = 0; text < size(); text++) {
      int[] ids = ids(text);
      int filled = 0;
      all = all.length < 2 * ids.length ? new int[2 * ids.length] : all;
      for (int id : ids) {
        all[filled++] = rows[id];
      }
      for (int i = 1; i < ids.length; i++) {
        int row = pairs.get(ids[i - 1], ids[i]);
        if (row > 0) {
          all[filled++] = row;
        }
      }
      builder.add(all, filled, labels[text]);
    }
    return builder.build().withSets(sets).withConfidence(confidence);
  }

  /** Number of texts. */
  public int size() {
    return labels.length;
  }

  private int start(int text) {
    return (text & ((1 << BITS) - 1)) == 0 ? 0 : ends[text - 1];
  }

  /** Number of words of a text. */
  public int length(int text) {
    return ends[text] - start(text);
  }

  /** Number of words of all texts. */
  public long words() {
    long words = 0;
    for (int[] block : blocks) {
      words += block.length;
    }
    return words;
  }

  /** Row numbers of a text, 0 for unknown words. */
  public int[] ids(int text) {
    return Arrays.copyOfRange(blocks[text >> BITS], start(text), ends[text]);
  }

  /** Class numbers of all texts, or those of their sets; not to be modified. */
  public int[] labels() {
    return labels;
  }

  /** These texts and then {@code others}. */
  public EncodedTexts and(EncodedTexts others) {
    Builder builder = new Builder();
    for (EncodedTexts texts : List.of(this, others)) {
      for (int i = 0; i < texts.size(); i++) {
        builder.add(texts.ids(i), texts.length(i), texts.labels[i]);
      }
    }
    float[] both = new float[certain() && others.certain() ? 0 : size() + others.size()];
    for (int i = 0; i < both.length; i++) {
      both[i] = i < size() ? confidence(i) : others.confidence(i - size());
    }
    return builder.build().withSets(sets).withConfidence(both);
  }

  /** The texts whose indices satisfy {@code which}. */
  public EncodedTexts part(IntPredicate which) {
    Builder builder = new Builder();
    float[] some = new float[size()];
    int kept = 0;
    for (int i = 0; i < size(); i++) {
      if (which.test(i)) {
        builder.add(ids(i), length(i), labels[i]);
        some[kept++] = confidence(i);
      }
    }
    return builder
        .build()
        .withSets(sets)
        .withConfidence(certain() ? confidence : Arrays.copyOf(some, kept));
  }

  /**
   * The batches of one epoch, in order, as indices of texts: a pure function of (seed, epoch).
   *
   * <p>Texts are shuffled; within windows of 50 batches they are sorted by length, so that little
   * padding is needed; then the batches are shuffled. Every text occurs once; one batch may be
   * smaller than the others.
   */
  public List<int[]> epoch(int batch, long seed, long epoch) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L + epoch);
    int[] order = new int[size()];
    Arrays.setAll(order, i -> i);
    for (int i = order.length; i > 1; i--) {
      int j = random.nextInt(i);
      int swapped = order[i - 1];
      order[i - 1] = order[j];
      order[j] = swapped;
    }
    List<int[]> batches = new ArrayList<>();
    int window = 50 * batch;
    for (int start = 0; start < order.length; start += window) {
      int[] near = Arrays.copyOfRange(order, start, Math.min(order.length, start + window));
      batches(sorted(near), batch, batches);
    }
    Collections.shuffle(batches, random);
    return batches;
  }

  /** Batches of all texts, sorted by length, for evaluation. */
  public List<int[]> byLength(int batch) {
    int[] order = new int[size()];
    Arrays.setAll(order, i -> i);
    List<int[]> batches = new ArrayList<>();
    batches(sorted(order), batch, batches);
    return batches;
  }

  /** Some texts in the order of their lengths; those of equal length keep their order. */
  private int[] sorted(int[] texts) {
    long[] keys = new long[texts.length];
    Arrays.setAll(keys, i -> (long) length(texts[i]) << 32 | i);
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> texts[(int) key]).toArray();
  }

  private static void batches(int[] texts, int batch, List<int[]> batches) {
    for (int i = 0; i < texts.length; i += batch) {
      batches.add(Arrays.copyOfRange(texts, i, Math.min(texts.length, i + batch)));
    }
  }

  /** Ids of some texts, padded with 0 to the longest of them (at least 1), row after row. */
  public int[] padded(int[] texts) {
    int length = longest(texts);
    int[] flat = new int[texts.length * length];
    for (int i = 0; i < texts.length; i++) {
      int text = texts[i];
      System.arraycopy(blocks[text >> BITS], start(text), flat, i * length, length(text));
    }
    return flat;
  }

  /** Length of the longest of some texts, at least 1. */
  public int longest(int[] texts) {
    int longest = 1;
    for (int text : texts) {
      longest = Math.max(longest, length(text));
    }
    return longest;
  }

  /** Labels of some texts. */
  public int[] labels(int[] texts) {
    return Arrays.stream(texts).map(i -> labels[i]).toArray();
  }

  /**
   * A number for each text that depends on its words alone. Different texts have different numbers,
   * but for one chance in 2^64 per pair.
   */
  public long[] fingerprints() {
    long[] prints = new long[size()];
    for (int text = 0; text < prints.length; text++) {
      long print = 0x243F6A8885A308D3L;
      for (int i = start(text); i < ends[text]; i++) {
        print = (print ^ blocks[text >> BITS][i]) * 0x9E3779B97F4A7C15L;
        print ^= print >>> 29;
      }
      prints[text] = print;
    }
    return prints;
  }
}
