package io.github.lowrank.experiments.report;

import static io.github.lowrank.experiments.report.Table.format;

import io.github.lowrank.experiments.record.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A panel as SVG for files: what the page draws, without a pointer. XChart can label a logarithmic
 * axis by whole powers of ten only, and has no bands.
 */
final class FrontFigure {
  private static final double[] TICKS = {
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100
  };
  private static final int LEFT = 56;
  private static final int TOP = 40;
  private static final int WIDTH = 560;
  private static final int HEIGHT = 360;
  private static final int LINE = 17;

  // Points further below the best than that stand on the lower edge.
  private static final double DEPTH = 0.15;

  private final Panel panel;
  private final Legend legend;
  private final double left;
  private final double right;
  private final double low;
  private final double high;
  private Svg svg; // as tall as the legend

  private FrontFigure(Panel panel, Legend legend) {
    this.panel = panel;
    this.legend = legend;
    List<Double> shares =
        panel.methods().stream().map(s -> panel.share(s, Panel.TABLE)).sorted().toList();
    left = shares.isEmpty() ? 0.01 : shares.get(0) / 1.25;
    right = shares.isEmpty() ? 1 : shares.get(shares.size() - 1) * 1.25;
    double most =
        panel.run().summaries().stream().mapToDouble(FrontFigure::test).max().orElseThrow();
    double least =
        panel.run().summaries().stream().mapToDouble(FrontFigure::test).min().orElseThrow();
    high = Math.min(1, most + 0.015);
    low = Math.max(0, Math.max(least - 0.015, most - DEPTH));
  }

  /** The panel with the series that {@code legend} shows, in its colours. */
  static String svg(Panel panel, Legend legend) {
    return new FrontFigure(panel, legend).draw();
  }

  private static double test(Summary s) {
    return s.mean(Row::testAccuracy);
  }

  private double x(double share) {
    return LEFT + WIDTH * Math.log(share / left) / Math.log(right / left);
  }

  private double y(double accuracy) {
    double inside = Math.min(high, Math.max(low, accuracy));
    return TOP + HEIGHT * (high - inside) / (high - low);
  }

  private void add(String text, Object... arguments) {
    svg.add(text + "\n", arguments);
  }

  private String draw() {
    Map<String, List<Summary>> series = new LinkedHashMap<>();
    panel.methods().stream()
        .sorted(Comparator.comparingDouble(s -> s.mean(Panel.TABLE)))
        .forEach(s -> series.computeIfAbsent(classes(s), c -> new ArrayList<>()).add(s));
    List<String> order =
        series.keySet().stream()
            .sorted(
                Comparator.comparing((String c) -> legend.family(series.get(c).get(0)))
                    .thenComparing(c -> legend.series(panel, series.get(c).get(0))))
            .toList();
    int height = Math.max(TOP + HEIGHT + 56, TOP + LINE * (order.size() + 4));
    svg = Svg.file(920, height, "Accuracy against bytes: " + panel.title(), STYLE);
    add("<text class=\"title\" x=\"%d\" y=\"22\">%s</text>", LEFT, Escape.html(panel.title()));
    axes();
    Summary.Interval baseline = panel.run().baseline().interval(Row::testAccuracy);
    double half = Double.isNaN(baseline.halfWidth()) ? 0 : baseline.halfWidth();
    double top = y(baseline.mean() + half);
    add(
        "<rect class=\"band\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>",
        LEFT, top, WIDTH, y(baseline.mean() - half) - top);
    double mean = y(baseline.mean());
    add("<path class=\"base\" d=\"M%d %.1fh%d\"/>", LEFT, mean, WIDTH);
    order.forEach(c -> series(c, series.get(c)));
    front();
    legend(order, series);
    return svg.end();
  }

  private void axes() {
    for (double tick : TICKS) {
      double share = tick / 100;
      if (share >= left && share <= right) {
        add("<path class=\"grid\" d=\"M%.1f %dv%d\"/>", x(share), TOP, HEIGHT);
        add(
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
            x(share), TOP + HEIGHT + 18, Row.percent(share));
      }
    }
    double step = high - low > 0.08 ? 0.02 : high - low > 0.03 ? 0.01 : 0.005;
    for (long i = (long) Math.ceil(low / step); i * step <= high; i++) {
      add("<path class=\"grid\" d=\"M%d %.1fh%d\"/>", LEFT, y(i * step), WIDTH);
      add(
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
          LEFT - 6, y(i * step) + 4, Row.percent(i * step).replace(" %", ""));
    }
    add(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">bytes of the table, share of the uncompressed one</text>",
        LEFT + WIDTH / 2, TOP + HEIGHT + 42);
    add(
        "<text transform=\"rotate(-90)\" x=\"%d\" y=\"16\" text-anchor=\"middle\">test accuracy, %%</text>",
        -TOP - HEIGHT / 2);
  }

