package io.github.lowrank.experiments.bench;

import java.io.IOException;
import java.util.Arrays;

/**
 * Two ways to do the same thing. Every round measures one and then the other, so that a busy
 * machine slows both equally; what counts is the ratio within a round.
 *
 * @param name what is claimed
 * @param unit of both measures
 * @param target smallest ratio of the first to the second that satisfies the claim; 0 if there is
 *     none
 * @param slow the first way
 * @param fast the second way
 */
public record Benchmark(String name, String unit, double target, Measure slow, Measure fast) {

  /** Does the work and returns what it took. */
  public interface Measure {
    /** Measures once. */
    double take() throws IOException;
  }

  /**
   * Ratios of all rounds.
   *
   * @param name of the benchmark
   * @param unit of the benchmark
   * @param target of the benchmark
   * @param slow median
   * @param fast median
   * @param ratio median of the rounds' ratios
   * @param lowest ratio
   * @param highest ratio
   * @param rounds number of rounds
   */
  public record Outcome(
      String name,
      String unit,
      double target,
      double slow,
      double fast,
      double ratio,
      double lowest,
      double highest,
      int rounds) {
    /** Whether the median ratio reaches the target. */
    public boolean passed() {
      return ratio >= target;
    }

    /** {@code pass}, {@code FAIL}, {@code measured} without a target, {@code not measured}. */
    public String verdict() {
      if (Double.isNaN(ratio)) {
        return "not measured"; // not possible on this system
      }
      return target == 0 ? "measured" : passed() ? "pass" : "FAIL";
    }
  }

  /** A claim about seconds. */
  static Benchmark seconds(String name, double target, Measure slow, Measure fast) {
    return new Benchmark(name, "s", target, slow, fast);
  }

  /** Measures {@code rounds} rounds, after one that does not count. */
  public Outcome run(int rounds) throws IOException {
    double[] slows = new double[rounds];
    double[] fasts = new double[rounds];
    double[] ratios = new double[rounds];
    for (int i = -1; i < rounds; i++) {
      double s = slow.take();
      double f = fast.take();
      if (i >= 0) {
        slows[i] = s;
        fasts[i] = f;
        ratios[i] = s / f;
      }
    }
    Arrays.sort(slows);
    Arrays.sort(fasts);
    Arrays.sort(ratios);
    return new Outcome(
        name,
        unit,
        target,
        slows[rounds / 2],
        fasts[rounds / 2],
        ratios[rounds / 2],
        ratios[0],
        ratios[rounds - 1],
        rounds);
  }
}
