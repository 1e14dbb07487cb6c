package io.github.lowrank.datasets;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * Which training texts are held out for dev: a share, chosen by a hash of the text, so that equal
 * texts stay together.
 *
 * @param share in (0, 1)
 * @param limit if the share has more texts, about this number of them; exceeded only by the copies
 *     of one text
 */
public record HoldOut(double share, int limit) {
  /** A share without a limit. */
  public static HoldOut share(double share) {
    return new HoldOut(share, Integer.MAX_VALUE);
  }

  /** A text that is held out, at its place in the file. */
  record Held(int index, String text, List<String> labels) {}

  /** Chooses while a file is read; keeps only the chosen texts. */
  final class Choice {
    private final TreeMap<Integer, List<Held>> held = new TreeMap<>();
    private int size;
    private long bound = Long.MAX_VALUE; // orders from here on are not held out

    /** Considers the text at {@code index}. */
    void add(int index, String text, List<String> labels) {
      if (!contains(text)) {
        return;
      }
      held.computeIfAbsent(order(text), o -> new ArrayList<>(1)).add(new Held(index, text, labels));
      size++;
      while (size - held.lastEntry().getValue().size() >= limit) {
        bound = held.lastKey();
        size -= held.pollLastEntry().getValue().size();
      }
    }

    /** Whether {@code text} is held out, after all texts have been added. */
    boolean contains(String text) {
      int hash = text.hashCode() * 0x9E3779B9;
      return Integer.remainderUnsigned(hash >>> 4, 1000) < 1000 * share && order(text) < bound;
    }

    /** The chosen texts in the order of the file. */
    List<Held> held() {
      return held.values().stream()
          .flatMap(List::stream)
          .sorted(Comparator.comparingInt(Held::index))
          .toList();
    }
  }

  /**
   * One of {@code count} parts of about the same size, in 0 .. count - 1, the same for equal texts.
   */
  static int fold(String text, int count) {
    return Integer.remainderUnsigned(order(text), count);
  }

  /** The order in which texts are preferred, independent of the share: MurmurHash3's finalizer. */
  private static int order(String text) {
    int h = text.hashCode();
    h = (h ^ (h >>> 16)) * 0x85EBCA6B;
    h = (h ^ (h >>> 13)) * 0xC2B2AE35;
    return h ^ (h >>> 16);
  }
}
