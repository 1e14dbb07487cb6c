package io.github.lowrank.predictor;

/**
 * A linear layer with a softmax or with sigmoids.
 *
 * @param layer one score per class
 * @param threshold of the sigmoid from which on a label is an answer; negative with a softmax
 */
record LinearHead(Layer layer, float threshold) implements Head {
  static LinearHead sigmoid(Input in, int width) throws FormatException {
    Layer layer = Layer.read(in, "the head", width, false);
    int at = in.position();
    float threshold = in.floats(1, "the threshold")[0];
    if (!(threshold >= 0 && threshold <= 1)) {
      throw in.wrong(at, "a threshold from 0 to 1", threshold);
    }
    return new LinearHead(layer, threshold);
  }

  @Override
  public int classes() {
    return layer.outputs();
  }

  @Override
  public float[] memory() {
    return layer.memory();
  }

  @Override
  public boolean answer(float[] vector, float[] scores, float[] probabilities) {
    layer.apply(vector, scores);
    int classes = layer.outputs();
    if (threshold < 0) {
      Head.softmax(scores, probabilities, classes);
    } else {
      for (int c = 0; c < classes; c++) {
        probabilities[c] = (float) (1 / (1 + Math.exp(-scores[c])));
      }
    }
    return true;
  }
}
