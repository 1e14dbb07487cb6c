package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * One method over all seeds.
 *
 * @param label of the method
 * @param rows one per seed
 * @param baseline rows of the first method, by seed
 */
public record Summary(String label, List<Row> rows, Map<Integer, Row> baseline) {

  /**
   * Mean and the half width of its 95 % confidence interval (t distribution); NaN for one value.
   */
  public record Interval(double mean, double halfWidth) {
    /** The interval of independent {@code values}. */
    public static Interval of(double[] values) {
      return Effect.of(values).interval();
    }

    /** In percent, as {@code 83.51 ± 0.42}. */
    public String percent() {
      return text("%.2f", 100);
    }

    /** As {@code 0.91 ± 0.08}. */
    public String plain() {
      return text("%.2f", 1);
    }

    /** In percentage points with a sign. */
    public String signedPercent() {
      return text("%+.2f", 100);
    }

    private String text(String format, double scale) {
      return Double.isNaN(halfWidth)
          ? Table.format(format, scale * mean)
          : Table.format(format + " ± %.2f", scale * mean, scale * halfWidth);
    }
  }

  /** All methods in the order of their first rows. */
  public static List<Summary> of(List<Row> rows) {
    Map<String, List<Row>> byLabel = new LinkedHashMap<>();
    rows.forEach(row -> byLabel.computeIfAbsent(row.label(), l -> new ArrayList<>()).add(row));
    List<Summary> summaries = new ArrayList<>();
    byLabel.forEach(
        (label, some) ->
            summaries.add(
                new Summary(
                    label,
                    some,
                    summaries.isEmpty() ? bySeed(some) : summaries.get(0).baseline())));
    return summaries;
  }

  /** The rows by their seeds. */
  Map<Integer, Row> bySeed() {
    return bySeed(rows);
  }

  private static Map<Integer, Row> bySeed(List<Row> rows) {
    return rows.stream().collect(Collectors.toMap(Row::seed, row -> row));
  }

  /** Name of the method, without its parameters. */
  public String method() {
    return rows.get(0).method();
  }

  /** Parameters of the first row; what was measured, such as an error, may differ by seed. */
  public Map<String, Object> parameters() {
    return rows.get(0).parameters();
  }

  /** A parameter over all seeds: what they share, else the mean of numbers or all texts. */
  String parameter(String name) {
    List<Object> values =
        rows.stream().map(row -> row.parameters().getOrDefault(name, "")).distinct().toList();
    if (values.size() > 1 && values.stream().allMatch(Number.class::isInstance)) {
      return Table.format("%.4g", mean(row -> row.number(name).orElseThrow()));
    }
    return values.stream()
        .map(Object::toString)
        .filter(value -> !value.isEmpty()) // not all seeds may have it
        .collect(Collectors.joining(", "));
  }

  /** Interval of a figure over the seeds that have it. */
  public Interval interval(ToDoubleFunction<Row> figure) {
    return Interval.of(known(figure).toArray());
  }

  /** Latencies are not measured with all seeds. */
  private DoubleStream known(ToDoubleFunction<Row> figure) {
    return rows.stream().mapToDouble(figure).filter(value -> !Double.isNaN(value));
  }

  /** Interval of the difference of a figure to the baseline of the same seed. */
  public Interval difference(ToDoubleFunction<Row> figure) {
    return paired(baseline, figure, (own, other) -> own - other);
  }

  /** Interval of the ratio of a figure to the baseline's of the same seed. */
  public Interval ratio(ToDoubleFunction<Row> figure) {
    return paired(baseline, figure, (own, other) -> own / other);
  }

  private Interval paired(
      Map<Integer, Row> others, ToDoubleFunction<Row> figure, DoubleBinaryOperator compare) {
    return Interval.of(
        rows.stream()
            .filter(row -> others.containsKey(row.seed()))
            .mapToDouble(
                row ->
                    compare.applyAsDouble(
                        figure.applyAsDouble(row), figure.applyAsDouble(others.get(row.seed()))))
            .filter(value -> !Double.isNaN(value))
            .toArray());
  }

  /** Mean of a figure over the seeds that have it. */
  public double mean(ToDoubleFunction<Row> figure) {
    return known(figure).average().orElse(Double.NaN);
  }

  /**
   * Mean accuracy on dev, by which methods are chosen, to twelve places: as many right answers are
   * equal, however the seeds share them.
   */
  public double devAccuracy() {
    return Math.rint(1e12 * mean(Row::devAccuracy)) / 1e12;
  }

  /** Share of the baseline's embedding parameters that are gone, in [0, 1]. */
  public double parametersRemoved() {
    Row any = baseline.values().iterator().next();
    return 1 - mean(r -> r.size().embeddingParameters()) / any.size().embeddingParameters();
  }
}
