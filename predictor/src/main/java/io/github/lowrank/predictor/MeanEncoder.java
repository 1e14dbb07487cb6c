package io.github.lowrank.predictor;

import java.util.ArrayList;
import java.util.List;

/**
 * The mean of the word vectors, then layers: with none the model is linear.
 *
 * @param table word vectors
 * @param layers in their order
 */
record MeanEncoder(Table table, List<Layer> layers) implements Encoder {
  private static final int MOST_LAYERS = 1000;

  static MeanEncoder read(Input in, Table table) throws FormatException {
    int count = in.integer("number of hidden layers", 0, MOST_LAYERS);
    List<Layer> layers = new ArrayList<>();
    int width = table.columns();
    for (int i = 0; i < count; i++) {
      Layer layer = Layer.read(in, "hidden layer " + i, width, i == 0);
      width = layer.outputs();
      layers.add(layer);
    }
    return new MeanEncoder(table, List.copyOf(layers));
  }

  @Override
  public int width() {
    return layers.isEmpty() ? table.columns() : layers.get(layers.size() - 1).outputs();
  }

  @Override
  public Run run() {
    return new Layers();
  }

  private final class Layers implements Run {
    private final Table.Pool pool = table.pool();
    private final float[] mean = new float[Weight.padded(table.columns())];
    private final Layer[] all = layers.toArray(new Layer[0]);
    private final float[][] results = new float[all.length][];

    private Layers() {
      for (int i = 0; i < all.length; i++) {
        results[i] = all[i].memory();
      }
    }

    @Override
    public float[] encode(int[] rows, int count, int known) {
      pool.sum(rows, count, 1f / known, mean);
      float[] x = mean;
      for (int i = 0; i < all.length; i++) {
        all[i].apply(x, results[i]);
        x = results[i];
      }
      return x;
    }
  }
}
