package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Rates;
import io.github.lowrank.train.Evaluation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Learning curves, a small picture for each training: above, accuracy on dev over the steps, with
 * those of the others in grey; below, the learning rate of every step. As a part of a page, or as a
 * file. Methods with the same curve, such as quantized forms of one trained model, have one
 * picture, with the name of the first.
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

  // Of the file.
  private static final int COLUMNS = 5;
  private static final int CELL = 200;
  private static final int HEAD = 24;
  private static final int CAPTION = 36;
  private static final int LONGEST = 33;
  private static final String STYLE =
      """
      .name{font-size:10px}.axis{stroke:#bbb;fill:none}.other{stroke:#666;opacity:.35;fill:none}
      .own{stroke:#0072b2;stroke-width:2.2;fill:none}.rate{stroke:#c44e00;stroke-width:1.4;fill:none}
      @media(prefers-color-scheme:dark){.other{stroke:#aaa}.own{stroke:#4fa8e0}.rate{stroke:#f58a3c}}""";

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
          List<List<Evaluation>> seeds = complete(s);
          List<Evaluation> curve = mean(seeds);
          if (!curve.isEmpty() && !curves.containsValue(curve)) {
            String some = " (%d of %d seeds)".formatted(seeds.size(), s.rows().size());
            String shown = name + (seeds.size() < s.rows().size() ? some : "");
            this.methods.put(shown, s);
            curves.put(shown, curve);
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
    steps =
        Math.max(
            1, curves.values().stream().mapToLong(c -> c.get(c.size() - 1).step()).max().orElse(1));
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

  /** Evaluations of the seeds that came to the end; a training that diverges does not. */
  private List<List<Evaluation>> complete(Summary s) {
    List<List<Evaluation>> seeds =
        s.rows().stream().map(row -> history.getOrDefault(row.trial(), List.of())).toList();
    int longest = seeds.stream().mapToInt(List::size).max().orElse(0);
    return seeds.stream().filter(h -> h.size() == longest).toList();
  }

  /** The mean over seeds; what is not a number counts as nothing right. */
  private static List<Evaluation> mean(List<List<Evaluation>> seeds) {
    List<Evaluation> mean = new ArrayList<>();
    for (int i = 0; i < seeds.get(0).size(); i++) {
      int index = i;
      Evaluation first = seeds.get(0).get(i);
      double selected =
          seeds.stream()
              .mapToDouble(h -> h.get(index).selected())
              .map(accuracy -> Double.isNaN(accuracy) ? 0 : accuracy)
              .average()
              .orElseThrow();
      String measure = first.dev().keySet().iterator().next();
      mean.add(new Evaluation(first.step(), first.loss(), first.rate(), Map.of(measure, selected)));
    }
    return mean;
  }

  private double x(long step) {
    return LEFT + (RIGHT - LEFT) * step / (double) steps;
  }

  private double y(double accuracy) {
    return TOP + (MIDDLE - TOP) * (high - Math.max(low, accuracy)) / (high - low);
  }

  /** What lies below the picture is on its lower edge. */
  private List<double[]> points(List<Evaluation> curve) {
    return curve.stream().map(e -> new double[] {x(e.step()), y(e.selected())}).toList();
  }

  /** All pictures. */
  String html() {
    StringBuilder html = new StringBuilder("<div class=\"curves\">\n");
    html.append(
        others(new Svg(WIDTH, HEIGHT, ""))
            .end()
            .replaceFirst("<svg ", "<svg class=\"defs\" aria-hidden=\"true\" "));
    for (String name : methods.keySet()) {
      double best = curves.get(name).stream().mapToDouble(Evaluation::selected).max().orElseThrow();
      String said =
          Table.format(
              "%s, %s: dev accuracy up to %.1f %%, and the learning rate of every step",
              name, new Panel(run).title(), 100 * best);
      html.append(
          "<figure><figcaption>%s</figcaption>%s</figure>\n"
              .formatted(Escape.html(name), draw(new Svg(WIDTH, HEIGHT, said), name).end()));
    }
    return html.append("</div>\n").toString();
  }

  /** All pictures in one file. */
  String svg() {
    int columns = Math.min(COLUMNS, methods.size());
    int lines = (methods.size() + columns - 1) / columns;
    Svg svg =
        Svg.file(
            Math.max(2, columns) * CELL, // room for the heading
            HEAD + lines * (HEIGHT + CAPTION),
            "Learning curves: " + new Panel(run).title(),
            STYLE);
    svg.text(
        "", 2, 16, "Dev accuracy, %, others in grey" + (rated() ? "; rate of every step" : ""));
    others(svg);
    int number = 0;
    for (String name : methods.keySet()) {
      svg.add(
          "\n<g transform=\"translate(%d %d)\"><title>%s</title>",
          number % columns * CELL,
          HEAD + number / columns * (HEIGHT + CAPTION) + CAPTION,
          Escape.html(name));
      String[] words = name.split(" ", 2);
      svg.text("name", 2, -14, Svg.cut(words[0], LONGEST));
      if (words.length > 1) {
        svg.text("name", 2, -2, Svg.cut(words[1], LONGEST));
      }
      draw(svg, name).add("</g>");
      number++;
    }
    return svg.end();
  }

  private Svg others(Svg svg) {
    svg.add("<defs><g id=\"%s\">", id);
    curves.values().forEach(curve -> svg.line("other", points(curve)));
    return svg.add("</g></defs>");
  }

  private Svg draw(Svg svg, String name) {
    for (double tick : Svg.ticks(100 * low, 100 * high, 3)) {
      svg.add("<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y(tick / 100), RIGHT);
      svg.text("end", LEFT - 3, y(tick / 100) + 4, Svg.number(tick, 1));
    }
    svg.add("<use href=\"#%s\"/>", id);
    svg.line("own", points(curves.get(name)));
    rate(svg, corners(methods.get(name)));
    svg.add("<path class=\"axis\" d=\"M%d %dH%d\"/>", LEFT, BOTTOM, RIGHT);
    return svg.text("end", RIGHT, HEIGHT - 5, Table.format("%,d steps", steps));
  }

  private void rate(Svg svg, List<Rates.Corner> corners) {
    double own = corners.stream().mapToDouble(Rates.Corner::rate).max().orElse(0);
    if (!(own > 0)) {
      return;
    }
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
