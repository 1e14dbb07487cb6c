package io.github.lowrank.linalg;

import java.io.Serializable;
import java.util.Arrays;

/**
 * The Gram matrix {@code E^T E} of rows that come one by one, in plain Java: the upper triangle,
 * packed, in double precision. Parts of a table can be summed apart and then merged.
 */
public final class Gram implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Rows that are added at once: the triangle then passes the cache once for all of them. */
  private static final int AT_ONCE = 4;

  private final int columns;
  private final double[] triangle;
  private final double[][] waiting;
  private int count;
  private long rows;

  /** Of no rows yet, of {@code columns} numbers each. */
  public Gram(int columns) {
    this.columns = columns;
    this.triangle = new double[Math.toIntExact((long) columns * (columns + 1) / 2)];
    this.waiting = new double[AT_ONCE][columns];
  }

  /** Adds the row {@code values[from .. from + columns - 1]}. */
  public void add(float[] values, int from) {
    double[] row = waiting[count++];
    for (int i = 0; i < columns; i++) {
      row[i] = values[from + i];
    }
    rows++;
    if (count == AT_ONCE) {
      flush();
    }
  }

  /** Adds all rows of another part, and returns this. */
  public Gram merge(Gram other) {
    other.flush();
    for (int i = 0; i < triangle.length; i++) {
      triangle[i] += other.triangle[i];
    }
    rows += other.rows;
    return this;
  }

  private void flush() {
    if (count == 0) {
      return;
    }
    for (int r = count; r < AT_ONCE; r++) {
      Arrays.fill(waiting[r], 0);
    }
    double[] a = waiting[0];
    double[] b = waiting[1];
    double[] c = waiting[2];
    double[] d = waiting[3];
    int start = 0;
    for (int i = 0; i < columns; i++) {
      addRow(start - i, i, a, b, c, d);
      start += columns - i;
    }
    count = 0;
  }

  /** Row i of the triangle, in a method of its own: this small loop becomes vector instructions. */
  private void addRow(int offset, int i, double[] a, double[] b, double[] c, double[] d) {
    double x = a[i];
    double y = b[i];
    double z = c[i];
    double w = d[i];
    for (int j = i; j < columns; j++) {
      triangle[offset + j] += x * a[j] + y * b[j] + z * c[j] + w * d[j];
    }
  }

  /** Number of rows so far. */
  public long rows() {
    return rows;
  }

  /** The whole matrix, {@code [columns, columns]}. */
  public double[] full() {
    flush();
    double[] full = new double[columns * columns];
    int at = 0;
    for (int i = 0; i < columns; i++) {
      for (int j = i; j < columns; j++) {
        full[i * columns + j] = triangle[at];
        full[j * columns + i] = triangle[at++];
      }
    }
    return full;
  }
}
