package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Row;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.statistics.distribution.BinomialDistribution;

/**
 * Whether methods differ from the baseline.
 *
 * <p>McNemar's exact test on the test texts of all seeds together: of the texts on which exactly
 * one of the two is right, is either right on half of them? The p-values of a table are corrected
 * by Holm's method. Every seed classifies the same texts, so pooled texts are not independent; a
 * difference is therefore only called one if the 95 % interval of the difference over seeds
 * excludes zero too.
 */
public final class Significance {
  static final String BETTER = "better";
  static final String WORSE = "worse";
  private static final double LEVEL = 0.05;

  private Significance() {}

  /**
   * Discordant texts and their test.
   *
   * @param onlyFirst texts that only the first classified correctly
   * @param onlySecond texts that only the second did
   * @param p two-sided p-value
   */
  public record McNemar(long onlyFirst, long onlySecond, double p) {
    /** Tests two equally long lists of answers to the same texts. */
    public static McNemar of(List<BitSet> first, List<BitSet> second) {
      long a = 0;
      long b = 0;
      for (int i = 0; i < first.size(); i++) {
        BitSet only = (BitSet) first.get(i).clone();
        only.andNot(second.get(i));
        a += only.cardinality();
        only = (BitSet) second.get(i).clone();
        only.andNot(first.get(i));
        b += only.cardinality();
      }
      return of(a, b);
    }

    /** Tests counts: {@code 2 P(X >= max)} for X of Binomial(their sum, 1/2), at most 1. */
    static McNemar of(long onlyFirst, long onlySecond) {
      double tail =
          BinomialDistribution.of(Math.toIntExact(onlyFirst + onlySecond), 0.5)
              .survivalProbability(Math.toIntExact(Math.max(onlyFirst, onlySecond)) - 1);
      return new McNemar(onlyFirst, onlySecond, Math.min(1, 2 * tail));
    }
  }

  /** Holm's correction: p-values by name, adjusted so that each may be compared with the level. */
  public static Map<String, Double> holm(Map<String, Double> p) {
    List<String> names = new ArrayList<>(p.keySet());
    names.sort(Comparator.comparing(p::get));
    Map<String, Double> adjusted = new LinkedHashMap<>();
    double most = 0;
    for (int i = 0; i < names.size(); i++) {
      most = Math.max(most, Math.min(1, (names.size() - i) * p.get(names.get(i))));
      adjusted.put(names.get(i), most);
    }
    return adjusted;
  }

  /** Corrected p-values of all methods but the first, by label; empty without stored answers. */
  public static Map<String, Double> against(List<Summary> summaries, Map<String, BitSet> correct) {
    Map<String, Double> p = new LinkedHashMap<>();
    for (Summary s : summaries.subList(Math.min(1, summaries.size()), summaries.size())) {
      List<BitSet> baseline = new ArrayList<>();
      List<BitSet> method = new ArrayList<>();
      for (Row row : s.rows()) {
        Row base = s.baseline().get(row.seed());
        if (base != null && correct.containsKey(base.trial()) && correct.containsKey(row.trial())) {
          baseline.add(correct.get(base.trial()));
          method.add(correct.get(row.trial()));
        }
      }
      if (!baseline.isEmpty()) {
        p.put(s.label(), McNemar.of(baseline, method).p());
      }
    }
    return holm(p);
  }

  /** A plain word for a method: better, worse, no difference shown, or why there is no test. */
  public static String verdict(Summary.Interval difference, Double p) {
    if (Double.isNaN(difference.halfWidth())) {
      return "one seed only";
    }
    if (p == null) {
      return "not tested";
    }
    boolean excludesZero = Math.abs(difference.mean()) > difference.halfWidth();
    if (p < LEVEL && excludesZero) {
      return difference.mean() > 0 ? BETTER : WORSE;
    }
    return "no difference shown";
  }
}
