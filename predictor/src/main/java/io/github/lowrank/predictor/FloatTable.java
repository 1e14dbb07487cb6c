package io.github.lowrank.predictor;

import java.util.Arrays;

/**
 * One float per entry.
 *
 * @param rows number of rows
 * @param columns length of a row
 * @param values {@code [rows, columns]}
 */
record FloatTable(int rows, int columns, float[] values) implements Table {
  static FloatTable read(Input in) throws FormatException {
    int rows = in.integer("rows of the table", 0, Integer.MAX_VALUE);
    int columns = in.integer("columns of the table", 1, CompactFormat.LARGEST_WEIGHT);
    return new FloatTable(rows, columns, in.floats((long) rows * columns, "the table"));
  }

  @Override
  public Pool pool() {
    return new Sum();
  }

  private final class Sum implements Pool {
    @Override
    public void sum(int[] ids, int count, float factor, float[] out) {
      Arrays.fill(out, 0, columns, 0);
      for (int i = 0; i < count; i++) {
        if (ids[i] >= 0) {
          int from = ids[i] * columns;
          for (int c = 0; c < columns; c++) {
            out[c] += values[from + c];
          }
        }
      }
      for (int c = 0; c < columns; c++) {
        out[c] *= factor;
      }
    }
  }
}
