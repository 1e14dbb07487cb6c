package io.github.lowrank.embedding;

/** Arithmetic of ranks: a rank-k factorization of a V x d table has k (V + d) parameters. */
public final class Rank {
  private Rank() {}

  /**
   * The largest rank that removes at least {@code removed} of a table's parameters, at least 1:
   * {@code k = floor((1 - R) V d / (V + d))}.
   *
   * @param removed the fraction R, in (0, 1)
   * @throws IllegalArgumentException if R is outside (0, 1) or the rank would save nothing
   */
  public static int of(int vocabulary, int dimension, double removed) {
    if (!(removed > 0 && removed < 1)) {
      throw new IllegalArgumentException(
          "the removed fraction R must be in (0, 1), but is " + removed);
    }
    double full = (double) vocabulary * dimension;
    // The tolerance keeps rounding from lowering the rank where the division is exact, as with R =
    // 0.9.
    int k = (int) Math.max(1, Math.floor((1 - removed) * full / (vocabulary + dimension) + 1e-9));
    if (parameters(vocabulary, dimension, k) >= full) {
      throw new IllegalArgumentException(
          "a factorization of a %d x %d table saves nothing at R = %s: rank %d has %d parameters"
              .formatted(vocabulary, dimension, removed, k, parameters(vocabulary, dimension, k)));
    }
    return k;
  }

  /** Parameters of both factors. */
  public static long parameters(int vocabulary, int dimension, int rank) {
    return (long) rank * ((long) vocabulary + dimension);
  }
}
