package io.github.lowrank.datasets;

import java.util.List;

/**
 * Labelled texts.
 *
 * @param texts in the order of the file
 * @param labels class numbers, one per text; {@link #UNKNOWN} for a class that train does not have
 */
public record Split(List<String> texts, int[] labels) {
  /** Class number of a text whose class train does not have: every answer is wrong. */
  public static final int UNKNOWN = -1;

  public Split {
    texts = List.copyOf(texts);
    if (texts.size() != labels.length) {
      throw new IllegalArgumentException(texts.size() + " texts, but " + labels.length + " labels");
    }
  }

  /** Number of texts. */
  public int size() {
    return labels.length;
  }
}
