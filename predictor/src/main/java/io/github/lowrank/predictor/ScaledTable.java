package io.github.lowrank.predictor;

/**
 * A table and one factor per column.
 *
 * @param unscaled the table
 * @param scales one per column
 */
record ScaledTable(Table unscaled, float[] scales) implements Table {
  static ScaledTable read(Input in) throws FormatException {
    Table unscaled = Table.read(in);
    return new ScaledTable(unscaled, in.floats(unscaled.columns(), "the columns' scales"));
  }

  @Override
  public int rows() {
    return unscaled.rows();
  }

  @Override
  public int columns() {
    return scales.length;
  }

  @Override
  public Pool pool() {
    return new Scaled();
  }

  private final class Scaled implements Pool {
    private final Pool pool = unscaled.pool();

    @Override
    public void sum(int[] rows, int count, float factor, float[] out) {
      pool.sum(rows, count, factor, out);
      for (int c = 0; c < scales.length; c++) {
        out[c] *= scales[c];
      }
    }
  }
}
