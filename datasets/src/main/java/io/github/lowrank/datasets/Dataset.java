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
 */
public record Dataset(
    List<String> labels, Split train, Split dev, Split test, List<String> unknown) {
  public Dataset {
    labels = List.copyOf(labels);
    unknown = List.copyOf(unknown);
  }

  /** A data set whose labels all occur in train. */
  public Dataset(List<String> labels, Split train, Split dev, Split test) {
    this(labels, train, dev, test, List.of());
  }
}
