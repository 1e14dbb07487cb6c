package io.github.lowrank.graph;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * A random walk's probability of stopping at each hop, given that it came so far, <a
 * href="https://arxiv.org/abs/2106.05476">Zhang, Xie, Wang and Huang (2021)</a>:
 *
 * <pre>
 * c_0 = alpha_0,   c_i = alpha_i prod_{j < i} (1 - alpha_j),   Pi = sum_i c_i T^i,   T = D^-1 A
 * </pre>
 *
 * <p>A walk that has not stopped after the last hop is lost.
 *
 * @param name for people
 * @param alpha in [0, 1], {@code [hops]}
 */
public record StoppingProbabilities(String name, double[] alpha) {
  /** Number of hops of the paper, the start included. */
  public static final int HOPS = 16;

  public StoppingProbabilities {
    alpha = alpha.clone();
    if (alpha.length == 0 || !DoubleStream.of(alpha).allMatch(a -> a >= 0 && a <= 1)) {
      throw new IllegalArgumentException(
          name + ": expected stopping probabilities in [0, 1], found " + Arrays.toString(alpha));
    }
  }

  /**
   * Heat kernel: the number of hops is Poisson distributed, {@code c_i = e^-t t^i / i!}.
   *
   * @param t mean number of hops, above 0
   */
  public static StoppingProbabilities poisson(double t) {
    if (!(t > 0 && t <= 100)) {
      throw new IllegalArgumentException(
          "poisson: expected a mean number of hops in (0, 100], found " + t);
    }
    double[] alpha = new double[HOPS];
    double p = Math.exp(-t);
    double left = 1;
    for (int i = 0; i < HOPS; i++) {
      alpha[i] = Math.min(1, p / left);
      left -= p;
      p *= t / (i + 1);
    }
    return new StoppingProbabilities("poisson:" + number(t), alpha);
  }

  /**
   * Stops at every hop with the same probability.
   *
   * @param alpha in (0, 1)
   */
  public static StoppingProbabilities geometric(double alpha) {
    return constant("geometric", alpha);
  }

  /** Personalized PageRank, which is {@link #geometric}; 0.15 is usual. */
  public static StoppingProbabilities pageRank(double alpha) {
    return constant("ppr", alpha);
  }

  private static StoppingProbabilities constant(String name, double alpha) {
    if (!(alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException(
          name + ": expected a stopping probability in (0, 1), found " + alpha);
    }
    double[] all = new double[HOPS];
    Arrays.fill(all, alpha);
    return new StoppingProbabilities(name + ":" + number(alpha), all);
  }

  private static String number(double x) {
    return x == Math.rint(x) ? Long.toString((long) x) : Double.toString(x);
  }

  @Override
  public double[] alpha() {
    return alpha.clone();
  }

  /** Number of hops, the start included. */
  public int hops() {
    return alpha.length;
  }

  /** {@code c_i}: the probability of stopping at each hop. */
  public double[] coefficients() {
    double[] c = new double[alpha.length];
    double left = 1;
    for (int i = 0; i < c.length; i++) {
      c[i] = alpha[i] * left;
      left *= 1 - alpha[i];
    }
    return c;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StoppingProbabilities o
        && name.equals(o.name)
        && Arrays.equals(alpha, o.alpha);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + Arrays.hashCode(alpha);
  }

  @Override
  public String toString() {
    return name
        + DoubleStream.of(alpha)
            .mapToObj("%.3f"::formatted)
            .collect(Collectors.joining(" ", " [", "]"));
  }
}
