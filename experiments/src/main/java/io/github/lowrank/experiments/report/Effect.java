package io.github.lowrank.experiments.report;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * A mean difference, and how far chance may have moved it.
 *
 * <p>A comparison by several seeds on the same texts has two random factors: with other seeds, or
 * with other texts, the mean would be another. Of differences {@code d[s][t]} of S seeds and T
 * texts, with the mean squares of seeds MS_s, texts MS_t and the residual MS_r of the two-way
 * layout without replication, the variance of the mean is
 *
 * <pre>  v = sigma_s^2 / S + sigma_t^2 / T + sigma_r^2 / (S T),
 *  sigma_s^2 = max(0, (MS_s - MS_r) / T), sigma_t^2 = max(0, (MS_t - MS_r) / S), sigma_r^2 = MS_r
 * </pre>
 *
 * (Searle, Casella and McCulloch, Variance Components, 1992). There are few seeds and many texts,
 * so the quantile is one between Student's t of both degrees of freedom, as in Cochran and Cox's
 * test of two means, with the weight {@code w = min(1, MS_s / (v S T))} for that of the seeds. Of
 * the rules that were tried (docs/protocol.md), this one keeps its level down to 0.001, where a
 * correction for many tests looks; Satterthwaite's degrees of freedom do not with 5 or 10 seeds.
 *
 * @param mean of the differences
 * @param error standard error of the mean; NaN for a single seed
 * @param weight of the quantile with {@code few} degrees of freedom, in [0, 1]
 * @param few degrees of freedom of the smaller factor
 * @param many degrees of freedom of the larger one
 */
record Effect(double mean, double error, double weight, int few, int many) {
  static final double LEVEL = 0.05;
  private static final double POWER = 0.8;

  // Halvings of [0, 1], beyond which p-values do not matter.
  private static final int HALVINGS = 50;

  /** A mean of which nothing more is known. */
  static Effect untested(double mean) {
    return new Effect(mean, Double.NaN, 1, 0, 0);
  }

  /** Of independent values, with Student's t. */
  static Effect of(double[] values) {
    double mean = mean(values);
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    int freedom = values.length - 1;
    double error = freedom < 1 ? Double.NaN : Math.sqrt(squares / freedom / values.length);
    return new Effect(mean, error, 1, freedom, freedom);
  }

  /**
   * Of differences by seed and text.
   *
   * @param d {@code [seeds, texts]}
   */
  static Effect of(double[][] d) {
    int seeds = d.length;
    int texts = d[0].length;
    double[] bySeed = new double[seeds];
    double[] byText = new double[texts];
    double squares = 0;
    for (int s = 0; s < seeds; s++) {
      for (int t = 0; t < texts; t++) {
        bySeed[s] += d[s][t] / texts;
        byText[t] += d[s][t] / seeds;
        squares += d[s][t] * d[s][t];
      }
    }
    double mean = mean(bySeed);
    double n = (double) seeds * texts;
    double ofSeeds = texts * squares(bySeed, mean);
    double ofTexts = seeds * squares(byText, mean);
    // Rounding must not make it negative.
    double rest = Math.max(0, squares - n * mean * mean - ofSeeds - ofTexts);
    int few = seeds - 1;
    int many = texts - 1;
    double msSeeds = ofSeeds / few;
    double msRest = rest / few / many;
    double v =
        Math.max(0, msSeeds - msRest) + Math.max(0, ofTexts / many - msRest) + msRest; // times S T
    double weight = v == 0 ? 1 : Math.min(1, msSeeds / v);
    return new Effect(mean, few < 1 ? Double.NaN : Math.sqrt(v / n), weight, few, many);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double squares(double[] values, double mean) {
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return sum;
  }

  private double quantile(double upperTail) {
    DoubleUnaryOperator t = f -> TDistribution.of(f).inverseSurvivalProbability(upperTail);
    return weight * t.applyAsDouble(few) + (weight == 1 ? 0 : (1 - weight) * t.applyAsDouble(many));
  }

  /** Mean and half width of the 95 % interval. */
  Summary.Interval interval() {
    double half = Double.isNaN(error) ? Double.NaN : quantile(LEVEL / 2) * error;
    return new Summary.Interval(mean, half);
  }

  /**
   * Two-sided p-value of the hypothesis that the effect is {@code bound}: the level at which the
   * interval just reaches it. For non-inferiority the bound is minus the margin, and "below 0.05,
   * and the effect above the bound" is the one-sided test at 2.5 %. NaN for a single seed.
   */
  double p(double bound) {
    if (Double.isNaN(error)) {
      return Double.NaN;
    }
    double distance = Math.abs(mean - bound);
    if (distance == 0 || error == 0) {
      return distance == 0 ? 1 : 0;
    }
    double low = 0;
    double high = 1;
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (quantile(middle / 2) * error > distance) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  /**
   * The distance from the bound that is found with 80 % power by a test at 5 % without correction:
   * {@code (t(0.975) + t(0.8))} standard errors (Bloom, Minimum Detectable Effects, 1995).
   */
  double detectable() {
    return Double.isNaN(error) ? Double.NaN : (quantile(LEVEL / 2) + quantile(1 - POWER)) * error;
  }
}
