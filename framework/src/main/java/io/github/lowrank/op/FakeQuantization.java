package io.github.lowrank.op;

/**
 * The arithmetic of fake quantization with a learned step, after Esser, McKinstry, Bablani,
 * Appuswamy and Modha, <a href="https://arxiv.org/abs/1902.08153">Learned Step Size
 * Quantization</a> (ICLR 2020):
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
  /** Candidates for a step, as shares of the one at which nothing is clipped. */
  private static final int CANDIDATES = 40;

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
   * The step for {@code numbers} with the smallest squared error, found on a grid and then by least
   * squares.
   *
   * @throws IllegalArgumentException if a number is NaN or infinite
   */
  public static float bestStep(float[] numbers, int bits) {
    float largest = 0;
    for (float x : numbers) {
      if (!Float.isFinite(x)) {
        throw new IllegalArgumentException("cannot quantize numbers that contain NaN or infinity");
      }
      largest = Math.max(largest, Math.abs(x));
    }
    if (largest == 0) {
      return 1;
    }
    float best = largest / largest(bits);
    double least = Double.POSITIVE_INFINITY;
    for (int i = CANDIDATES; i > 0; i--) {
      float step = largest / largest(bits) * i / CANDIDATES;
      // The best step for these codes, then the error with it.
      double products = 0;
      double squares = 0;
      for (float x : numbers) {
        int code = code(x, step, bits);
        products += (double) x * code;
        squares += (double) code * code;
      }
      float fitted = squares == 0 ? step : (float) (products / squares);
      double error = 0;
      for (float x : numbers) {
        double d = x - value(x, fitted, bits);
        error += d * d;
      }
      if (fitted > 0 && error < least) {
        least = error;
        best = fitted;
      }
    }
    return best;
  }
}
