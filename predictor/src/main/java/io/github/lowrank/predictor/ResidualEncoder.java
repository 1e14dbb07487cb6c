package io.github.lowrank.predictor;

/**
 * The mean of the word vectors, and two layers whose result is added to it.
 *
 * @param table word vectors
 * @param first layer
 * @param second layer, as wide as the word vectors
 */
record ResidualEncoder(Table table, Layer first, Layer second) implements Encoder {
  static ResidualEncoder read(Input in, Table table) throws FormatException {
    Layer first = Layer.read(in, "the first layer", table.columns(), false);
    int at = in.position();
    Layer second = Layer.read(in, "the second layer", first.outputs(), false);
    if (second.outputs() != table.columns()) {
      throw in.wrong(
          at, "%d columns of the second layer".formatted(table.columns()), second.outputs());
    }
    return new ResidualEncoder(table, first, second);
  }

  @Override
  public int width() {
    return table.columns();
  }

  @Override
  public Run run() {
    return new Layers();
  }

  private final class Layers implements Run {
    private final Table.Pool pool = table.pool();
    private final float[] mean = new float[Weight.padded(table.columns())];
    private final float[] hidden = first.memory();
    private final float[] sum = second.memory();

    @Override
    public float[] encode(int[] rows, int count, int known) {
      pool.sum(rows, count, 1f / known, mean);
      first.apply(mean, hidden);
      second.apply(hidden, sum);
      for (int i = 0; i < table.columns(); i++) {
        sum[i] += mean[i];
      }
      return sum;
    }
  }
}
