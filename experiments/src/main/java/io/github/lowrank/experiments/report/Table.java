package io.github.lowrank.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The table of a comparison, as plain text, Markdown or HTML. */
public final class Table {
  private final List<List<String>> lines = new ArrayList<>();

  /** A table with a heading. */
  public Table(List<String> heading) {
    lines.add(heading);
  }

  /** Adds a line. */
  public Table line(List<String> cells) {
    lines.add(cells);
    return this;
  }

  /**
   * The main table of {@code summaries}.
   *
   * @param p corrected p-values by label
   */
  public static Table of(List<Summary> summaries, Map<String, Double> p) {
    Table table =
        new Table(
            List.of(
                "method",
                "removed",
                "rank or bits",
                "dev %",
                "test %",
                "test - baseline",
                "McNemar p",
                "verdict",
                "embedding",
                "SavedModel",
                "us/sentence b1",
                "us/sentence b64",
                "steps to 99 %"));
    for (Summary s : summaries) {
      boolean first = s.label().equals(summaries.get(0).label());
      Summary.Interval difference = s.difference(Row::testAccuracy);
      table.line(
          List.of(
              s.label(),
              String.format(Locale.ROOT, "%.1f %%", 100 * s.parametersRemoved()),
              s.rankOrBits(),
              s.interval(Row::devAccuracy).percent(),
              s.interval(Row::testAccuracy).percent(),
              first ? "" : difference.signedPercent(),
              first || p.get(s.label()) == null ? "" : p(p.get(s.label())),
              first ? "" : Significance.verdict(difference, p.get(s.label())),
              bytes(s.mean(Row::embeddingBytes)),
              bytes(s.mean(Row::savedModelBytes)),
              String.format(Locale.ROOT, "%.1f", s.mean(Row::latencyB1)),
              String.format(Locale.ROOT, "%.1f", s.mean(Row::latencyB64)),
              s.mean(Row::stepsTo99) < 0
                  ? ""
                  : String.format(Locale.ROOT, "%.0f", s.mean(Row::stepsTo99))));
    }
    return table;
  }

  private static String p(double p) {
    return p < 0.001 ? "< 0.001" : String.format(Locale.ROOT, "%.3f", p);
  }

  private static String bytes(double bytes) {
    return bytes >= 1e6
        ? String.format(Locale.ROOT, "%.2f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.1f kB", bytes / 1e3);
  }

  private int[] widths() {
    int[] widths = new int[lines.get(0).size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    return widths;
  }

  private String aligned(List<String> line, int column) {
    int width = widths()[column];
    String cell = line.get(column);
    String padding = " ".repeat(width - cell.length());
    return column == 0 ? cell + padding : padding + cell;
  }

  /** Aligned columns. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      for (int i = 0; i < line.size(); i++) {
        text.append(i == 0 ? "" : "  ").append(aligned(line, i));
      }
      text.append('\n');
      if (line == lines.get(0)) {
        for (int i = 0; i < line.size(); i++) {
          text.append(i == 0 ? "" : "  ").append("-".repeat(widths()[i]));
        }
        text.append('\n');
      }
    }
    return text.toString();
  }

  /** A Markdown table. */
  public String markdown() {
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      for (int i = 0; i < line.size(); i++) {
        text.append("| ").append(aligned(line, i)).append(' ');
      }
      text.append("|\n");
      if (line == lines.get(0)) {
        for (int i = 0; i < line.size(); i++) {
          text.append(i == 0 ? "|---" : "|---:");
        }
        text.append("|\n");
      }
    }
    return text.toString();
  }

  /** An HTML table. */
  public String html() {
    StringBuilder text = new StringBuilder("<table>\n");
    for (List<String> line : lines) {
      String tag = line == lines.get(0) ? "th" : "td";
      text.append("<tr>");
      for (String cell : line) {
        text.append('<').append(tag).append('>').append(escape(cell));
        text.append("</").append(tag).append('>');
      }
      text.append("</tr>\n");
    }
    return text.append("</table>\n").toString();
  }

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
