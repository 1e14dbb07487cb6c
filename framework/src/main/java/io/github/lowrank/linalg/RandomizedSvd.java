package io.github.lowrank.linalg;

import java.util.Arrays;
import java.util.Random;

/**
 * Truncated singular value decomposition {@code X ~ U S V^T} of a sparse matrix by subspace
 * iteration from a random start, <a href="https://arxiv.org/abs/0909.4061">Halko, Martinsson and
 * Tropp (2011)</a>, algorithms 4.4 and 5.1:
 *
 * <pre>
 * Q = orth(X R);   repeat  Q = orth(X orth(X^T Q));   X^T Q = P S W^T;   U = Q W,  V = P
 * </pre>
 *
 * Bases are orthonormalized by {@link TruncatedSvd}. The result depends on the seed, not on the
 * number of threads.
 *
 * @param u {@code [rows, k]}
 * @param singularValues k of them, descending
 * @param v {@code [columns, k]}
 */
public record RandomizedSvd(Matrix u, double[] singularValues, Matrix v) {
  private static final int OVERSAMPLING = 16;
  private static final int ITERATIONS = 3;

  /** Smaller singular values, as shares of the largest, are rounding errors of a Gram matrix. */
  private static final double NEGLIGIBLE = 1e-6;

  /**
   * Decomposes {@code x}.
   *
   * @param transposed {@code x} transposed; {@code x} itself if it is symmetric
   * @throws IllegalArgumentException if the rank is not in 1 .. min(rows, columns)
   */
  public static RandomizedSvd of(SparseMatrix x, SparseMatrix transposed, int rank, long seed) {
    int most = Math.min(x.rows(), x.columns());
    if (rank < 1 || rank > most) {
      throw new IllegalArgumentException(
          "expected a rank in 1 .. %d, the smaller side of the matrix, found %d"
              .formatted(most, rank));
    }
    int width = Math.min(most, rank + OVERSAMPLING);
    Matrix basis = orthonormal(x.times(Matrix.uniform(x.columns(), width, 1, new Random(seed))));
    for (int i = 0; i < ITERATIONS; i++) {
      basis = orthonormal(x.times(orthonormal(transposed.times(basis))));
    }
    // Once more: the columns of a Gram matrix's basis are orthogonal to single precision times
    // the condition number.
    basis = orthonormal(basis);
    TruncatedSvd small = TruncatedSvd.of(transposed.times(basis), rank);
    double[] values = Arrays.copyOf(small.singularValues(), rank);
    return new RandomizedSvd(
        basis.times(small.v().transposed()), values, unitColumns(small.us(), values));
  }

  /** An orthonormal basis of the columns of {@code y}; columns of zeros where their rank ends. */
  private static Matrix orthonormal(Matrix y) {
    TruncatedSvd svd = TruncatedSvd.of(y, y.columns());
    return unitColumns(svd.us(), svd.singularValues());
  }

  private static Matrix unitColumns(Matrix us, double[] s) {
    float[] factors = new float[us.columns()];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = s[i] > NEGLIGIBLE * s[0] ? (float) (1 / s[i]) : 0;
    }
    return scaledColumns(us, factors);
  }

  private static Matrix scaledColumns(Matrix matrix, float[] factors) {
    float[] scaled = matrix.values();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factors[i % factors.length];
    }
    return matrix.with(scaled);
  }

  /** {@code U sqrt(S)}, {@code [rows, k]}. */
  public Matrix left() {
    return scaledColumns(u.with(u.values().clone()), roots());
  }

  /** {@code V sqrt(S)}, {@code [columns, k]}. */
  public Matrix right() {
    return scaledColumns(v.with(v.values().clone()), roots());
  }

  private float[] roots() {
    float[] roots = new float[singularValues.length];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = (float) Math.sqrt(singularValues[i]);
    }
    return roots;
  }
}
