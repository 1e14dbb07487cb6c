package io.github.lowrank.model;

import io.github.lowrank.embedding.EmbeddingLayer;
import io.github.lowrank.linalg.Matrix;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.framework.activations.ReLU;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Deep averaging network of <a href="https://aclanthology.org/P15-1162/">Iyyer et al. (2015)</a>:
 * the mean of the word vectors, dropout, hidden ReLU layers, classes.
 *
 * @param hidden sizes of the hidden layers
 * @param dropout rate on the mean
 */
public record Dan(List<Integer> hidden, double dropout) implements Model {
  public Dan {
    hidden = List.copyOf(hidden);
    if (hidden.isEmpty()) {
      throw new IllegalArgumentException("a DAN needs a hidden layer");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be in [0, 1), but is " + dropout);
    }
  }

  /** The paper's: 30 and 25 hidden units. */
  public static Dan ofPaper() {
    return new Dan(List.of(30, 25), 0.3);
  }

  @Override
  public String name() {
    return "dan";
  }

  @Override
  public Map<String, Matrix> initialWeights(int dimension, int classes, Random random) {
    Map<String, Matrix> weights = new LinkedHashMap<>();
    int in = dimension;
    for (int i = 0; i < hidden.size(); i++) {
      int out = hidden.get(i);
      weights.put("hidden" + i, Matrix.glorot(in, out, random));
      weights.put("hidden" + i + "_bias", Matrix.zeros(1, out));
      in = out;
    }
    weights.put("output", Matrix.glorot(in, classes, random));
    weights.put("output_bias", Matrix.zeros(1, classes));
    return weights;
  }

  @Override
  public String inputWeight() {
    return "hidden0";
  }

  @Override
  public Operand<TFloat32> logits(
      Ops tf,
      EmbeddingLayer embedding,
      Map<String, Operand<TFloat32>> weights,
      Operand<TInt32> ids,
      Dropout dropout) {
    Operand<TFloat32> x = embedding.bag(tf, ids, Model.mean(tf, Model.mask(tf, ids)));
    x = dropout.apply(tf, x, this.dropout, 0);
    for (int i = 0; i < hidden.size(); i++) {
      x = ReLU.relu(tf, linear(tf, x, weights, "hidden" + i));
    }
    return linear(tf, x, weights, "output");
  }

  private static Operand<TFloat32> linear(
      Ops tf, Operand<TFloat32> x, Map<String, Operand<TFloat32>> weights, String name) {
    Operand<TFloat32> weight = weights.get(name);
    Operand<TFloat32> product = weight == null ? x : tf.linalg.matMul(x, weight);
    return tf.nn.biasAdd(product, weights.get(name + "_bias"));
  }

  @Override
  public boolean pools() {
    return true;
  }

  @Override
  public long multiplyAdds(Map<String, Matrix> weights, int tokens) {
    return weights.values().stream().filter(w -> w.rows() > 1).mapToLong(Matrix::size).sum();
  }
}
