package io.github.lowrank.datasets;

import java.util.List;

/**
 * Labelled texts.
 *
 * @param texts in the order of the file
 * @param labels class numbers, one per text
 */
public record Split(List<String> texts, int[] labels) {
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
