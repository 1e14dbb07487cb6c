package io.github.lowrank.predictor;

import io.github.lowrank.predictor.CompactFormat.HeadKind;

/**
 * From the encoder's vector to probabilities.
 *
 * @param layer one score per class
 * @param threshold of the sigmoid from which on a label is an answer; negative with a softmax
 */
record Head(Layer layer, float threshold) {
  static Head read(Input in, int width) throws FormatException {
    return switch (in.kind(HeadKind.values(), "the kind of the head")) {
      case SOFTMAX -> new Head(Layer.read(in, "the head", width, false), -1);
      case SIGMOID -> {
        Layer layer = Layer.read(in, "the head", width, false);
        int at = in.position();
        float threshold = in.floats(1, "the threshold")[0];
        if (!(threshold >= 0 && threshold <= 1)) {
          throw in.wrong(at, "a threshold from 0 to 1", threshold);
        }
        yield new Head(layer, threshold);
      }
    };
  }

  void probabilities(float[] scores, float[] probabilities, int classes) {
    if (threshold < 0) {
      softmax(scores, probabilities, classes);
    } else {
      for (int c = 0; c < classes; c++) {
        probabilities[c] = (float) (1 / (1 + Math.exp(-scores[c])));
      }
    }
  }

  private static void softmax(float[] scores, float[] probabilities, int classes) {
    float largest = scores[0];
    for (int c = 1; c < classes; c++) {
      largest = Math.max(largest, scores[c]);
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      float power = (float) Math.exp(scores[c] - largest);
      probabilities[c] = power;
      sum += power;
    }
    float scale = (float) (1 / sum);
    for (int c = 0; c < classes; c++) {
      probabilities[c] *= scale;
    }
  }
}
