package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Rates;
import io.github.lowrank.train.Evaluation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Learning curves, a small picture for each method: above, accuracy on dev over the steps, with
 * those of the others in grey; below, the learning rate of every step.
 */
final class LearningCurves {
  private static final int WIDTH = 170;
  private static final int HEIGHT = 190;
  private static final int LEFT = 30;
  private static final int RIGHT = WIDTH - 4;
  private static final int TOP = 8;
  private static final int MIDDLE = 104;
  private static final int RATES = 122;
  private static final int BOTTOM = 170;

  private final Run run;
  private final Map<String, List<Evaluation>> history;
  private final Map<String, List<Rates.Corner>> rates;
  private final String id;
  private final Map<String, Summary> methods = new LinkedHashMap<>();
  private final Map<String, List<Evaluation>> curves = new LinkedHashMap<>();
  private double low;
  private double high;
  private long steps;
  private double most;

  /**
   * Curves of some methods of a run.
   *
   * @param id unique in the page
   * @param methods by the name that a picture has
   */
  LearningCurves(
      Run run,
      Map<String, List<Evaluation>> history,
      Map<String, List<Rates.Corner>> rates,
      String id,
      Map<String, Summary> methods) {
    this.run = run;
    this.history = history;
    this.rates = rates;
    this.id = id;
    methods.forEach(
        (name, s) -> {
          List<Evaluation> curve = mean(s);
          if (!curve.isEmpty()) {
            this.methods.put(name, s);
            curves.put(name, curve);
          }
        });
    List<Double> all =
        curves.values().stream().flatMap(List::stream).map(Evaluation::selected).sorted().toList();
    if (!all.isEmpty()) {
      high = all.get(all.size() - 1);
      // The first evaluations are of untrained models.
      low = Math.min(all.get(all.size() / 5), high - 0.03);
      double room = 0.06 * (high - low);
      high += room;
      low -= room;
    }
    steps = curves.values().stream().mapToLong(c -> c.get(c.size() - 1).step()).max().orElse(1);
    most =
        this.methods.values().stream()
            .flatMap(s -> corners(s).stream())
            .mapToDouble(Rates.Corner::rate)
            .max()
            .orElse(0);
  }

  boolean isEmpty() {
    return curves.isEmpty();
  }

  /** Whether the rate of each step is known. */
  boolean rated() {
    return most > 0;
  }

  private List<Rates.Corner> corners(Summary s) {
    return s.rows().stream()
        .map(row -> rates.getOrDefault(row.trial(), List.of()))
        .filter(c -> !c.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  /** Evaluations that all seeds have, the mean over them. */
  private List<Evaluation> mean(Summary s) {
    List<List<Evaluation>> seeds =
        s.rows().stream()
            .map(row -> history.getOrDefault(row.trial(), List.of()))
            .filter(h -> !h.isEmpty())
            .toList();
    return Report.mean(seeds);
  }

  private double x(long step) {
    return LEFT + (RIGHT - LEFT) * step / (double) steps;
  }

  private double y(double accuracy) {
    return TOP + (MIDDLE - TOP) * (high - Math.max(low, accuracy)) / (high - low);
  }

  private List<double[]> points(List<Evaluation> curve) {
    List<double[]> points = new ArrayList<>();
    for (int i = 0; i < curve.size(); i++) {
      Evaluation e = curve.get(i);
      // What lies below the picture stays outside, up to the point from which the curve enters.
      if (e.selected() >= low || i + 1 < curve.size() && curve.get(i + 1).selected() >= low) {
        points.add(new double[] {x(e.step()), y(e.selected())});
      }
    }
    return points;
  }

  /** All pictures. */
  String html() {
    StringBuilder html = new StringBuilder("<div class=\"curves\">\n");
    Svg others = new Svg(WIDTH, HEIGHT, "").add("<defs><g id=\"%s\">", id);
    curves.values().forEach(curve -> others.line("other", points(curve)));
    html.append(
        others
            .add("</g></defs>")
            .end()
            .replaceFirst("<svg ", "<svg class=\"defs\" aria-hidden=\"true\" "));
    methods.keySet().forEach(name -> html.append(picture(name)));
    return html.append("</div>\n").toString();
  }

  private String picture(String name) {
    List<Evaluation> curve = curves.get(name);
    double best = curve.stream().mapToDouble(Evaluation::selected).max().orElseThrow();
    Svg svg =
        new Svg(
            WIDTH,
            HEIGHT,
            Table.format(
                "%s, %s: dev accuracy up to %.1f %%, and the learning rate of every step",
                name, new Panel(run).title(), 100 * best));
    for (double tick : Svg.ticks(100 * low, 100 * high, 3)) {
      svg.add("<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y(tick / 100), RIGHT);
      svg.text("end", LEFT - 3, y(tick / 100) + 4, Svg.number(tick, 1));
    }
    svg.add("<use href=\"#%s\"/>", id);
    svg.line("own", points(curve));
    List<Rates.Corner> corners = corners(methods.get(name));
    if (!corners.isEmpty()) {
      rate(svg, corners);
    }
    svg.add("<path class=\"axis\" d=\"M%d %dH%d\"/>", LEFT, BOTTOM, RIGHT);
    svg.text("end", RIGHT, HEIGHT - 5, Table.format("%,d steps", steps));
    return "<figure><figcaption>%s</figcaption>%s</figure>\n"
        .formatted(Escape.html(name), svg.end());
  }

  private void rate(Svg svg, List<Rates.Corner> corners) {
    double own = corners.stream().mapToDouble(Rates.Corner::rate).max().orElseThrow();
    List<double[]> points =
        corners.stream()
            .map(c -> new double[] {x(c.step()), BOTTOM - (BOTTOM - RATES) * c.rate() / own})
            .toList();
    svg.text("start", LEFT, RATES - 5, "rate, up to " + rate(own));
    svg.line("rate", points);
  }

  private static String rate(double rate) {
    return rate >= 0.001 ? Svg.number(rate, 4) : Table.format("%.0e", rate).replace("e-0", "e−");
  }
}
