package io.github.lowrank.model;

import io.github.lowrank.embedding.EmbeddingLayer;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.op.core.Unique;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Word vectors and the linear layer after them, separate or folded into one.
 *
 * @param embedding word vectors; {@code E W} if the layer is folded into them
 * @param weight {@code W}, {@code [d, n]}; empty if it is folded or there is none
 */
public record WordLayer(EmbeddingLayer embedding, Optional<Operand<TFloat32>> weight) {
  /** {@code x W}, for rows that {@link #embedding} returned. */
  public Operand<TFloat32> project(Ops tf, Operand<TFloat32> x) {
    return weight.<Operand<TFloat32>>map(w -> tf.linalg.matMul(x, w)).orElse(x);
  }

  /**
   * Words in their order, as encoders that depend on it need them.
   *
   * @param rows of the distinct words, {@code [distinct, k]}; unknown words are zero vectors, in
   *     every form of the table
   * @param index which of them each word is, {@code [batch, length]}
   * @param matrix what multiplies the rows, {@code [k, n]}: {@code W_b W} for a low-rank table, so
   *     that nothing that follows sees d dimensions
   */
  public record Words(Operand<TFloat32> rows, Operand<TInt64> index, Operand<TFloat32> matrix) {}

  /**
   * The words of texts, each distinct one looked up once.
   *
   * @param ids {@code [batch, length]}
   * @throws IllegalStateException if there is neither a second factor nor a weight
   */
  public Words distinct(Ops tf, Operand<TInt32> ids) {
    Unique<TInt32, TInt64> distinct =
        tf.unique(tf.reshape(ids, tf.array(-1)), tf.constant(new int[0]), TInt64.class);
    EmbeddingLayer.Factors factors =
        embedding.factors(tf, tf.expandDims(distinct.y(), tf.constant(0)));
    Operand<TFloat32> rows =
        tf.math.mul(
            tf.squeeze(factors.left(), Squeeze.axis(0L)),
            tf.expandDims(Encoder.mask(tf, distinct.y()), tf.constant(1)));
    return new Words(rows, tf.reshape(distinct.idx(), tf.shape(ids)), matrix(tf, factors));
  }

  private Operand<TFloat32> matrix(Ops tf, EmbeddingLayer.Factors factors) {
    if (factors.right() == null) {
      return weight.orElseThrow(
          () -> new IllegalStateException("word vectors without factors need an input weight"));
    }
    return project(tf, factors.right());
  }
}
