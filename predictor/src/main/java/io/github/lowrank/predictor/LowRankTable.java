package io.github.lowrank.predictor;

import java.util.Arrays;

/**
 * Two factors: rows are summed before they are multiplied.
 *
 * @param left {@code [rows, k]}
 * @param right {@code [k, d]}
 */
record LowRankTable(Table left, Weight right) implements Table {
  static LowRankTable read(Input in) throws FormatException {
    Table left = Table.read(in);
    int at = in.position();
    Weight right = Weight.read(in, "the second factor");
    if (right.rows() != left.columns()) {
      throw in.wrong(at, "a second factor of %d rows".formatted(left.columns()), right.rows());
    }
    return new LowRankTable(left, right);
  }

  @Override
  public int rows() {
    return left.rows();
  }

  @Override
  public int columns() {
    return right.columns();
  }

  @Override
  public Pool pool() {
    return new Product();
  }

  // No lambdas here and in the other tables: the first of a process takes milliseconds.
  private final class Product implements Pool {
    private final Pool pool = left.pool();
    private final float[] sum = new float[Weight.padded(left.columns())];

    @Override
    public void sum(int[] rows, int count, float factor, float[] out) {
      pool.sum(rows, count, factor, sum);
      Arrays.fill(out, 0, Weight.padded(right.columns()), 0);
      right.addProduct(sum, out);
    }
  }
}
