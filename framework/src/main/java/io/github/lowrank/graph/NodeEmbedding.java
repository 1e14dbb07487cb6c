package io.github.lowrank.graph;

import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.RandomizedSvd;
import io.github.lowrank.linalg.SparseMatrix;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Two vectors for each node whose products are nearly the logarithms of proximities: {@code X ~ U S
 * V^T}, {@code source = U sqrt(S)}, {@code target = V sqrt(S)}.
 *
 * @param source {@code [nodes, d]}
 * @param target {@code [nodes, d]}
 */
public record NodeEmbedding(Matrix source, Matrix target) {
  public NodeEmbedding {
    if (source.rows() != target.rows() || source.columns() != target.columns()) {
      throw new IllegalArgumentException(
          "%d x %d sources, %d x %d targets"
              .formatted(source.rows(), source.columns(), target.rows(), target.columns()));
    }
  }

  /**
   * Embeds the nodes of a network.
   *
   * @param delta proximities below it count as none
   * @param dimension d
   * @param progress is told the number of sources that are pushed
   * @throws NothingNear if no proximity is above delta, so that all vectors would be zeros
   */
  public static NodeEmbedding of(
      Network network,
      StoppingProbabilities stopping,
      double delta,
      int dimension,
      long seed,
      IntConsumer progress) {
    SparseMatrix x = GeneralizedPush.logarithm(network, stopping, delta, progress);
    if (Arrays.stream(x.indices()).allMatch(row -> row.length == 0)) {
      throw new NothingNear(delta);
    }
    RandomizedSvd svd =
        RandomizedSvd.of(x, network.directed() ? x.transposed() : x, dimension, seed);
    return new NodeEmbedding(svd.left(), svd.right());
  }

  /** Number of nodes both of whose vectors are zeros. */
  public int empty() {
    int count = 0;
    for (int i = 0; i < source.rows(); i++) {
      boolean zero = true;
      for (int c = 0; c < source.columns() && zero; c++) {
        zero = source.get(i, c) == 0 && target.get(i, c) == 0;
      }
      count += zero ? 1 : 0;
    }
    return count;
  }

  /** No proximity is large enough. */
  public static final class NothingNear extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private NothingNear(double delta) {
      super("expected a number below the largest proximity of two nodes, found " + delta);
    }
  }

  /** {@code U_i . V_j}: how near j is to i. */
  public double score(int from, int to) {
    double sum = 0;
    for (int c = 0; c < source.columns(); c++) {
      sum += (double) source.get(from, c) * target.get(to, c);
    }
    return sum;
  }

  /** Both vectors of each node, each of length 1, concatenated: {@code [nodes, 2 d]}. */
  public Matrix features() {
    Matrix left = source.unitRows();
    Matrix right = target.unitRows();
    int d = left.columns();
    float[] both = new float[Math.multiplyExact(2 * d, left.rows())];
    for (int i = 0; i < left.rows(); i++) {
      System.arraycopy(left.values(), i * d, both, 2 * i * d, d);
      System.arraycopy(right.values(), i * d, both, (2 * i + 1) * d, d);
    }
    return new Matrix(left.rows(), 2 * d, both);
  }
}
