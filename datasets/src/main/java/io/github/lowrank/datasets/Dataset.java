package io.github.lowrank.datasets;

import java.util.List;

/**
 * A data set: its classes, and its texts, which may be in memory or in files.
 *
 * @param labels class names, by class number
 * @param train training texts
 * @param dev texts for selection
 * @param test texts that are scored once, at the end
 * @param unknown a line for each split that has labels which train does not have
 * @param unlabelled texts without labels, which a teacher can label
 * @param sets if a text may have any number of labels, the different sets of class numbers, {@link
 *     Split#UNKNOWN} among them for classes that train does not have; the number of a text is that
 *     of its set then; else empty
 * @param confidence probability that the label of each training text is right; empty: all are
 */
public record Dataset(
    List<String> labels,
    Split train,
    Split dev,
    Split test,
    List<String> unknown,
    List<String> unlabelled,
    List<int[]> sets,
    float[] confidence) {
  public Dataset {
    labels = List.copyOf(labels);
    unknown = List.copyOf(unknown);
    unlabelled = List.copyOf(unlabelled);
    sets = List.copyOf(sets);
  }

  /** A data set whose texts all have labels, which all occur in train. */
  public Dataset(List<String> labels, Split train, Split dev, Split test) {
    this(labels, train, dev, test, List.of(), List.of(), List.of(), new float[0]);
  }

  /** Whether a text may have any number of labels. */
  public boolean multiLabel() {
    return !sets.isEmpty();
  }
}
