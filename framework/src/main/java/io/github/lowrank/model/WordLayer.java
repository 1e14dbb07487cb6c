package io.github.lowrank.model;

import io.github.lowrank.embedding.EmbeddingLayer;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Word vectors and the linear layer behind them, two or folded into one.
 *
 * @param embedding word vectors; where the layer is folded into them, {@code E W}
 * @param weight {@code W}, {@code [d, n]}; nothing where it is folded, or where there is none
 */
public record WordLayer(EmbeddingLayer embedding, Optional<Operand<TFloat32>> weight) {
  /** {@code x W}, of rows that {@link #embedding} gave. */
  public Operand<TFloat32> project(Ops tf, Operand<TFloat32> x) {
    return weight.<Operand<TFloat32>>map(w -> tf.linalg.matMul(x, w)).orElse(x);
  }

  /**
   * The matrix by which the left factor of word vectors is multiplied, {@code W_b W}: so a
   * recurrence over k-dimensional rows never sees d dimensions.
   *
   * @throws IllegalStateException if there is neither a factor nor a weight
   */
  public Operand<TFloat32> matrix(Ops tf, EmbeddingLayer.Factors factors) {
    if (factors.right() == null) {
      return weight.orElseThrow(
          () -> new IllegalStateException("word vectors without factors need an input weight"));
    }
    return project(tf, factors.right());
  }
}
