package io.github.lowrank.model;

import io.github.lowrank.embedding.Weight;
import io.github.lowrank.predictor.CompactOutput;

/** A linear layer in a compact file. */
final class CompactLayer {
  private static final int WEIGHT = 1;
  private static final int RELU = 2;

  private CompactLayer() {}

  /**
   * Writes a layer.
   *
   * @param weight null if it is part of the table
   */
  static void write(Weight weight, Weight bias, boolean relu, CompactOutput out) {
    out.octet((weight == null ? 0 : WEIGHT) | (relu ? RELU : 0));
    if (weight != null) {
      weight.writeCompact(out);
    }
    out.floats(bias.toMatrix().values());
  }
}
