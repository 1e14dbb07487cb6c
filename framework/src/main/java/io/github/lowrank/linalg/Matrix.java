package io.github.lowrank.linalg;

import java.util.Arrays;
import java.util.Random;

/**
 * A dense float matrix in row-major order.
 *
 * @param rows number of rows
 * @param columns number of columns
 * @param values {@code rows * columns} numbers; not copied; must not be modified
 */
public record Matrix(int rows, int columns, float[] values) {
  public Matrix {
    if ((long) rows * columns != values.length) {
      throw new IllegalArgumentException(
          "a " + rows + " x " + columns + " matrix cannot hold " + values.length + " values");
    }
  }

  /** A matrix of zeros. */
  public static Matrix zeros(int rows, int columns) {
    return new Matrix(rows, columns, new float[Math.multiplyExact(rows, columns)]);
  }

  /** Uniform in {@code [-limit, limit)}. */
  public static Matrix uniform(int rows, int columns, double limit, Random random) {
    float[] values = new float[Math.multiplyExact(rows, columns)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((2 * random.nextDouble() - 1) * limit);
    }
    return new Matrix(rows, columns, values);
  }

  /** Glorot and Bengio's (2010) uniform initialization. */
  public static Matrix glorot(int rows, int columns, Random random) {
    return uniform(rows, columns, Math.sqrt(6.0 / (rows + columns)), random);
  }

  /** A matrix of this shape with other values. */
  public Matrix with(float[] other) {
    return new Matrix(rows, columns, other);
  }

  /** The entry at a row and a column. */
  public float get(int row, int column) {
    return values[row * columns + column];
  }

  /** A copy of a row. */
  public float[] row(int row) {
    return Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
  }

  /** A copy of a column. */
  public float[] column(int column) {
    float[] copy = new float[rows];
    for (int r = 0; r < rows; r++) {
      copy[r] = get(r, column);
    }
    return copy;
  }

  /** {@code diag(scales) * this}. */
  public Matrix scaledRows(float[] scales) {
    float[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= scales[i / columns];
    }
    return with(scaled);
  }

  /** Every column less its mean. */
  public Matrix centred() {
    float[] centred = values.clone();
    for (int c = 0; c < columns; c++) {
      double mean = 0;
      for (int r = 0; r < rows; r++) {
        mean += get(r, c);
      }
      mean /= rows;
      for (int r = 0; r < rows; r++) {
        centred[r * columns + c] -= (float) mean;
      }
    }
    return with(centred);
  }

  /** Every row divided by its length; rows of zeros stay. */
  public Matrix unitRows() {
    float[] scales = new float[rows];
    for (int r = 0; r < rows; r++) {
      double squares = 0;
      for (int c = 0; c < columns; c++) {
        squares += (double) get(r, c) * get(r, c);
      }
      scales[r] = squares == 0 ? 0 : (float) (1 / Math.sqrt(squares));
    }
    return scaledRows(scales);
  }

  /** Rows as columns. */
  public Matrix transposed() {
    Matrix other = zeros(columns, rows);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        other.values[c * rows + r] = values[r * columns + c];
      }
    }
    return other;
  }

  /** {@code this * right}; for small matrices: no threads, no blocking. */
  public Matrix times(Matrix right) {
    if (columns != right.rows) {
      throw new IllegalArgumentException(
          "cannot multiply "
              + rows
              + " x "
              + columns
              + " by "
              + right.rows
              + " x "
              + right.columns);
    }
    float[] product = new float[Math.multiplyExact(rows, right.columns)];
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < columns; k++) {
        float factor = values[i * columns + k];
        for (int j = 0; j < right.columns; j++) {
          product[i * right.columns + j] += factor * right.values[k * right.columns + j];
        }
      }
    }
    return new Matrix(rows, right.columns, product);
  }

  /** The rows of this matrix and then those of {@code lower}, which has the same columns. */
  public Matrix above(Matrix lower) {
    if (columns != lower.columns) {
      throw new IllegalArgumentException(columns + " columns above " + lower.columns);
    }
    float[] both = Arrays.copyOf(values, values.length + lower.values.length);
    System.arraycopy(lower.values, 0, both, values.length, lower.values.length);
    return new Matrix(rows + lower.rows, columns, both);
  }

  /** Number of entries. */
  public long size() {
    return values.length;
  }
}
