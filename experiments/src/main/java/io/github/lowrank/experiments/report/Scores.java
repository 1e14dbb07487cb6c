package io.github.lowrank.experiments.report;

import java.util.Map;

/** How a classifier answered labelled texts. */
public interface Scores {
  /** All in one line. */
  String headline();

  /** Class by class. */
  Table table();

  /** The figures by name, shares in [0, 1]. */
  Map<String, Object> facts();

  /** The share of texts whose most likely label is right, which selects models. */
  double accuracy();
}
