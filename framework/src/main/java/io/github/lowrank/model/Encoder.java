package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.onnx.OnnxTable;
import io.github.lowrank.onnx.OnnxWords;
import io.github.lowrank.predictor.CompactOutput;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Computes one vector from the words of a text: {@code ids -> [batch, n]}. A {@link Head} computes
 * scores from that vector. To add an encoder, write a record that implements this interface.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public interface Encoder {
  /** Short name, for tables and file names. */
  String name();

  /**
   * Length n of the vector.
   *
   * @param dimension length of a word vector
   */
  int width(int dimension);

  /**
   * Initial weights, drawn from {@code random}, by name, in the order of the layers. A one-row
   * matrix is a vector. Names that begin with {@code output} are reserved for the head.
   *
   * @param dimension length of a word vector
   */
  Map<String, Matrix> initialWeights(int dimension, Random random);

  /**
   * The name of the weight of the linear layer that follows the word vectors, {@code [d, n]}, if
   * there is one. At export it is folded into the {@code W_b} of a low-rank table, so {@link
   * #encode} must access both only through {@link WordLayer}.
   */
  default Optional<String> inputWeight() {
    return Optional.empty();
  }

  /**
   * The vector of each text.
   *
   * @param words word vectors and the linear layer after them
   * @param weights values of all other weights
   * @param ids {@code [batch, length]}; id 0 (padding, unknown) is masked
   * @return {@code [batch, n]}
   */
  Operand<TFloat32> encode(
      Ops tf,
      WordLayer words,
      Map<String, Operand<TFloat32>> weights,
      Operand<TInt32> ids,
      Dropout dropout);

  /** What reports say of the encoder beside its name, in order. */
  default Map<String, Object> columns() {
    return Map.of();
  }

  /** Whether word vectors are pooled before anything else, so that only one comes through. */
  boolean pools();

  /**
   * Multiply-adds per sentence after the input layer, counted from the weights' shapes.
   *
   * @param tokens number of words in the sentence
   */
  long multiplyAdds(Map<String, Matrix> weights, int tokens);

  /**
   * Writes this encoder to a compact file.
   *
   * @param weights its weights; without {@link #inputWeight} if that is part of the table
   * @throws UnsupportedOperationException if the predictor does not know it
   */
  default void writeCompact(Map<String, Weight> weights, CompactOutput out) {
    throw new UnsupportedOperationException("the encoder " + name() + " has no compact form");
  }

  /**
   * This encoder in a graph of ONNX: its vectors, {@code [batch, n]}.
   *
   * @param table word vectors, times {@link #inputWeight} if there is one
   * @param weights its other weights
   * @throws UnsupportedOperationException if it cannot be written
   */
  default String onnx(
      OnnxGraph graph, OnnxTable table, Map<String, Weight> weights, OnnxWords words) {
    throw new UnsupportedOperationException("the encoder " + name() + " has no form in ONNX");
  }

  /**
   * Weights of {@link io.github.lowrank.embedding.EmbeddingLayer#bag} for the mean over the known
   * words of each text: {@code [batch, length]}.
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
