package io.github.lowrank.train;

/**
 * A figure that is measured on dev.
 *
 * @param name name in tables and files
 * @param higherIsBetter whether a higher value is a better one
 */
public record Metric(String name, boolean higherIsBetter) {
  /** Share of correctly classified texts, in [0, 1]. */
  public static final Metric ACCURACY = new Metric("accuracy", true);

  /** Whether {@code value} is better than {@code former}. */
  public boolean better(double value, double former) {
    return higherIsBetter ? value > former : value < former;
  }
}
