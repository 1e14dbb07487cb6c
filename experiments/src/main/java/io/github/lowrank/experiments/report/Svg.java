package io.github.lowrank.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An SVG, as part of a page, whose style sheet gives its classes their looks, or as a file. */
final class Svg {
  private final StringBuilder text = new StringBuilder();

  /**
   * An empty picture.
   *
   * @param name what a screen reader says in place of it
   */
  Svg(int width, int height, String name) {
    add(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
        width, height, Escape.html(name));
  }

  /**
   * An empty picture that is a file, on paper that is light or dark as the reader prefers.
   *
   * @param style for its classes, besides those for texts and grids
   */
  static Svg file(int width, int height, String title, String style) {
    return new Svg(width, height, title, style);
  }

  private Svg(int width, int height, String title, String style) {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">",
        width, height, width, height);
    add("<title>%s</title>\n<style>%s</style>\n", Escape.html(title), PAPER + style);
    add("<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", width, height);
  }

  /** Markup in {@link String#format}'s format; texts among the arguments must be escaped. */
  Svg add(String format, Object... arguments) {
    // A tenth of a pixel is enough, and a third of the bytes.
    text.append(String.format(Locale.ROOT, format, arguments));
    return this;
  }

  /** Text at a place. */
  Svg text(String classes, double x, double y, String content) {
    return add(
        "<text class=\"%s\" x=\"%.0f\" y=\"%.1f\">%s</text>", classes, x, y, Escape.html(content));
  }

  /** A line through {@code points}, {@code [x, y]} each. */
  Svg line(String classes, List<double[]> points) {
    StringBuilder path = new StringBuilder();
    for (double[] p : points) {
      path.append(path.length() == 0 ? 'M' : 'L')
          .append(String.format(Locale.ROOT, "%.1f %.1f", p[0], p[1]).replace(".0", ""));
    }
    return add("<path class=\"%s\" d=\"%s\"/>", classes, path);
  }

  String end() {
    return text + "</svg>\n";
  }

  /** Round numbers within {@code [low, high]}: about {@code count} multiples of 1, 2 or 5. */
  static List<Double> ticks(double low, double high, int count) {
    double raw = (high - low) / Math.max(1, count);
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    double step =
        power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7 ? 5 : 10);
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  private static final String PAPER =
      """
      text{font:12px sans-serif;fill:#222}.title{font-size:15px;font-weight:bold}.end{text-anchor:end}
      .paper{fill:#fff}.grid{stroke:#ddd;fill:none}
      @media(prefers-color-scheme:dark){text{fill:#e6e6e6}.paper{fill:#16181b}.grid{stroke:#383c42}}
      """;

  /** A number with at most {@code digits} digits behind the point, and none that says nothing. */
  static String number(double value, int digits) {
    String text = String.format(Locale.ROOT, "%." + digits + "f", value);
    return (text.contains(".") ? text.replaceAll("\\.?0+$", "") : text)
        .replaceAll("^-0$", "0")
        .replace('-', '−');
  }

  /** A text of at most that many characters. */
  static String cut(String text, int longest) {
    return text.length() > longest ? text.substring(0, longest - 1) + "…" : text;
  }
}
