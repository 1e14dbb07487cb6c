package io.github.lowrank.experiments.report;

/**
 * How far a classifier's probabilities are from its accuracy, as Guo et al., <a
 * href="https://arxiv.org/abs/1706.04599">On Calibration of Modern Neural Networks</a> (2017)
 * measure it: answers are sorted into 15 bins by their probability, and
 *
 * <pre>
 * ECE = sum over bins of (share of the answers) |mean probability - share of right answers|
 * </pre>
 */
public final class Calibration {
  private static final int BINS = 15;

  private final double[] probabilities = new double[BINS];
  private final long[] right = new long[BINS];
  private long answers;

  /** Counts an answer of the given probability. */
  public void count(double probability, boolean isRight) {
    int bin = (int) Math.max(0, Math.min(BINS - 1, Math.ceil(probability * BINS) - 1));
    probabilities[bin] += probability;
    right[bin] += isRight ? 1 : 0;
    answers++;
  }

  /** The expected calibration error, in [0, 1]; NaN of no answers. */
  public double error() {
    double sum = 0;
    for (int i = 0; i < BINS; i++) {
      sum += Math.abs(probabilities[i] - right[i]);
    }
    return sum / answers;
  }
}
