package io.github.lowrank.predictor;

import io.github.lowrank.predictor.CompactFormat.WeightForm;
import java.util.Arrays;

/**
 * A weight matrix as floats. Its rows are padded with zeros to whole vectors of the processor, so
 * that the loop over a row has no remainder.
 *
 * @param rows number of rows
 * @param columns number of columns
 * @param stride numbers from a row to the next
 * @param values {@code [rows, stride]}
 */
record Weight(int rows, int columns, int stride, float[] values) {
  private static final int LANES = 8;

  static int padded(int columns) {
    return (columns + LANES - 1) / LANES * LANES;
  }

  static Weight read(Input in, String what) throws FormatException {
    in.enter();
    int at = in.position();
    WeightForm form = in.kind(WeightForm.class, "the form of " + what);
    Weight weight =
        switch (form) {
          case FLOATS -> floats(in, what);
          case CODES -> codes(in, what);
          case PRODUCT -> product(in, at, what);
        };
    in.leave();
    return weight;
  }

  /** A matrix of an expected shape. */
  static Weight read(Input in, String what, int rows, int columns) throws FormatException {
    int at = in.position();
    Weight weight = read(in, what);
    if (weight.rows != rows || weight.columns != columns) {
      throw in.wrong(
          at,
          "%s of %d x %d numbers".formatted(what, rows, columns),
          weight.rows + " x " + weight.columns);
    }
    return weight;
  }

  private static Weight floats(Input in, String what) throws FormatException {
    int at = in.position();
    int rows = in.integer("rows of " + what, 1, CompactFormat.LARGEST_WEIGHT);
    int columns = in.integer("columns of " + what, 1, CompactFormat.LARGEST_WEIGHT);
    check(in, at, what, rows, columns);
    float[] dense = in.floats((long) rows * columns, what);
    Weight weight = zeros(rows, columns);
    for (int r = 0; r < rows; r++) {
      System.arraycopy(dense, r * columns, weight.values, r * weight.stride, columns);
    }
    return weight;
  }

  private static Weight zeros(int rows, int columns) {
    int stride = padded(columns);
    return new Weight(rows, columns, stride, new float[rows * stride]);
  }

  private static void check(Input in, int at, String what, int rows, int columns)
      throws FormatException {
    if ((long) rows * padded(columns) > CompactFormat.LARGEST_WEIGHT) {
      throw in.wrong(
          at,
          "at most %d numbers in %s".formatted(CompactFormat.LARGEST_WEIGHT, what),
          rows + " x " + columns);
    }
  }

  private static Weight codes(Input in, String what) throws FormatException {
    int at = in.position();
    CodedTable codes = CodedTable.read(in, what);
    check(in, at, what, codes.rows(), codes.columns());
    Weight weight = zeros(codes.rows(), codes.columns());
    Table.Pool pool = codes.pool();
    float[] row = new float[weight.stride];
    int[] only = new int[1];
    int scales = in.skip(2L * weight.rows, "scales of " + what);
    for (int r = 0; r < weight.rows; r++) {
      float scale = Float.intBitsToFloat((int) (in.word(scales + 2 * r) & 0xffff) << 16);
      if (!Float.isFinite(scale)) {
        throw in.wrong(scales + 2 * r, "finite scales of " + what, scale);
      }
      only[0] = r;
      pool.sum(only, 1, scale, row);
      for (int c = 0; c < weight.columns; c++) {
        weight.values[r * weight.stride + c] = row[c];
      }
    }
    return weight;
  }

  private static Weight product(Input in, int at, String what) throws FormatException {
    Weight a = read(in, what);
    Weight b = read(in, what);
    if (a.columns != b.rows) {
      throw in.wrong(
          at,
          "factors of %s that fit".formatted(what),
          "%d x %d and %d x %d".formatted(a.rows, a.columns, b.rows, b.columns));
    }
    check(in, at, what, a.rows, b.columns);
    // Few bytes may ask for much work: no more than for the largest matrix of rank 256.
    if ((long) a.rows * a.columns * b.columns > 256L * CompactFormat.LARGEST_WEIGHT) {
      throw in.wrong(at, "a product of moderate size for " + what, a.rows + " x " + b.columns);
    }
    Weight weight = zeros(a.rows, b.columns);
    float[] left = new float[a.columns];
    float[] row = new float[weight.stride];
    for (int r = 0; r < a.rows; r++) {
      System.arraycopy(a.values, r * a.stride, left, 0, a.columns);
      Arrays.fill(row, 0);
      b.addProduct(left, row);
      System.arraycopy(row, 0, weight.values, r * weight.stride, weight.stride);
    }
    return weight;
  }

  /**
   * Adds {@code x W} to {@code sum}.
   *
   * @param x at least {@code rows} numbers
   * @param sum at least {@code stride} numbers; those from {@code columns} on become meaningless
   */
  void addProduct(float[] x, float[] sum) {
    for (int r = 0; r < rows; r++) {
      float factor = x[r];
      if (factor != 0) { // half of what comes out of a ReLU
        int from = r * stride;
        for (int c = 0; c < stride; c++) {
          sum[c] += factor * values[from + c];
        }
      }
    }
  }
}
