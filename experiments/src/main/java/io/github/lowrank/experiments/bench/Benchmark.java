package io.github.lowrank.experiments.bench;

import java.io.IOException;
import java.util.Arrays;

/**
 * Two ways to do the same. Every round times one and then the other, so that a busy machine slows
 * both alike; what counts is the ratio of a round.
 *
 * @param name what is claimed
 * @param target least ratio of slow to fast that the claim asks for
 * @param slow seconds of the one, by measuring it
 * @param fast seconds of the other
 */
public record Benchmark(String name, double target, Timed slow, Timed fast) {

  /** Does something and returns how many seconds of it count. */
  public interface Timed {
    /** Measures once. */
    double seconds() throws IOException;
  }

  /**
   * Ratios of all rounds.
   *
   * @param name of the benchmark
   * @param target of the benchmark
   * @param slowSeconds median
   * @param fastSeconds median
   * @param ratio median of the rounds' ratios
   * @param lowest ratio
   * @param highest ratio
   * @param rounds number of rounds
   */
  public record Outcome(
      String name,
      double target,
      double slowSeconds,
      double fastSeconds,
      double ratio,
      double lowest,
      double highest,
      int rounds) {
    /** Whether the median ratio reaches the target. */
    public boolean passed() {
      return ratio >= target;
    }
  }

  /** Measures {@code rounds} rounds, after one that does not count. */
  public Outcome run(int rounds) throws IOException {
    double[] slows = new double[rounds];
    double[] fasts = new double[rounds];
    double[] ratios = new double[rounds];
    for (int i = -1; i < rounds; i++) {
      double s = slow.seconds();
      double f = fast.seconds();
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
        target,
        slows[rounds / 2],
        fasts[rounds / 2],
        ratios[rounds / 2],
        ratios[0],
        ratios[rounds - 1],
        rounds);
  }
}
