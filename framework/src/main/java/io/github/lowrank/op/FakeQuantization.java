package io.github.lowrank.op;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Fake quantization with a learned step, after Esser, McKinstry, Bablani, Appuswamy and Modha, <a
 * href="https://arxiv.org/abs/1902.08153">Learned Step Size Quantization</a> (ICLR 2020):
 *
 * <pre>
 * v = clip(x / s, -q, q),  q = 2^(b-1) - 1,  s = exp(theta)
 * y = s round(v)
 * dy/dx = 1 where |x / s| <= q, else 0        (straight through the rounding)
 * dy/ds = round(v) - v inside, -q or q outside
 * </pre>
 *
 * <p>With one bit {@code y = s sign(x)} and {@code q = 1}. Rounding is to even, as in {@code
 * Math.rint}. The step is learned by its logarithm, so that an optimizer's step changes it by a
 * ratio.
 */
public final class FakeQuantization {
  private FakeQuantization() {}

  /** The largest code: {@code 2^(b-1) - 1}, but 1 for one bit. */
  public static int largest(int bits) {
    return Math.max(1, (1 << (bits - 1)) - 1);
  }

  /** The value of one number. */
  public static float value(float x, float step, int bits) {
    return step == 0 ? 0 : step * code(x, step, bits);
  }

  /** The code of one number, in {@code -q .. q}; -1 or 1 for one bit. */
  public static int code(float x, float step, int bits) {
    if (bits == 1) {
      return x >= 0 ? 1 : -1;
    }
    int q = largest(bits);
    return (int) Math.max(-q, Math.min(q, Math.rint(x / step)));
  }

  /**
   * Numbers as their codes will represent them.
   *
   * @param x {@code [..., n]}
   * @param logStep theta, {@code [n]}
   * @param bits width of a code, 1 to 16
   */
  public static Operand<TFloat32> of(
      Ops tf, Operand<TFloat32> x, Operand<TFloat32> logStep, int bits) {
    Operand<TFloat32> step = tf.math.exp(logStep);
    float q = largest(bits);
    Operand<TFloat32> clipped =
        tf.math.minimum(tf.math.maximum(tf.math.div(x, step), tf.constant(-q)), tf.constant(q));
    Operand<TFloat32> codes = bits == 1 ? sign(tf, x) : tf.math.round(clipped);
    Operand<TFloat32> rounding = tf.stopGradient(tf.math.sub(codes, clipped));
    return tf.math.mul(tf.math.add(clipped, rounding), step);
  }

  private static Operand<TFloat32> sign(Ops tf, Operand<TFloat32> x) {
    Operand<TFloat32> positive =
        tf.dtypes.cast(tf.math.greaterEqual(x, tf.constant(0f)), TFloat32.class);
    return tf.math.sub(tf.math.mul(positive, tf.constant(2f)), tf.constant(1f));
  }
}
