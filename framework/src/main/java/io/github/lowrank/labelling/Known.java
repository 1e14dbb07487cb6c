package io.github.lowrank.labelling;

import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a human has said of texts, by row number.
 *
 * @param classes number of classes
 * @param labels classes of the exemplars
 * @param rejected of other texts, the classes that they do not have
 * @param skipped texts of which the human said nothing
 */
public record Known(
    int classes,
    SortedMap<Integer, Integer> labels,
    SortedMap<Integer, Set<Integer>> rejected,
    Set<Integer> skipped) {
  public Known {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    rejected = Collections.unmodifiableSortedMap(new TreeMap<>(rejected));
    skipped = Collections.unmodifiableSet(new HashSet<>(skipped));
  }

  /** Exemplars alone. */
  public Known(int classes, Map<Integer, Integer> labels) {
    this(classes, new TreeMap<>(labels), new TreeMap<>(), Set.of());
  }

  /** Whether the human has been asked about a text, or need not be. */
  public boolean done(int text) {
    return labels.containsKey(text) || rejected.containsKey(text) || skipped.contains(text);
  }

  /** Whether a text is known not to have a class. */
  boolean not(int text, int label) {
    Integer known = labels.get(text);
    return known != null ? known != label : rejected.getOrDefault(text, Set.of()).contains(label);
  }
}
