package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Test accuracy against the bytes of the table, on a logarithmic axis: a curve with its name for
 * each family of methods. Of a family with several methods at the same size the curve is its front,
 * chosen on dev, and its other methods are points. Narrow enough for a telephone.
 */
final class ByteCurves {
  private static final int WIDTH = 390;
  private static final int HEIGHT = 320;
  private static final int LEFT = 38;
  private static final int RIGHT = WIDTH - 4;
  private static final int TOP = 12;
  private static final int BOTTOM = HEIGHT - 46;

  // Accuracies further below the best than that stand on the lower edge, with their number.
  private static final double DEPTH = 0.08;

  // Nobody can read more names in so small a picture.
  private static final int NAMES = 9;

  private static final int LONGEST = 28;

  // Pixels of a character.
  private static final double CHARACTER = 7.3;
  private static final double LINE = 15;

  private static final double[] DECADE = {1, 1.5, 2, 3, 5, 7};

  private final Panel panel;
  private final Map<String, Integer> colours;
  private final double least;
  private final double most;
  private final double low;
  private final double high;
  private final List<double[]> samples = new ArrayList<>();
  private final List<double[]> boxes = new ArrayList<>();

  private ByteCurves(Panel panel, Map<String, Integer> colours) {
    this.panel = panel;
    this.colours = colours;
    least =
        panel.run().summaries().stream().mapToDouble(ByteCurves::bytes).min().orElseThrow() / 1.3;
    most =
        panel.run().summaries().stream().mapToDouble(ByteCurves::bytes).max().orElseThrow() * 1.3;
    double best =
        panel.run().summaries().stream().mapToDouble(ByteCurves::test).max().orElseThrow();
    double worst =
        panel.run().summaries().stream().mapToDouble(ByteCurves::test).min().orElseThrow();
    double below = Math.max(worst, best - DEPTH);
    double room = Math.max(0.004, 0.07 * (best - below));
    high = best + 3 * room; // the names stand where the curves come together
    low = Math.max(0, below - room);
  }

  /**
   * The figure.
   *
   * @param colours of families, from {@link #colours}
   */
  static String svg(Panel panel, Map<String, Integer> colours) {
    return new ByteCurves(panel, colours).draw();
  }

  /**
   * A colour for each family, the same in all panels; families of one panel have different ones, as
   * long as there are enough.
   */
  static Map<String, Integer> colours(List<Panel> panels) {
    Map<String, Integer> colours = new LinkedHashMap<>();
    Map<String, Set<String>> neighbours = new LinkedHashMap<>();
    for (Panel panel : panels) {
      Set<String> here = panel.methods().stream().map(Panel::family).collect(Collectors.toSet());
      panel
          .methods()
          .forEach(
              s ->
                  neighbours
                      .computeIfAbsent(Panel.family(s), f -> new LinkedHashSet<>())
                      .addAll(here));
    }
    neighbours.forEach(
        (family, others) -> {
          int colour = 0;
          for (int i = 0; i < others.size(); i++) {
            int tried = colour;
            colour += others.stream().anyMatch(o -> colours.getOrDefault(o, -1) == tried) ? 1 : 0;
          }
          colours.put(family, colour);
        });
    return colours;
  }

  private static double bytes(Summary s) {
    return s.mean(Panel.TABLE);
  }

  private static double test(Summary s) {
    return s.mean(Row::testAccuracy);
  }

  private double x(double bytes) {
    return LEFT + (RIGHT - LEFT) * Math.log(bytes / least) / Math.log(most / least);
  }

  private double y(double accuracy) {
    double inside = Math.min(high, Math.max(low, accuracy));
    return TOP + (BOTTOM - TOP) * (high - inside) / (high - low);
  }

  private double[] point(Summary s) {
    return new double[] {x(bytes(s)), y(test(s))};
  }

  /** Bytes as {@code 300 kB}. */
  static String size(double bytes) {
    return bytes >= 1e6
        ? Svg.number(bytes / 1e6, 1) + " MB"
        : bytes >= 1e3 ? Svg.number(bytes / 1e3, 1) + " kB" : Svg.number(bytes, 0) + " B";
  }

  private String classes(Summary s) {
    int family = colours.get(Panel.family(s));
    return "f%d%s".formatted(family % 8, family < 8 ? "" : " more");
  }