  private String classes(Summary s) {
    int family = legend.family(s);
    return "f%d m%d%s".formatted(family % 8, legend.series(panel, s), family < 8 ? "" : " more");
  }

  private void series(String classes, List<Summary> some) {
    add("<g class=\"%s\">", classes);
    add(
        "<path class=\"line\" d=\"M%s\"/>",
        some.stream()
            .map(s -> format("%.1f %.1f", x(panel.share(s, Panel.TABLE)), y(test(s))))
            .collect(Collectors.joining("L")));
    for (Summary s : some) {
      Summary.Interval test = s.interval(Row::testAccuracy);
      double x = x(panel.share(s, Panel.TABLE));
      if (test.halfWidth() > 0) {
        add(
            "<path class=\"error\" d=\"M%.1f %.1fV%.1f\"/>",
            x, y(test.mean() - test.halfWidth()), y(test.mean() + test.halfWidth()));
      }
      add("<g transform=\"translate(%.1f %.1f)\">", x, y(test.mean()));
      add("<title>%s: %s</title>%s</g>", Escape.html(s.label()), test.percent(), marker(s));
      if (test.mean() < low) {
        add(
            "<text class=\"below\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">↓ %.0f</text>",
            x, y(low) - 9, 100 * test.mean());
      }
    }
    add("</g>");
  }

  /** Shapes of one area, around the origin; the page has the same. */
  private String marker(Summary s) {
    String[] shapes = {
      "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z",
      "M-4 -4h8v8h-8Z",
      "M0 -5.7L5.7 0L0 5.7L-5.7 0Z",
      "M0 -5.5L5.2 4H-5.2Z",
      "M0 5.5L5.2 -4H-5.2Z",
      "M-5 -1.7h3.3v-3.3h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3Z"
    };
    return "<path class=\"mark\" d=\"%s\"/>"
        .formatted(shapes[(legend.family(s) + legend.series(panel, s)) % shapes.length]);
  }

  /** From each point of the front to the bytes of the next, then up or down. */
  private void front() {
    List<Summary> front = panel.front(Panel.TABLE);
    if (!front.isEmpty()) {
      StringBuilder path = new StringBuilder("M");
      for (Summary s : front) {
        path.append(
            format(
                path.length() == 1 ? "%.1f %.1f" : "H%.1fV%.1f",
                x(panel.share(s, Panel.TABLE)),
                y(test(s))));
      }
      add("<path class=\"front\" d=\"%sH%d\"/>", path, LEFT + WIDTH);
    }
  }

  private void legend(List<String> order, Map<String, List<Summary>> series) {
    int x = LEFT + WIDTH + 22;
    int y = TOP + 8;
    add("<path class=\"front\" d=\"M%d %dh24\"/>", x - 8, y);
    add("<text x=\"%d\" y=\"%d\">front, chosen on dev</text>", x + 24, y + 4);
    y += LINE;
    add("<path class=\"base\" d=\"M%d %dh24\"/>", x - 8, y);
    add("<text x=\"%d\" y=\"%d\">uncompressed baseline</text>", x + 24, y + 4);
    for (String classes : order) {
      y += LINE;
      Summary any = series.get(classes).get(0);
      add(
          "<g class=\"%s\"><path class=\"line\" d=\"M%d %dh24\"/><g transform=\"translate(%d %d)\">%s</g></g>",
          classes, x - 8, y, x + 4, y, marker(any));
      add("<text x=\"%d\" y=\"%d\">%s</text>", x + 24, y + 4, Escape.html(panel.series(any)));
    }
  }

  // Eight colours after Okabe and Ito (2008), darker on white and lighter on black.
  private static final String STYLE =
      """
      .below{font-size:10px}.band{fill:#888;opacity:.22}
      .base{stroke:#666;stroke-dasharray:6 4;fill:none}.front{stroke:#222;stroke-width:2;fill:none}
      .line{stroke:currentColor;fill:none;opacity:.55}.error{stroke:currentColor;opacity:.5}
      .mark{fill:currentColor;stroke:currentColor}.more .mark{fill:#fff}.more .line{stroke-dasharray:3 3}
      .f0{color:#0072b2}.f1{color:#c44e00}.f2{color:#007a5a}.f3{color:#b0508a}
      .f4{color:#8a6d00}.f5{color:#2a8cc4}.f6{color:#555}.f7{color:#6a3d9a}
      @media(prefers-color-scheme:dark){.more .mark{fill:#16181b}.base{stroke:#aaa}.front{stroke:#f2f2f2}
      .f0{color:#4fa8e0}.f1{color:#f58a3c}.f2{color:#2fbf94}.f3{color:#e08fc0}
      .f4{color:#e3c430}.f5{color:#8fd3f7}.f6{color:#b8b8b8}.f7{color:#b99ae6}}""";
}
