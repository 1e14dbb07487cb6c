package io.github.lowrank.text;

/**
 * A number for each pair of numbers, in 12 to 48 bytes per pair: texts have several times as many
 * different pairs of words as words.
 */
final class PairMap {
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L; // the golden ratio

  private long[] pairs = new long[1 << 12];
  private int[] values = new int[1 << 12]; // 0: no pair stands here
  private int size;

  /** Receives pairs and their numbers. */
  interface Visitor {
    /** The number of {@code first} and {@code second}, not 0. */
    void visit(int first, int second, int value);
  }

  /** The place of a pair, or the free one where it belongs. */
  private int place(long pair) {
    int last = pairs.length - 1;
    int at = (int) (pair * MULTIPLIER >>> Integer.SIZE) & last;
    while (values[at] != 0 && pairs[at] != pair) {
      at = at + 1 & last;
    }
    return at;
  }

  private static long pair(int first, int second) {
    return (long) first << Integer.SIZE | second;
  }

  /** The number of a pair; 0 if it has none. */
  int get(int first, int second) {
    return values[place(pair(first, second))];
  }

  boolean isEmpty() {
    return size == 0;
  }

  /**
   * Adds to the number of a pair.
   *
   * @param first at least 0, as is {@code second}
   * @param more at least 1
   */
  void add(int first, int second, int more) {
    long pair = pair(first, second);
    int at = place(pair);
    if (values[at] == 0) {
      pairs[at] = pair;
      size++;
    }
    values[at] += more;
    if (2 * size > pairs.length) {
      grow();
    }
  }

  private void grow() {
    long[] former = pairs;
    int[] numbers = values;
    pairs = new long[2 * former.length];
    values = new int[2 * former.length];
    for (int i = 0; i < former.length; i++) {
      if (numbers[i] != 0) {
        int at = place(former[i]);
        pairs[at] = former[i];
        values[at] = numbers[i];
      }
    }
  }

  void forEach(Visitor visitor) {
    for (int i = 0; i < pairs.length; i++) {
      if (values[i] != 0) {
        visitor.visit((int) (pairs[i] >>> Integer.SIZE), (int) pairs[i], values[i]);
      }
    }
  }
}
