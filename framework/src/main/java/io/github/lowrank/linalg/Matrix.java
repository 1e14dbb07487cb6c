package io.github.lowrank.linalg;

import java.util.Random;

/**
 * A dense float matrix, row after row.
 *
 * @param rows number of rows
 * @param columns number of columns
 * @param values {@code rows * columns} numbers; not copied, so not to be changed
 */
public record Matrix(int rows, int columns, float[] values) {
  public Matrix {
    if ((long) rows * columns != values.length) {
      throw new IllegalArgumentException(
          "a " + rows + " x " + columns + " matrix cannot hold " + values.length + " values");
    }
  }

  /** All zero. */
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

  /** Glorot and Bengio's (2010) uniform initialisation. */
  public static Matrix glorot(int rows, int columns, Random random) {
    return uniform(rows, columns, Math.sqrt(6.0 / (rows + columns)), random);
  }

  /** The same shape with other numbers. */
  public Matrix with(float[] other) {
    return new Matrix(rows, columns, other);
  }

  /** One entry. */
  public float get(int row, int column) {
    return values[row * columns + column];
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

  /** Number of entries. */
  public long size() {
    return values.length;
  }
}
