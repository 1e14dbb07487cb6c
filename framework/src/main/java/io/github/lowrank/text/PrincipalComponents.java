package io.github.lowrank.text;

import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;

/**
 * Vectors reduced by principal component analysis, scaled to a given mean square.
 *
 * @param values {@code [n, d]}
 * @param variance share of the variance that the kept components explain, in [0, 1]
 */
record PrincipalComponents(Matrix values, double variance) {
  /**
   * The first {@code dimension} components of {@code full}.
   *
   * @param full {@code [n, at least d]}
   * @param meanSquare of the numbers that result
   */
  static PrincipalComponents of(Matrix full, int dimension, double meanSquare) {
    TruncatedSvd components = TruncatedSvd.of(full.centred(), dimension);
    float[] values = components.us().values();
    double squares = 0;
    for (float x : values) {
      squares += (double) x * x;
    }
    // A single vector is its own mean: nothing is left to scale.
    float scale = squares == 0 ? 0 : (float) Math.sqrt(meanSquare * values.length / squares);
    for (int i = 0; i < values.length; i++) {
      values[i] *= scale;
    }
    double error = components.relativeError();
    return new PrincipalComponents(components.us(), 1 - error * error);
  }
}
