package io.github.lowrank.experiments.spec;

import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.optimizer.Optimizer;

/** One thing that a compression method does to a classifier. */
public sealed interface Stage {
  /** Whether it trains. */
  default boolean trains() {
    return this instanceof Train || this instanceof TrainWith;
  }

  /**
   * Trains for a share of the step budget, with a fresh optimizer and schedule, and goes on with
   * the best on dev.
   *
   * @param share of the budget, in (0, 1]
   */
  record Train(double share) implements Stage {}

  /**
   * Trains as {@link Train}, with an optimizer and a schedule of its own.
   *
   * @param share of the budget, in (0, 1]
   * @param optimizer update rule
   * @param shape of the schedule
   */
  record TrainWith(double share, Optimizer optimizer, Plan.Shape shape) implements Stage {}

  /**
   * Factorises the table by truncated SVD; everything else is carried over.
   *
   * @param removed fraction R of the table's parameters to remove
   * @param split how the singular values are shared
   */
  record Factorize(double removed, TruncatedSvd.Split split) implements Stage {}

  /**
   * Replaces the rows of a table by their first k principal coordinates, {@code E V_k}. Only before
   * training: the layer above changes its size.
   *
   * @param removed fraction R of the table's parameters to remove
   */
  record Project(double removed) implements Stage {}

  /**
   * Stores the table in b-bit codes.
   *
   * @param bits width of a code
   * @param granularity which numbers share a scale
   */
  record Quantize(int bits, PackedCodes.Granularity granularity) implements Stage {}
}
