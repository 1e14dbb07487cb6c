package io.github.lowrank.datasets;

import java.util.List;

/**
 * A data set in memory.
 *
 * @param labels class names, by class number
 * @param train to learn from
 * @param dev to select by
 * @param test to touch once
 */
public record Dataset(List<String> labels, Split train, Split dev, Split test) {
  public Dataset {
    labels = List.copyOf(labels);
  }
}
