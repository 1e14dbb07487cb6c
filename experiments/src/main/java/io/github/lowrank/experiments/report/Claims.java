package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The paper's claims, judged by the rows of a run. */
final class Claims {
  static final String HOLDS = "holds";
  static final String NOT_SHOWN = "not shown";
  static final String DOES_NOT_HOLD = "does not hold";
  private static final String ONLINE = "online 90 %";
  private static final double POINT = 0.01;
  static final String CALR = "-calr";

  private Claims() {}

  /**
   * One claim on one data set and model.
   *
   * @param claim what the paper says
   * @param run folder of the rows
   * @param seeds number of seeds
   * @param figure what was measured
   * @param value the same as a number: a difference of accuracies, or the share of latency saved
   * @param verdict holds, does not hold, not shown, or not measured
   */
  record Line(String claim, String run, int seeds, String figure, double value, String verdict) {}

  static final String LEGEND =
      "Points of test accuracy, means over seeds with 95 % intervals, paired by seed. Holds: the whole interval "
          + "agrees; does not hold: the whole interval disagrees; not shown: it reaches both. Claim 4 compares, for each "
          + "optimizer, the CALR and the other schedule that did best on dev.";

  /** The claims as a table. */
  static Table table(List<Line> lines) {
    Table table = new Table(List.of("the paper's claim", "run", "seeds", "measured", "verdict"));
    for (Line line : lines) {
      table.line(
          List.of(
              line.claim(),
              line.run(),
              Integer.toString(line.seeds()),
              line.figure(),
              line.verdict()));
    }
    return table;
  }

  static List<Line> judge(String run, List<Summary> summaries) {
    Map<String, Summary> byLabel = new LinkedHashMap<>();
    summaries.forEach(s -> byLabel.put(s.label(), s));
    Summary online = byLabel.get(ONLINE);
    if (online == null) {
      return schedules(run, byLabel);
    }
    int seeds = online.rows().size();
    List<Line> lines = new ArrayList<>();
    Summary.Interval loss = online.difference(Row::testAccuracy);
    lines.add(
        new Line(
            "1. 90 % removed, under 1 point lost",
            run, seeds, loss.signedPercent(), loss.mean(), verdict(loss, -POINT)));
    compare(byLabel, online, "offline 90 %")
        .ifPresent(
            d ->
                lines.add(
                    new Line(
                        "2a. better than offline compression (both factors)",
                        run,
                        seeds,
                        d.signedPercent(),
                        d.mean(),
                        verdict(d, 0))));
    compare(byLabel, online, "offline-rows 90 %")
        .ifPresent(
            d ->
                lines.add(
                    new Line(
                        "2b. better than offline compression (short rows)",
                        run,
                        seeds,
                        d.signedPercent(),
                        d.mean(),
                        verdict(d, 0))));
    for (String rival :
        List.of(
            "fixed-point 2 bit",
            "fixed-point 3 bit",
            "fixed-point 4 bit",
            "fixed-point-rows 2 bit",
            "fixed-point-rows 3 bit",
            "fixed-point-rows 4 bit")) {
      compare(byLabel, online, rival)
          .ifPresent(
              d ->
                  lines.add(
                      new Line(
                          "2c. better than fixed point at like bytes ("
                              + String.format(
                                  Locale.ROOT,
                                  "%s, %.2f of online's",
                                  rival
                                      .replace("fixed-point ", "")
                                      .replace("fixed-point-rows", "a scale a row,"),
                                  byLabel.get(rival).mean(Row::embeddingBytes)
                                      / online.mean(Row::embeddingBytes))
                              + ")",
                          run,
                          seeds,
                          d.signedPercent(),
                          d.mean(),
                          verdict(d, 0))));
    }
    lines.add(latency(run, online, "batch 1", Row::latencyB1));
    lines.add(latency(run, online, "batch 8", Row::latencyB8));
    lines.add(latency(run, online, "batch 64", Row::latencyB64));
    return lines;
  }

  /**
   * CALR against the other schedules, optimizer by optimizer: of both, the one that did best on
   * dev.
   */
  private static List<Line> schedules(String run, Map<String, Summary> byLabel) {
    Map<String, Map<Boolean, Summary>> best = new LinkedHashMap<>();
    for (Summary s : byLabel.values()) {
      int dash = s.label().indexOf('-');
      if (dash > 0) {
        best.computeIfAbsent(s.label().substring(0, dash), o -> new LinkedHashMap<>())
            .merge(
                s.label().startsWith(CALR, dash),
                s,
                (a, b) -> a.mean(Row::devAccuracy) >= b.mean(Row::devAccuracy) ? a : b);
      }
    }
    List<Line> lines = new ArrayList<>();
    best.forEach(
        (optimizer, bests) -> {
          Summary calr = bests.get(true);
          Summary rival = bests.get(false);
          if (calr != null && rival != null) {
            Summary.Interval d = compare(byLabel, calr, rival.label()).orElseThrow();
            int skip = optimizer.length() + 1;
            lines.add(
                new Line(
                    "4. CALR ahead of other schedules, " + optimizer,
                    run,
                    calr.rows().size(),
                    "%s, %s against %s"
                        .formatted(
                            d.signedPercent(),
                            calr.label().substring(skip),
                            rival.label().substring(skip)),
                    d.mean(),
                    verdict(d, 0)));
          }
        });
    return lines;
  }

  private static Optional<Summary.Interval> compare(
      Map<String, Summary> byLabel, Summary online, String rival) {
    Summary other = byLabel.get(rival);
    if (other == null) {
      return Optional.empty();
    }
    Map<Integer, Row> bySeed = new LinkedHashMap<>();
    other.rows().forEach(row -> bySeed.put(row.seed(), row));
    return Optional.of(
        new Summary(online.label(), online.rows(), bySeed).difference(Row::testAccuracy));
  }

  private static Line latency(
      String run, Summary online, String batch, ToDoubleFunction<Row> latency) {
    Summary.Interval ratio = online.ratio(latency);
    String figure = ratio.plain() + " of baseline's";
    Summary.Interval saved = new Summary.Interval(1 - ratio.mean(), ratio.halfWidth());
    return new Line(
        "3. no added latency, " + batch,
        run,
        online.rows().size(),
        figure,
        saved.mean(),
        verdict(saved, 0));
  }

  /** Whether {@code value} is above {@code bound}. */
  static String verdict(Summary.Interval value, double bound) {
    if (Double.isNaN(value.mean())) {
      return "not measured";
    }
    if (Double.isNaN(value.halfWidth())) {
      return "one seed only";
    }
    if (value.mean() - value.halfWidth() > bound) {
      return HOLDS;
    }
    return value.mean() + value.halfWidth() < bound ? DOES_NOT_HOLD : NOT_SHOWN;
  }
}
