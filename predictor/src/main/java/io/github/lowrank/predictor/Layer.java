package io.github.lowrank.predictor;

import java.util.Arrays;

/**
 * A linear layer, possibly with a ReLU.
 *
 * @param weight null if it is part of the table
 * @param bias {@code [n]}
 * @param relu whether negative results become zero
 */
record Layer(Weight weight, float[] bias, boolean relu) {
  private static final int WEIGHT = 1;
  private static final int RELU = 2;

  /**
   * Reads a layer.
   *
   * @param inputs length of what it gets
   * @param optional whether it may be without a weight
   */
  static Layer read(Input in, String what, int inputs, boolean optional) throws FormatException {
    int flags = in.octet("flags of " + what, optional ? 0 : WEIGHT, WEIGHT | RELU);
    boolean weighted = (flags & WEIGHT) != 0;
    if (!weighted && !optional) {
      throw in.wrong(in.position() - 1, "a weight of " + what, "none");
    }
    int at = in.position();
    Weight weight = weighted ? Weight.read(in, "the weight of " + what) : null;
    if (weighted && weight.rows() != inputs) {
      throw in.wrong(at, "%d rows of the weight of %s".formatted(inputs, what), weight.rows());
    }
    int outputs = weighted ? weight.columns() : inputs;
    return new Layer(weight, in.floats(outputs, "the bias of " + what), (flags & RELU) != 0);
  }

  int outputs() {
    return bias.length;
  }

  /** Memory for the results, padded. */
  float[] memory() {
    return new float[Weight.padded(bias.length)];
  }

  /**
   * Applies the layer.
   *
   * @param out {@link #memory}; may be {@code x} if there is no weight
   */
  void apply(float[] x, float[] out) {
    if (weight == null) {
      for (int i = 0; i < bias.length; i++) {
        out[i] = x[i] + bias[i];
      }
    } else {
      System.arraycopy(bias, 0, out, 0, bias.length);
      Arrays.fill(out, bias.length, out.length, 0);
      weight.addProduct(x, out);
    }
    if (relu) {
      for (int i = 0; i < bias.length; i++) {
        out[i] = Math.max(out[i], 0);
      }
    }
  }
}
