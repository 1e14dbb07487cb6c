package io.github.lowrank.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Texts as row numbers, with their classes.
 *
 * @param ids one array per text; 0 for unknown words
 * @param labels class numbers
 */
public record EncodedTexts(int[][] ids, int[] labels) {
  public EncodedTexts {
    if (ids.length != labels.length) {
      throw new IllegalArgumentException(ids.length + " texts, but " + labels.length + " labels");
    }
  }

  /** Number of texts. */
  public int size() {
    return ids.length;
  }

  /** The texts whose indices satisfy {@code which}. */
  public EncodedTexts part(IntPredicate which) {
    int[] chosen = IntStream.range(0, size()).filter(which).toArray();
    return new EncodedTexts(
        Arrays.stream(chosen).mapToObj(i -> ids[i]).toArray(int[][]::new), labels(chosen));
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
    List<Integer> order = new ArrayList<>(size());
    for (int i = 0; i < size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    List<int[]> batches = new ArrayList<>();
    int window = 50 * batch;
    for (int start = 0; start < size(); start += window) {
      List<Integer> near = order.subList(start, Math.min(size(), start + window));
      near.sort((a, b) -> Integer.compare(ids[a].length, ids[b].length));
      for (int i = 0; i < near.size(); i += batch) {
        batches.add(
            near.subList(i, Math.min(near.size(), i + batch)).stream()
                .mapToInt(Integer::intValue)
                .toArray());
      }
    }
    Collections.shuffle(batches, random);
    return batches;
  }

  /** Batches of all texts, sorted by length, for evaluation. */
  public List<int[]> byLength(int batch) {
    Integer[] order = new Integer[size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Integer.compare(ids[a].length, ids[b].length));
    List<int[]> batches = new ArrayList<>();
    for (int i = 0; i < order.length; i += batch) {
      int[] some = new int[Math.min(batch, order.length - i)];
      for (int j = 0; j < some.length; j++) {
        some[j] = order[i + j];
      }
      batches.add(some);
    }
    return batches;
  }

  /** Ids of some texts, padded with 0 to the longest of them (at least 1), row after row. */
  public int[] padded(int[] texts) {
    int length = longest(texts);
    int[] flat = new int[texts.length * length];
    for (int i = 0; i < texts.length; i++) {
      int[] text = ids[texts[i]];
      System.arraycopy(text, 0, flat, i * length, text.length);
    }
    return flat;
  }

  /** Length of the longest of some texts, at least 1. */
  public int longest(int[] texts) {
    int longest = 1;
    for (int text : texts) {
      longest = Math.max(longest, ids[text].length);
    }
    return longest;
  }

  /** Labels of some texts. */
  public int[] labels(int[] texts) {
    return Arrays.stream(texts).map(i -> labels[i]).toArray();
  }
}
