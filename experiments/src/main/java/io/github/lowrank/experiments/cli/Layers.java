package io.github.lowrank.experiments.cli;

import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Encoder;
import java.util.Locale;
import java.util.Random;

/**
 * What follows the word vectors.
 *
 * @param architecture kind of encoder
 * @param units hidden units, or filters of each width
 * @param dropout rate on the encoder's input or output
 * @param wordDropout share of words left out in training
 */
record Layers(Architecture architecture, int units, double dropout, double wordDropout) {
  private static final int DIMENSION = 300; // of most vectors

  Layers withUnits(int other) {
    return new Layers(architecture, other, dropout, wordDropout);
  }

  Layers withDropout(double other) {
    return new Layers(architecture, units, other, wordDropout);
  }

  Layers withWordDropout(double other) {
    return new Layers(architecture, units, dropout, other);
  }

  Encoder encoder() {
    return architecture.encoder(this);
  }

  /** Length of the encoder's vector. */
  int width() {
    return encoder().width(DIMENSION);
  }

  /**
   * Numbers of its matrices and the head's, the first folded into a table of rank {@code k}; with
   * none, the table's second factor.
   */
  long numbers(int k, int classes) {
    long separate = encoder().inputWeight().isEmpty() ? (long) k * DIMENSION : 0;
    return (long) classes * width()
        + separate
        + encoder().initialWeights(k, new Random(1)).values().stream()
            .filter(weight -> weight.rows() > 1)
            .mapToLong(Matrix::size)
            .sum();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s of %d units, dropout %s and %s",
        architecture.name().toLowerCase(Locale.ROOT),
        units,
        dropout,
        wordDropout);
  }
}
