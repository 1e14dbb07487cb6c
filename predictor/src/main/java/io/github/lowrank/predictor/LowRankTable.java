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
    Pool pool = left.pool();
    float[] sum = new float[Weight.padded(left.columns())];
    float[] product = new float[right.stride()];
    return (ids, count, factor, out) -> {
      pool.sum(ids, count, factor, sum);
      Arrays.fill(product, 0);
      right.addProduct(sum, product);
      System.arraycopy(product, 0, out, 0, right.columns());
    };
  }
}
