package io.github.lowrank.linalg;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;

/**
 * Truncated singular value decomposition {@code E ~ U_k S_k V_k^T} of a tall table.
 *
 * <p>Computed from the Gram matrix: {@code E^T E = V S^2 V^T} is only d x d, and {@code U_k S_k = E
 * V_k} needs no division. The table is read twice in blocks of rows, one block per thread at a
 * time, and the products of the blocks are summed in double precision in the order of the blocks.
 * So the extra memory does not grow with the vocabulary, and the result does not depend on the
 * number of threads. Squaring loses singular values below about 3e-4 of the largest, which a
 * truncation omits anyway.
 *
 * @param us {@code U_k S_k}, {@code [V, k]}
 * @param v {@code V_k^T}, {@code [k, d]}
 * @param singularValues all d of them, descending
 */
public record TruncatedSvd(Matrix us, Matrix v, double[] singularValues) {
  /** How the singular values are split between the two factors. */
  public enum Split {
    /** The paper's: {@code W_a = U_k}, {@code W_b = S_k V_k^T}. */
    PAPER,
    /** {@code W_a = U_k sqrt(S_k)}, {@code W_b = sqrt(S_k) V_k^T}: factors of equal scale. */
    BALANCED
  }

  /**
   * What {@link #stream} returns after it has passed on the rows of {@code U_k S_k}.
   *
   * @param v {@code V_k^T}, {@code [k, d]}
   * @param singularValues all d of them, descending
   */
  public record Streamed(Matrix v, double[] singularValues) {}

  /** Receives the rows of {@code U_k S_k}, block by block, in order. */
  public interface RowsConsumer {
    /**
     * Receives a block of rows.
     *
     * @param start index of the first row
     * @param rows concatenated rows of k numbers each
     */
    void accept(int start, float[] rows) throws IOException;
  }

  /**
   * Decomposes {@code table} at {@code rank}.
   *
   * @throws IllegalArgumentException if the rank is not in 1 .. d
   */
  public static TruncatedSvd of(Matrix table, int rank) {
    try {
      float[] us = new float[Math.multiplyExact(table.rows(), rank)];
      Streamed streamed =
          stream(
              new MatrixRows(table),
              rank,
              (start, rows) -> System.arraycopy(rows, 0, us, start * rank, rows.length));
      return new TruncatedSvd(
          new Matrix(table.rows(), rank, us), streamed.v(), streamed.singularValues());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot happen: no file is read
    }
  }

  /**
   * Decomposes a table without holding it or its left factor in memory: the table is read twice,
   * and the rows of {@code U_k S_k} are passed on as they are computed.
   *
   * @throws IllegalArgumentException if the rank is not in 1 .. d
   */
  public static Streamed stream(TableRows table, int rank, RowsConsumer us) throws IOException {
    if (rank < 1 || rank > table.columns()) {
      throw Spectrum.wrongRank(rank, table.columns()); // before the table is read
    }
    Spectrum spectrum = Spectrum.ofGram(RowProducts.gram(table).values(), table.columns());
    Matrix v = spectrum.basis(rank);
    RowProducts.times(table, v.transposed(), (range, rows) -> us.accept(range.start(), rows));
    return new Streamed(v, spectrum.singularValues());
  }

  private record MatrixRows(Matrix matrix) implements TableRows {
    @Override
    public int rows() {
      return matrix.rows();
    }

    @Override
    public int columns() {
      return matrix.columns();
    }

    @Override
    public FloatBuffer read(int start, int count) {
      return FloatBuffer.wrap(matrix.values(), start * columns(), count * columns()).slice();
    }
  }

  /** The rank k. */
  public int rank() {
    return v.rows();
  }

  /** {@code ||E - U_k S_k V_k^T||_F / ||E||_F}, from the singular values. */
  public double relativeError() {
    return Spectrum.relativeError(singularValues, rank());
  }

  /**
   * The two factors of {@code E ~ W_a W_b}.
   *
   * @param wa {@code [V, k]}
   * @param wb {@code [k, d]}
   */
  public record Factors(Matrix wa, Matrix wb) {}

  /** The two factors. */
  public Factors factors(Split split) {
    int k = rank();
    float[] wa = us.values().clone();
    float[] wb = v.values().clone();
    for (int i = 0; i < k; i++) {
      double s = singularValues[i];
      double share = split == Split.PAPER ? s : Math.sqrt(s);
      float down = share == 0 ? 0 : (float) (1 / share);
      for (int row = 0; row < us.rows(); row++) {
        wa[row * k + i] *= down;
      }
      for (int column = 0; column < v.columns(); column++) {
        wb[i * v.columns() + column] *= (float) share;
      }
    }
    return new Factors(new Matrix(us.rows(), k, wa), new Matrix(k, v.columns(), wb));
  }
}
