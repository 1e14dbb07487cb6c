package io.github.lowrank.datasets;

import java.io.IOException;
import java.util.List;

/**
 * Labelled texts in a fixed order. They need not be in memory: whoever wants them reads them, as
 * often as needed.
 */
public interface Split {
  /** Class number of a text whose class train does not have: every answer is wrong. */
  int UNKNOWN = -1;

  /** Number of texts. */
  int size();

  /** Number of texts whose class is {@link #UNKNOWN}. */
  default int unknown() {
    return 0;
  }

  /** Gives all texts to {@code reader}, one after another. */
  void read(Reader reader) throws IOException;

  /** Receives texts. */
  interface Reader {
    /**
     * The next text.
     *
     * @param label its class number, or {@link #UNKNOWN}
     */
    void text(String text, int label) throws IOException;
  }

  /** Texts in memory with their class numbers. */
  static InMemory of(List<String> texts, int[] labels) {
    return new InMemory(texts, labels);
  }

  /**
   * Texts in memory.
   *
   * @param texts in the order of the file
   * @param labels class numbers, one per text
   */
  record InMemory(List<String> texts, int[] labels) implements Split {
    public InMemory {
      texts = List.copyOf(texts);
      if (texts.size() != labels.length) {
        throw new IllegalArgumentException(
            texts.size() + " texts, but " + labels.length + " labels");
      }
    }

    @Override
    public int size() {
      return labels.length;
    }

    @Override
    public void read(Reader reader) throws IOException {
      for (int i = 0; i < labels.length; i++) {
        reader.text(texts.get(i), labels[i]);
      }
    }
  }
}
