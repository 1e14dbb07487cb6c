package io.github.lowrank.predictor;

import io.github.lowrank.predictor.CompactFormat.WeightForm;

/**
 * A weight matrix as floats. A narrow one stands in blocks of eight columns: the eight sums of a
 * block stay in registers while the rows pass by. A wide one has an array for each row: JDK 17
 * turns a loop into vector instructions only if all arrays in it have the same index, so rows that
 * begin inside of a common array would be added one number at a time.
 *
 * @param rows number of rows
 * @param columns number of columns
 * @param values {@code [blocks][rows * block]} if narrow, {@code [rows][columns]} if wide; zeros
 *     behind the last column
 */
record Weight(int rows, int columns, float[][] values) {
  private static final int BLOCK = 8;
  private static final int WIDE = 64;

  private boolean wide() {
    return columns >= WIDE;
  }

  /** Numbers of a row, with those behind the last column. */
  static int padded(int columns) {
    return (columns + BLOCK - 1) / BLOCK * BLOCK;
  }

  static Weight read(Input in, String what) throws FormatException {
    in.enter();
    int at = in.position();
    WeightForm form = in.kind(WeightForm.values(), "the form of a weight");
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
    int rows = in.integer("rows of a weight", 1, CompactFormat.LARGEST_WEIGHT);
    int columns = in.integer("columns of a weight", 1, CompactFormat.LARGEST_WEIGHT);
    check(in, at, what, rows, columns);
    float[] dense = in.floats((long) rows * columns, what);
    Weight weight = zeros(rows, columns);
    for (int r = 0; r < rows; r++) {
      weight.put(r, 1, dense, r * columns);
    }
    return weight;
  }

  private static Weight zeros(int rows, int columns) {
    int row = padded(columns);
    float[][] values = columns < WIDE ? new float[row / BLOCK][rows * BLOCK] : new float[rows][row];
    return new Weight(rows, columns, values);
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
    float[] row = new float[padded(weight.columns)];
    int[] only = new int[1];
    int scales = in.skip(2L * weight.rows, "scales of a weight");
    for (int r = 0; r < weight.rows; r++) {
      float scale = Float.intBitsToFloat((int) (in.word(scales + 2 * r) & 0xffff) << Short.SIZE);
      if (!Float.isFinite(scale)) {
        throw in.wrong(scales + 2 * r, "finite scales of " + what, scale);
      }
      only[0] = r;
      pool.sum(only, 1, 1, row);
      weight.put(r, scale, row, 0);
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
    for (int r = 0; r < a.rows; r++) {
      for (int c = 0; c < a.columns; c++) {
        left[c] = a.get(r, c);
      }
      float[] row = new float[padded(b.columns)];
      b.addProduct(left, row);
      weight.put(r, 1, row, 0);
    }
    return weight;
  }

  private float get(int row, int column) {
    return wide() ? values[row][column] : values[column / BLOCK][row * BLOCK + column % BLOCK];
  }

  private void put(int row, float scale, float[] from, int at) {
    for (int c = 0; c < columns; c++) {
      float value = scale * from[at + c];
      if (wide()) {
        values[row][c] = value;
      } else {
        values[c / BLOCK][row * BLOCK + c % BLOCK] = value;
      }
    }
  }

  /**
   * Adds {@code x W} to {@code sum}.
   *
   * @param x at least {@code rows} numbers
   * @param sum at least {@link #padded} numbers
   */
  void addProduct(float[] x, float[] sum) {
    if (wide()) {
      addWide(x, sum);
    } else {
      addNarrow(x, sum);
    }
  }

  private void addWide(float[] x, float[] sum) {
    float[][] w = values;
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      addRows(sum, w[r], w[r + 1], w[r + 2], w[r + 3], x[r], x[r + 1], x[r + 2], x[r + 3]);
    }
    for (; r < rows; r++) {
      float[] row = w[r];
      float factor = x[r];
      for (int i = 0; i < row.length; i++) {
        sum[i] += factor * row[i];
      }
    }
  }

  /** Four rows at once: each sum is read and written a quarter as often. */
  private static void addRows(
      float[] sum,
      float[] first,
      float[] second,
      float[] third,
      float[] fourth,
      float a,
      float b,
      float c,
      float d) {
    for (int i = 0; i < first.length; i++) {
      sum[i] += a * first[i] + b * second[i] + c * third[i] + d * fourth[i];
    }
  }

  private void addNarrow(float[] x, float[] sum) {
    for (int c = 0; c < columns; c += BLOCK) {
      float[] w = values[c / BLOCK];
      float s0 = sum[c];
      float s1 = sum[c + 1];
      float s2 = sum[c + 2];
      float s3 = sum[c + 3];
      float s4 = sum[c + 4];
      float s5 = sum[c + 5];
      float s6 = sum[c + 6];
      float s7 = sum[c + 7];
      for (int r = 0, i = 0; r < rows; r++, i += BLOCK) {
        float factor = x[r];
        s0 += factor * w[i];
        s1 += factor * w[i + 1];
        s2 += factor * w[i + 2];
        s3 += factor * w[i + 3];
        s4 += factor * w[i + 4];
        s5 += factor * w[i + 5];
        s6 += factor * w[i + 6];
        s7 += factor * w[i + 7];
      }
      sum[c] = s0;
      sum[c + 1] = s1;
      sum[c + 2] = s2;
      sum[c + 3] = s3;
      sum[c + 4] = s4;
      sum[c + 5] = s5;
      sum[c + 6] = s6;
      sum[c + 7] = s7;
    }
  }
}
