package io.github.lowrank.datasets;

import java.util.List;

/**
 * A data set in memory.
 *
 * @param labels class names, by class number
 * @param train training texts
 * @param dev texts for selection
 * @param test texts that are scored once, at the end
 */
public record Dataset(List<String> labels, Split train, Split dev, Split test) {
  public Dataset {
    labels = List.copyOf(labels);
  }
}
