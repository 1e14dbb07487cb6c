package io.github.lowrank.datasets;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A split, read into memory. */
final class Read {
  private Read() {}

  static Split.InMemory all(Split split) throws IOException {
    List<String> texts = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    split.read(
        (text, label) -> {
          texts.add(text);
          labels.add(label);
        });
    return Split.of(texts, labels.stream().mapToInt(Integer::intValue).toArray());
  }
}
