package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.commons.statistics.descriptive.Mean;
import org.apache.commons.statistics.descriptive.StandardDeviation;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * One method over all seeds.
 *
 * @param label of the method
 * @param rows one a seed
 * @param baseline rows of the first method, by seed
 */
public record Summary(String label, List<Row> rows, Map<Integer, Row> baseline) {

  /**
   * Mean and the half width of its 95 % confidence interval (t distribution); NaN for one value.
   */
  public record Interval(double mean, double halfWidth) {
    /** The interval of independent {@code values}. */
    public static Interval of(double[] values) {
      double mean = Mean.of(values).getAsDouble();
      if (values.length < 2) {
        return new Interval(mean, Double.NaN);
      }
      double t = TDistribution.of(values.length - 1).inverseSurvivalProbability(0.025);
      return new Interval(
          mean, t * StandardDeviation.of(values).getAsDouble() / Math.sqrt(values.length));
    }

    /** In points of a percent, as {@code 83.51 ± 0.42}. */
    public String percent() {
      return Double.isNaN(halfWidth)
          ? String.format(Locale.ROOT, "%.2f", 100 * mean)
          : String.format(Locale.ROOT, "%.2f ± %.2f", 100 * mean, 100 * halfWidth);
    }

    /** As {@code 0.91 ± 0.08}. */
    public String plain() {
      return Double.isNaN(halfWidth)
          ? String.format(Locale.ROOT, "%.2f", mean)
          : String.format(Locale.ROOT, "%.2f ± %.2f", mean, halfWidth);
    }

    /** In points with a sign. */
    public String signedPercent() {
      return Double.isNaN(halfWidth)
          ? String.format(Locale.ROOT, "%+.2f", 100 * mean)
          : String.format(Locale.ROOT, "%+.2f ± %.2f", 100 * mean, 100 * halfWidth);
    }
  }

  /** All methods in the order of their first rows. */
  public static List<Summary> of(List<Row> rows) {
    Map<String, List<Row>> byLabel = new LinkedHashMap<>();
    for (Row row : rows) {
      byLabel.computeIfAbsent(row.label(), l -> new ArrayList<>()).add(row);
    }
    Map<Integer, Row> baseline = new LinkedHashMap<>();
    if (!byLabel.isEmpty()) {
      byLabel.values().iterator().next().forEach(row -> baseline.put(row.seed(), row));
    }
    List<Summary> summaries = new ArrayList<>();
    byLabel.forEach((label, some) -> summaries.add(new Summary(label, some, baseline)));
    return summaries;
  }

  /** Interval of a figure over the seeds. */
  public Interval interval(ToDoubleFunction<Row> figure) {
    return Interval.of(rows.stream().mapToDouble(figure).toArray());
  }

  /** Interval of the difference of a figure to the baseline of the same seed. */
  public Interval difference(ToDoubleFunction<Row> figure) {
    return Interval.of(
        rows.stream()
            .filter(row -> baseline.containsKey(row.seed()))
            .mapToDouble(
                row -> figure.applyAsDouble(row) - figure.applyAsDouble(baseline.get(row.seed())))
            .toArray());
  }

  /** Interval of the ratio of a figure to the baseline's of the same seed. */
  public Interval ratio(ToDoubleFunction<Row> figure) {
    return Interval.of(
        rows.stream()
            .filter(row -> baseline.containsKey(row.seed()))
            .mapToDouble(
                row -> figure.applyAsDouble(row) / figure.applyAsDouble(baseline.get(row.seed())))
            .toArray());
  }

  /** Mean of a figure. */
  public double mean(ToDoubleFunction<Row> figure) {
    return rows.stream().mapToDouble(figure).average().orElse(Double.NaN);
  }

  /** Share of the baseline's embedding parameters that are gone, in [0, 1]. */
  public double parametersRemoved() {
    Row any = baseline.values().iterator().next();
    return 1 - mean(r -> r.size().embeddingParameters()) / any.size().embeddingParameters();
  }

  /** Rank, or bits, or nothing. */
  public String rankOrBits() {
    Row.Compression c = rows.get(0).compression();
    if (c.rank() > 0) {
      return "rank " + c.rank() + (c.bits() < 32 ? ", " + c.bits() + " bit" : "");
    }
    return c.bits() < 32 ? c.bits() + " bit" : "float";
  }
}
