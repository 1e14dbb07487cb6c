package io.github.lowrank.experiments.report;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A forest plot: the effect of each cell with its interval, zero, the margin, and below them the
 * effect over all data sets as a diamond. Several plots of a claim share their axis.
 */
final class Forest {
  private static final int WIDTH = 390;
  private static final int LEFT = 126;
  private static final int RIGHT = 240;
  private static final int TOP = 8;
  private static final int ROW = 22;

  // Intervals may reach further than others that deserve to be read.
  private static final double WIDEST = 4;

  private final Claim claim;
  private final double low;
  private final double high;

  /** Plots of {@code claim}, on one axis for all of {@code cells}. */
  Forest(Claim claim, List<Cell> cells) {
    this.claim = claim;
    double[] effects = cells.stream().mapToDouble(c -> Math.abs(c.effect())).sorted().toArray();
    double most = effects.length == 0 ? claim.margin() : effects[effects.length - 1];
    double limit = Math.max(WIDEST * claim.margin(), 1.6 * most + 0.002);
    double lowest = bounds(cells).filter(Double::isFinite).min(Double::compare).orElse(0.0);
    double highest = bounds(cells).filter(Double::isFinite).max(Double::compare).orElse(0.0);
    double room = 0.04 * (Math.min(limit, highest) - Math.max(-limit, lowest));
    low = Math.max(-limit, lowest) - room;
    high = Math.min(limit, highest) + room;
  }

  private Stream<Double> bounds(List<Cell> cells) {
    return Stream.concat(
        Stream.of(0.0, -claim.margin(), claim.overall().low(), claim.overall().high()),
        cells.stream().flatMap(c -> Stream.of(c.low(), c.effect(), c.high())));
  }

  private double x(double effect) {
    return LEFT + (RIGHT - LEFT) * (Math.min(high, Math.max(low, effect)) - low) / (high - low);
  }

  /**
   * The plot of some of the cells.
   *
   * @param title what is compared
   * @param name of a line
   * @param overall whether to end with the diamond
   */
  String svg(String title, List<Cell> cells, Function<Cell, String> name, boolean overall) {
    int bottom = TOP + ROW * (cells.size() + (overall ? 1 : 0));
    Svg svg = new Svg(WIDTH, bottom + 40, "Forest plot: " + title);
    for (double tick : Svg.ticks(100 * low, 100 * high, 3)) {
      svg.add("<path class=\"grid\" d=\"M%.1f %dV%d\"/>", x(tick / 100), TOP, bottom);
      svg.text("mid", x(tick / 100), bottom + 16, (tick > 0 ? "+" : "") + Svg.number(tick, 2));
    }
    svg.add("<path class=\"zero\" d=\"M%.1f %dV%d\"/>", x(0), TOP, bottom);
    if (claim.margin() > 0) {
      svg.add("<path class=\"margin\" d=\"M%.1f %dV%d\"/>", x(-claim.margin()), TOP, bottom);
    }
    svg.text("mid soft", (LEFT + RIGHT) / 2.0, bottom + 33, Verdicts.axis(claim));
    int y = TOP + ROW / 2;
    for (Cell c : cells) {
      svg.add("<g class=\"%s\">", Verdicts.style(c.verdict()));
      svg.add(
          "<title>%s: %s</title>",
          Escape.html(name.apply(c)),
          Escape.html(Verdicts.effect(claim, c.effect(), c.low(), c.high())));
      label(svg, name.apply(c), y, "");
      if (!Double.isNaN(c.low())) {
        svg.add("<path class=\"interval\" d=\"M%.1f %dH%.1f\"/>", x(c.low()), y, x(c.high()));
        arrow(svg, c.low() < low, x(c.low()), y, -1);
        arrow(svg, c.high() > high, x(c.high()), y, 1);
      }
      svg.add("<circle class=\"mark\" cx=\"%.1f\" cy=\"%d\" r=\"4.5\"/>", x(c.effect()), y);
      numbers(svg, c.effect(), c.low(), c.high(), y);
      svg.add("</g>");
      y += ROW;
    }
    if (overall) {
      diamond(svg, y);
    }
    return svg.end();
  }

  private void diamond(Svg svg, int y) {
    Overall o = claim.overall();
    svg.add("<g class=\"%s overall\">", Verdicts.style(o.verdict()));
    label(svg, "all, %d set%s".formatted(o.datasets(), o.datasets() == 1 ? "" : "s"), y, " strong");
    double from = x(Double.isNaN(o.low()) ? o.effect() : o.low());
    double to = x(Double.isNaN(o.high()) ? o.effect() : o.high());
    svg.add(
        "<path class=\"diamond\" d=\"M%.1f %dL%.1f %dL%.1f %dL%.1f %dZ\"/>",
        Math.min(from, x(o.effect()) - 4),
        y,
        x(o.effect()),
        y - 7,
        Math.max(to, x(o.effect()) + 4),
        y,
        x(o.effect()),
        y + 7);
    numbers(svg, o.effect(), o.low(), o.high(), y);
    svg.add("</g>");
  }

  private static void arrow(Svg svg, boolean cut, double x, int y, int direction) {
    if (cut) {
      svg.add(
          "<path class=\"arrow\" d=\"M%.1f %dl%d -4v8Z\"/>", x + 3 * direction, y, -6 * direction);
    }
  }

  private static void label(Svg svg, String name, int y, String classes) {
    svg.text("numbers" + classes, 0, y + 4, Svg.cut(name, 21));
  }

  private static void numbers(Svg svg, double effect, double low, double high, int y) {
    String interval =
        Double.isNaN(low)
            ? ""
            : String.format(
                Locale.ROOT, " [%s, %s]", Verdicts.signed(low, 1), Verdicts.signed(high, 1));
    svg.text("end numbers", WIDTH, y + 4, Verdicts.signed(effect, 1) + interval);
  }
}
