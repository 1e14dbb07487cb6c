package io.github.lowrank.model;

import io.github.lowrank.embedding.EmbeddingLayer;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

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
   * The matrix that multiplies the left factor of the word vectors, {@code W_b W}, so that a
   * recurrence over k-dimensional rows never sees d dimensions.
   *
   * @throws IllegalStateException if there is neither a second factor nor a weight
   */
  public Operand<TFloat32> matrix(Ops tf, EmbeddingLayer.Factors factors) {
    if (factors.right() == null) {
      return weight.orElseThrow(
          () -> new IllegalStateException("word vectors without factors need an input weight"));
    }
    return project(tf, factors.right());
  }
}
