package io.github.lowrank.experiments.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * A claim over data sets, which are the units: runs that share texts, such as those of two models,
 * or of a data set and another split of it, count once, with their mean.
 *
 * <p>The p-value is that of Student's t-test of the units. A sign test or a permutation of signs
 * cannot go below 2/2^n, 0.03 with six data sets, which no correction over six claims survives. The
 * interval is Student's with fewer than six data sets, whose resamples never leave their range, or
 * more than ten; otherwise the bootstrap's over data sets, all of whose resamples are enumerated.
 * Its percentiles are moved outwards as Hesterberg (What Teachers Should Know About the Bootstrap,
 * 2015, section 5.3) proposes for few units: those of {@code Phi(-sqrt(n / (n - 1)) t(n - 1))}.
 */
final class Datasets {
  // With fewer, no percentile can lie outside of the units, which cover too little.
  private static final int FEWEST = 6;
  // More have too many resamples, and an interval that hardly differs from Student's.
  private static final int ENUMERATED = 10;

  private final double[] units;

  /**
   * Some data sets.
   *
   * @param units mean effect of each
   */
  Datasets(double... units) {
    this.units = units.clone();
  }

  private record Resample(double mean, double probability) {}

  /** The data sets of cells. */
  static Datasets of(List<Cell> cells) {
    Map<String, List<Cell>> byTexts =
        cells.stream()
            .collect(
                Collectors.groupingBy(
                    cell -> texts(cell.dataset()), LinkedHashMap::new, Collectors.toList()));
    return new Datasets(
        byTexts.values().stream()
            .mapToDouble(c -> c.stream().mapToDouble(Cell::effect).average().orElseThrow())
            .toArray());
  }

  /** What data sets with common texts share: the name before {@code -phrases}, {@code -folds} … */
  static String texts(String dataset) {
    return dataset.split("-", 2)[0];
  }

  /** Number of data sets. */
  int count() {
    return units.length;
  }

  /** Mean over data sets with its t-test. */
  Effect effect() {
    return Effect.of(units);
  }

  /** Ends of the 95 % interval; NaN for one data set. */
  double[] interval() {
    int n = units.length;
    if (n < FEWEST || n > ENUMERATED) {
      Summary.Interval student = effect().interval();
      return new double[] {
        student.mean() - student.halfWidth(), student.mean() + student.halfWidth()
      };
    }
    double t = TDistribution.of(n - 1).inverseSurvivalProbability(Effect.LEVEL / 2);
    double tail = NormalDistribution.of(0, 1).survivalProbability(Math.sqrt(n / (n - 1.0)) * t);
    List<Resample> resamples = new ArrayList<>();
    double each = 1;
    for (int i = 1; i <= n; i++) {
      each *= (double) i / n; // n! / n^n
    }
    resample(0, n, 0, each, resamples);
    resamples.sort(Comparator.comparingDouble(Resample::mean));
    double low = percentile(resamples, tail);
    resamples.sort(Comparator.comparingDouble(Resample::mean).reversed());
    return new double[] {low, percentile(resamples, tail)};
  }

  private static double percentile(List<Resample> sorted, double tail) {
    double below = 0;
    for (Resample r : sorted) {
      below += r.probability;
      if (below >= tail) {
        return r.mean;
      }
    }
    return sorted.get(sorted.size() - 1).mean;
  }

  /** Draws unit {@code i} 0, 1, ... {@code left} times, and then the following ones. */
  private void resample(int i, int left, double sum, double probability, List<Resample> to) {
    double total = sum;
    double p = probability;
    if (i == units.length - 1) {
      for (int k = 1; k <= left; k++) {
        p /= k;
      }
      to.add(new Resample((total + left * units[i]) / units.length, p));
      return;
    }
    for (int k = 0; k <= left; k++) {
      p /= Math.max(1, k);
      resample(i + 1, left - k, total, p, to);
      total += units[i];
    }
  }
}
