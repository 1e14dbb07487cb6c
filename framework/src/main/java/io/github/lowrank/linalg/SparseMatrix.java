package io.github.lowrank.linalg;

import java.util.Arrays;

/**
 * A sparse float matrix, row by row: more entries than one Java array holds are no obstacle.
 *
 * @param columns number of columns
 * @param indices for each row the columns of its entries, ascending; not copied
 * @param values for each row its entries; not copied
 */
public record SparseMatrix(int columns, int[][] indices, float[][] values) {
  private static final int BLOCK = 64;

  public SparseMatrix {
    if (indices.length != values.length) {
      throw new IllegalArgumentException(
          "%d rows of indices beside %d of values".formatted(indices.length, values.length));
    }
  }

  /** Number of rows. */
  public int rows() {
    return indices.length;
  }

  /** Number of entries that are stored. */
  public long entries() {
    return Arrays.stream(indices).mapToLong(row -> row.length).sum();
  }

  /** Rows as columns. */
  public SparseMatrix transposed() {
    int[] counts = new int[columns];
    for (int[] row : indices) {
      for (int column : row) {
        counts[column]++;
      }
    }
    int[][] otherIndices = new int[columns][];
    float[][] otherValues = new float[columns][];
    for (int c = 0; c < columns; c++) {
      otherIndices[c] = new int[counts[c]];
      otherValues[c] = new float[counts[c]];
    }
    Arrays.fill(counts, 0);
    for (int r = 0; r < indices.length; r++) {
      for (int i = 0; i < indices[r].length; i++) {
        int column = indices[r][i];
        otherIndices[column][counts[column]] = r;
        otherValues[column][counts[column]++] = values[r][i];
      }
    }
    return new SparseMatrix(rows(), otherIndices, otherValues);
  }

  /** {@code this + other}, which has the same shape. */
  public SparseMatrix plus(SparseMatrix other) {
    if (rows() != other.rows() || columns != other.columns) {
      throw new IllegalArgumentException(
          "cannot add %d x %d to %d x %d".formatted(other.rows(), other.columns, rows(), columns));
    }
    int[][] sumIndices = new int[rows()][];
    float[][] sumValues = new float[rows()][];
    Parallel.blocks(
        rows(),
        BLOCK,
        (from, to) -> {
          for (int r = from; r < to; r++) {
            addRow(other, r, sumIndices, sumValues);
          }
        });
    return new SparseMatrix(columns, sumIndices, sumValues);
  }

  private void addRow(SparseMatrix other, int r, int[][] sumIndices, float[][] sumValues) {
    int[] a = indices[r];
    int[] b = other.indices[r];
    int[] columnsOfSum = new int[a.length + b.length];
    float[] sum = new float[columnsOfSum.length];
    int count = 0;
    int i = 0;
    int j = 0;
    while (i < a.length || j < b.length) {
      int left = i < a.length ? a[i] : Integer.MAX_VALUE;
      int right = j < b.length ? b[j] : Integer.MAX_VALUE;
      columnsOfSum[count] = Math.min(left, right);
      sum[count] =
          (left <= right ? values[r][i++] : 0) + (right <= left ? other.values[r][j++] : 0);
      count++;
    }
    sumIndices[r] = Arrays.copyOf(columnsOfSum, count);
    sumValues[r] = Arrays.copyOf(sum, count);
  }

  /** {@code this * right}; the result does not depend on the number of threads. */
  public Matrix times(Matrix right) {
    if (columns != right.rows()) {
      throw new IllegalArgumentException(
          "cannot multiply %d x %d by %d x %d"
              .formatted(rows(), columns, right.rows(), right.columns()));
    }
    int width = right.columns();
    float[] product = new float[Math.multiplyExact(rows(), width)];
    float[] factors = right.values();
    Parallel.blocks(
        rows(),
        BLOCK,
        (from, to) -> {
          float[] sum = new float[width];
          for (int r = from; r < to; r++) {
            Arrays.fill(sum, 0);
            for (int i = 0; i < indices[r].length; i++) {
              addScaled(sum, factors, indices[r][i] * width, values[r][i]);
            }
            System.arraycopy(sum, 0, product, r * width, width);
          }
        });
    return new Matrix(rows(), width, product);
  }

  private static void addScaled(float[] sum, float[] from, int start, float factor) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * from[start + i];
    }
  }
}
