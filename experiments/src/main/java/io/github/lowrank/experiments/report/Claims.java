package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.report.Table.Column;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The paper's claims, judged by the rows of a run. */
final class Claims {
  static final Variant ONLINE = Variant.removed("online", 0.9);
  static final String HOLDS = "holds";
  static final String NOT_SHOWN = "not shown";
  static final String DOES_NOT_HOLD = "does not hold";
  static final String LEGEND =
      "Points of test accuracy, means over seeds with 95 % intervals, paired by seed. Holds: the whole interval "
          + "agrees; does not hold: the whole interval disagrees; not shown: it reaches both. Claim 2c states the bytes "
          + "of the rival as a multiple of online's. Claim 4 compares, for each optimizer, the CALR and the other "
          + "schedule that did best on dev.";
  private static final double POINT = 0.01;

  private final Run run;
  private final List<Line> lines = new ArrayList<>();

  private Claims(Run run) {
    this.run = run;
  }

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

  /** The claims as a table. */
  static Table table(List<Line> lines) {
    return Table.of(
        lines,
        List.of(
            new Column<>("the paper's claim", Line::claim),
            new Column<>("run", Line::run),
            new Column<>("seeds", line -> Integer.toString(line.seeds())),
            new Column<>("measured", Line::figure),
            new Column<>("verdict", Line::verdict)));
  }

  static List<Line> judge(Run run) {
    Claims claims = new Claims(run);
    ONLINE.in(run.summaries()).ifPresent(claims::online);
    if (run.schedules()) {
      claims.schedules();
    }
    return claims.lines;
  }

  private void add(String claim, Summary s, String figure, Summary.Interval value, double bound) {
    lines.add(
        new Line(claim, run.name(), s.rows().size(), figure, value.mean(), verdict(value, bound)));
  }

  private void online(Summary online) {
    Summary.Interval loss = online.difference(Row::testAccuracy);
    add("1. 90 % removed, under 1 point lost", online, loss.signedPercent(), loss, -POINT);
    Variant offline = Variant.removed("offline", 0.9);
    rival("2a. better than offline compression (both factors)", online, offline);
    Variant rows = Variant.removed("offline-rows", 0.9);
    rival("2b. better than offline compression (short rows)", online, rows);
    String fixedPoint = "2c. better than fixed point at similar bytes (%s%d bit)";
    for (int bits : List.of(2, 3, 4)) {
      rival(fixedPoint.formatted("", bits), online, Variant.bits("fixed-point", bits));
      rival(
          fixedPoint.formatted("one scale per row, ", bits),
          online,
          Variant.bits("fixed-point-rows", bits));
    }
    latency("batch 1", online, Row::latencyB1);
    latency("batch 8", online, Row::latencyB8);
    latency("batch 64", online, Row::latencyB64);
  }

  private void rival(String claim, Summary online, Variant variant) {
    variant
        .in(run.summaries())
        .ifPresent(
            rival -> {
              Summary.Interval d = online.difference(rival, Row::testAccuracy);
              double ratio = rival.mean(Row::embeddingBytes) / online.mean(Row::embeddingBytes);
              boolean bits = variant.parameters().containsKey("bits");
              String figure =
                  d.signedPercent() + (bits ? Table.format(", %.2f x the bytes", ratio) : "");
              add(claim, online, figure, d, 0);
            });
  }

  private void latency(String batch, Summary online, ToDoubleFunction<Row> latency) {
    Summary.Interval ratio = online.ratio(latency);
    Summary.Interval saved = new Summary.Interval(1 - ratio.mean(), ratio.halfWidth());
    String claim = "3. no added latency, " + batch;
    add(claim, online, ratio.plain() + " of baseline's", saved, 0);
  }

  static boolean scheduled(Summary s) {
    return s.parameters().containsKey("optimizer") && s.parameters().containsKey("schedule");
  }

  static boolean calr(Summary s) {
    return scheduled(s) && s.parameter("schedule").startsWith("calr");
  }

  /**
   * CALR against the other schedules, optimizer by optimizer: of both, the one that did best on
   * dev.
   */
  private void schedules() {
    Map<String, Map<Boolean, Summary>> best = new LinkedHashMap<>();
    for (Summary s : run.summaries()) {
      if (scheduled(s)) {
        best.computeIfAbsent(s.parameter("optimizer"), o -> new LinkedHashMap<>())
            .merge(
                calr(s), s, (a, b) -> a.mean(Row::devAccuracy) >= b.mean(Row::devAccuracy) ? a : b);
      }
    }
    best.forEach(
        (optimizer, bests) -> {
          Summary calr = bests.get(true);
          Summary rival = bests.get(false);
          if (calr != null && rival != null) {
            Summary.Interval d = calr.difference(rival, Row::testAccuracy);
            String figure =
                "%s, %s against %s"
                    .formatted(
                        d.signedPercent(), calr.parameter("schedule"), rival.parameter("schedule"));
            String claim = "4. CALR ahead of other schedules, " + optimizer;
            add(claim, calr, figure, d, 0);
          }
        });
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