  private String draw() {
    Svg svg = new Svg(WIDTH, HEIGHT, "Test accuracy against bytes of the table, " + panel.title());
    axes(svg);
    Summary.Interval baseline = panel.run().baseline().interval(Row::testAccuracy);
    double half = Double.isNaN(baseline.halfWidth()) ? 0 : baseline.halfWidth();
    double top = y(baseline.mean() + half);
    svg.add(
        "<rect class=\"band\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>",
        LEFT, top, RIGHT - LEFT, y(baseline.mean() - half) - top);
    svg.add("<path class=\"base\" d=\"M%d %.1fH%d\"/>", LEFT, y(baseline.mean()), RIGHT);
    Map<String, List<Summary>> families = new LinkedHashMap<>();
    panel.methods().stream()
        .sorted(Comparator.comparingDouble(ByteCurves::bytes))
        .forEach(s -> families.computeIfAbsent(Panel.family(s), n -> new ArrayList<>()).add(s));
    front(svg);
    families.values().forEach(some -> points(svg, some, curve(some)));
    families.values().forEach(some -> curve(svg, curve(some)));
    names(svg, families);
    return svg.end();
  }

  private void axes(Svg svg) {
    double last = Double.NEGATIVE_INFINITY;
    for (double tick : sizes()) {
      svg.add("<path class=\"grid\" d=\"M%.1f %dV%d\"/>", x(tick), TOP, BOTTOM);
      String text = size(tick);
      double width = CHARACTER * text.length();
      if (x(tick) - width / 2 > last + 10 && x(tick) + width / 2 < WIDTH) {
        svg.text("mid", x(tick), BOTTOM + 17, text);
        last = x(tick) + width / 2;
      }
    }
    for (double tick : Svg.ticks(100 * low, 100 * high, 6)) {
      svg.add("<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y(tick / 100), RIGHT);
      svg.text("end", LEFT - 5, y(tick / 100) + 4, Svg.number(tick, 1));
    }
    svg.text("mid soft", (LEFT + RIGHT) / 2.0, HEIGHT - 8, "bytes of the table; test accuracy, %");
  }

  /** Round sizes: powers of ten alone if there are enough, else steps between them. */
  private TreeSet<Double> sizes() {
    TreeSet<Double> ticks = new TreeSet<>();
    for (int count : new int[] {1, 2, 6}) {
      for (int power = (int) Math.log10(least);
          power <= Math.log10(most) && ticks.size() < 6;
          power++) {
        for (int i = 0; i < DECADE.length; i++) {
          boolean wanted = count == 6 || DECADE[i] == 1 || count == 2 && DECADE[i] == 3;
          double tick = DECADE[i] * Math.pow(10, power);
          if (wanted && tick >= least && tick <= most) {
            ticks.add(tick);
          }
        }
      }
      if (ticks.size() >= 4) {
        break;
      }
    }
    return ticks;
  }

  /** From each point of the front to the bytes of the next, then up or down. */
  private void front(Svg svg) {
    StringBuilder path = new StringBuilder();
    for (Summary s : panel.front(Panel.TABLE)) {
      double[] p = point(s);
      path.append(Table.format(path.length() == 0 ? "M%.1f %.1f" : "H%.1fV%.1f", p[0], p[1]));
    }
    if (path.length() > 0) {
      svg.add("<path class=\"front\" d=\"%sH%d\"/>", path, RIGHT);
    }
  }

  private List<Summary> curve(List<Summary> family) {
    boolean simple = family.stream().map(panel::series).distinct().count() == 1;
    return simple ? family : Panel.front(family, Panel.TABLE);
  }

  /** Methods of a family that its curve leaves out. */
  private void points(Svg svg, List<Summary> family, List<Summary> curve) {
    for (Summary s : family) {
      if (!curve.contains(s) && test(s) >= low) {
        double[] p = point(s);
        svg.add(
            "<circle class=\"minor %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\">%s</circle>",
            classes(s), p[0], p[1], title(s));
        boxes.add(new double[] {p[0] - 2, p[1] - 2, p[0] + 2, p[1] + 2});
      }
    }
  }

  private static String title(Summary s) {
    return "<title>%s, %s: %s %%</title>"
        .formatted(Escape.html(s.label()), size(bytes(s)), s.interval(Row::testAccuracy).percent());
  }

  private void curve(Svg svg, List<Summary> some) {
    svg.add("<g class=\"%s\">", classes(some.get(0)));
    svg.line("line", some.stream().map(this::point).toList());
    for (Summary s : some) {
      Summary.Interval test = s.interval(Row::testAccuracy);
      double[] p = point(s);
      if (test.halfWidth() > 0) {
        svg.add(
            "<path class=\"error\" d=\"M%.1f %.1fV%.1f\"/>",
            p[0], y(test.mean() - test.halfWidth()), y(test.mean() + test.halfWidth()));
      }
      svg.add(
          "<circle class=\"mark\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\">%s</circle>",
          p[0], p[1], title(s));
      if (test.mean() < low) {
        below(svg, test.mean(), p);
      }
    }
    svg.add("</g>");
    sample(some);
  }

  /** The accuracy of a point on the lower edge, above those of its neighbours. */
  private void below(Svg svg, double accuracy, double[] p) {
    double[] box = {p[0] - 13, p[1] - 19, p[0] + 13, p[1] - 7};
    while (overlaps(box) && box[1] > TOP) {
      box[1] -= 6;
      box[3] -= 6;
    }
    boxes.add(box);
    svg.add(
        "<text class=\"below mid\" x=\"%.1f\" y=\"%.1f\">↓%.0f</text>",
        p[0], box[3] - 1, 100 * accuracy);
  }

  private boolean overlaps(double[] box) {
    return boxes.stream()
        .anyMatch(o -> box[0] < o[2] && o[0] < box[2] && box[1] < o[3] && o[1] < box[3]);
  }

  /** Remembers where the curve is, so that no name is put on it. */
  private void sample(List<Summary> some) {
    for (int i = 0; i < some.size(); i++) {
      double[] from = point(some.get(Math.max(0, i - 1)));
      double[] to = point(some.get(i));
      double pieces = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / 7));
      for (int k = 1; k <= pieces; k++) {
        double share = k / pieces;
        samples.add(
            new double[] {
              from[0] + share * (to[0] - from[0]),
              from[1] + share * (to[1] - from[1]),
              colours.get(Panel.family(some.get(0)))
            });
      }
    }
  }

  /** The name of each family where it covers least, those with long curves first. */
  private void names(Svg svg, Map<String, List<Summary>> families) {
    String baseline = "uncompressed " + Svg.number(100 * test(panel.run().baseline()), 1);
    place(
        svg, baseline, "soft", List.of(new double[] {LEFT + 60, y(test(panel.run().baseline()))}));
    families.entrySet().stream()
        .sorted(Comparator.comparing(e -> -e.getValue().size()))
        .limit(NAMES)
        .forEach(
            e -> {
              double family = colours.get(e.getKey());
              place(
                  svg,
                  Svg.cut(e.getKey(), LONGEST),
                  classes(e.getValue().get(0)),
                  samples.stream().filter(s -> s[2] == family).toList());
            });
  }

  private void place(Svg svg, String name, String classes, List<double[]> anchors) {
    double width = CHARACTER * name.length();
    double[] best = null;
    double[] from = null;
    double least = Double.POSITIVE_INFINITY;
    for (double[] anchor : anchors) {
      for (double distance : new double[] {8, 18, 32, 50, 75, 110, 150}) {
        for (int angle = 0; angle < 360; angle += 30) {
          double dx = Math.cos(Math.toRadians(angle));
          double dy = Math.sin(Math.toRadians(angle));
          // The centre of a box whose edge is that far from the anchor.
          double x = anchor[0] + dx * (distance + width / 2);
          double y = anchor[1] + dy * (distance + LINE / 2);
          double[] box = {x - width / 2, y - LINE / 2, x + width / 2, y + LINE / 2};
          double cost = cost(box) + distance / 5;
          if (cost < least) {
            least = cost;
            best = box;
            from = anchor;
          }
        }
      }
    }
    if (best == null) {
      return;
    }
    boxes.add(best);
    double x = Math.min(best[2], Math.max(best[0], from[0]));
    double y = Math.min(best[3], Math.max(best[1], from[1]));
    if (Math.hypot(x - from[0], y - from[1]) > 12) {
      svg.add(
          "<path class=\"leader %s\" d=\"M%.1f %.1fL%.1f %.1f\"/>",
          classes, from[0], from[1], x, y);
    }
    svg.add(
        "<text class=\"name mid %s\" x=\"%.1f\" y=\"%.1f\">%s</text>",
        classes, (best[0] + best[2]) / 2, best[3] - 4, Escape.html(name));
  }

  private double cost(double[] box) {
    double cost = 0;
    if (box[0] < LEFT + 2 || box[2] > RIGHT || box[1] < TOP || box[3] > BOTTOM) {
      cost += 1000;
    }
    for (double[] s : samples) {
      if (s[0] > box[0] - 3 && s[0] < box[2] + 3 && s[1] > box[1] - 3 && s[1] < box[3] + 3) {
        cost += 4;
      }
    }
    return cost + (overlaps(box) ? 200 : 0);
  }
}
