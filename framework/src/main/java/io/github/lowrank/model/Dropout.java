package io.github.lowrank.model;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * Inverted dropout whose mask is a pure function of (seed, global step, place), so that a resumed
 * run draws the same masks.
 */
@FunctionalInterface
public interface Dropout {
  /** No dropout, for inference. */
  Dropout NONE = (tf, x, rate, place) -> x;

  /**
   * Sets each entry of {@code x} to zero with probability {@code rate} and scales the others by
   * {@code 1 / (1 - rate)}.
   *
   * @param place distinguishes the dropouts of one encoder
   */
  Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x, double rate, int place);

  /**
   * Dropout for training.
   *
   * @param step global step, int64 scalar
   */
  static Dropout seeded(long seed, Operand<TInt64> step) {
    return (tf, x, rate, place) -> {
      if (rate == 0) {
        return x;
      }
      Operand<TInt64> key =
          tf.stack(java.util.List.of(tf.constant(seed * 1_000_003L + place), step));
      Operand<TFloat32> uniform = tf.random.statelessRandomUniform(tf.shape(x), key);
      Operand<TFloat32> kept =
          tf.dtypes.cast(tf.math.greaterEqual(uniform, tf.constant((float) rate)), TFloat32.class);
      return tf.math.mul(x, tf.math.mul(kept, tf.constant((float) (1 / (1 - rate)))));
    };
  }
}
