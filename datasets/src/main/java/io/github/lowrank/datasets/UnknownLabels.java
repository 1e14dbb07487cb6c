package io.github.lowrank.datasets;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Counts the labels of a file that are not known: answers to their texts can only be wrong. */
public final class UnknownLabels {
  /** Names in a message. */
  private static final int SHOWN = 5;

  private final Set<String> known;
  private final String whose;
  private final Map<String, Integer> counts = new LinkedHashMap<>();
  private long first;
  private int texts;
  private int all;
  private boolean anyKnown;

  /**
   * Nothing counted yet.
   *
   * @param whose labels are known
   */
  public UnknownLabels(Collection<String> known, String whose) {
    this.known = new LinkedHashSet<>(known);
    this.whose = whose;
  }

  /** Counts the labels of the next text, in {@code line} of the file. */
  public void count(List<String> labels, long line) {
    all++;
    boolean every = true;
    for (String label : labels) {
      if (!known.contains(label)) {
        counts.merge(label, 1, Integer::sum);
        every = false;
      } else {
        anyKnown = true;
      }
    }
    if (!every) {
      texts++;
      first = first == 0 ? line : first;
    }
  }

  /** Number of texts with a label that is not known. */
  public int texts() {
    return texts;
  }

  /**
   * What to tell the user about {@code file}.
   *
   * @throws DatasetException if no label is known: most likely this is another column or file
   */
  public Optional<String> message(Path file) throws DatasetException {
    if (texts == 0) {
      return Optional.empty();
    }
    String some =
        counts.entrySet().stream()
            .limit(SHOWN)
            .map(e -> "'%s' (%d)".formatted(LabelledFile.shortened(e.getKey()), e.getValue()))
            .collect(Collectors.joining(", "));
    String found =
        some + (counts.size() > SHOWN ? " and %d more".formatted(counts.size() - SHOWN) : "");
    if (!anyKnown) {
      throw new DatasetException(
          "%s: expected labels of %s (%s), found only %s"
              .formatted(
                  file,
                  whose,
                  known.stream()
                          .limit(SHOWN)
                          .map(l -> "'" + LabelledFile.shortened(l) + "'")
                          .collect(Collectors.joining(", "))
                      + (known.size() > SHOWN ? ", ..." : ""),
                  found));
    }
    return Optional.of(
        "%s: %d of %d texts have a label that %s do not have: %s, first in line %d"
            .formatted(file, texts, all, whose, found, first));
  }
}
