package io.github.lowrank.model;

import io.github.lowrank.embedding.EmbeddingLayer;
import io.github.lowrank.linalg.Matrix;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The architecture of a text classifier above its word vectors. One of your own is a record that
 * implements it.
 */
public interface Model {
  /** Short name, as in tables and file names. */
  String name();

  /**
   * First weights, drawn from {@code random}, by name in the order of the layers. A one-row matrix
   * is a vector.
   *
   * @param dimension length of a word vector
   * @param classes number of classes
   */
  Map<String, Matrix> initialWeights(int dimension, int classes, Random random);

  /**
   * The weight of the linear layer that follows the word vectors, {@code [d, n]}. If a low-rank
   * table's {@code W_b} has been folded into it, {@link #logits} is called without this weight.
   */
  String inputWeight();

  /**
   * Class scores.
   *
   * @param weights the values of the weights
   * @param ids {@code [batch, length]}; id 0 (padding, unknown) is masked
   * @return {@code [batch, classes]}
   */
  Operand<TFloat32> logits(
      Ops tf,
      EmbeddingLayer embedding,
      Map<String, Operand<TFloat32>> weights,
      Operand<TInt32> ids,
      Dropout dropout);

  /** Whether word vectors are pooled before anything else, so that only one comes through. */
  boolean pools();

  /** Multiply-adds of one sentence above the word vectors, counted from the weights' shapes. */
  long multiplyAdds(Map<String, Matrix> weights, int tokens);

  /**
   * Weights of {@link EmbeddingLayer#bag} for the mean over the known words of each text: {@code
   * [batch, length]}.
   *
   * @param mask 1 for known words, 0 for others: {@link #mask}
   */
  static Operand<TFloat32> mean(Ops tf, Operand<TFloat32> mask) {
    Operand<TFloat32> length =
        tf.math.maximum(
            tf.expandDims(tf.reduceSum(mask, tf.constant(1)), tf.constant(1)), tf.constant(1f));
    return tf.math.div(mask, length);
  }

  /** 1 for words, 0 for padding and unknown words: {@code [batch, length]}. */
  static Operand<TFloat32> mask(Ops tf, Operand<TInt32> ids) {
    return tf.dtypes.cast(tf.math.greater(ids, tf.constant(0)), TFloat32.class);
  }
}
