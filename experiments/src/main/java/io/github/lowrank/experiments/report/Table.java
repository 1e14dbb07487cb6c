package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

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
                "us/sentence b64"));
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
              String.format(Locale.ROOT, "%.1f", s.mean(Row::latencyB64))));
    }
    return table;
  }

  /** What every variant costs: numbers, bytes, operations, quantiles of the latency. */
  public static Table ofCosts(List<Summary> summaries) {
    Table table =
        new Table(
            List.of(
                "method",
                "embedding numbers",
                "embedding",
                "SavedModel",
                "kFLOP/sentence",
                "b1 us: median / p90 / p99",
                "b8",
                "b64",
                "b1 of baseline's",
                "b8",
                "b64"));
    for (Summary s : summaries) {
      table.line(
          List.of(
              s.label(),
              String.format(Locale.ROOT, "%,.0f", s.mean(r -> r.size().embeddingParameters())),
              bytes(s.mean(Row::embeddingBytes)),
              bytes(s.mean(Row::savedModelBytes)),
              String.format(Locale.ROOT, "%.1f", s.mean(r -> r.size().flops()) / 1e3),
              quantiles(s, r -> r.latency().batch1()),
              quantiles(s, r -> r.latency().batch8()),
              quantiles(s, r -> r.latency().batch64()),
              s.ratio(Row::latencyB1).plain(),
              s.ratio(Row::latencyB8).plain(),
              s.ratio(Row::latencyB64).plain()));
    }
    return table;
  }

  private static String quantiles(Summary s, Function<Row, Row.Quantiles> batch) {
    return String.format(
        Locale.ROOT,
        "%.1f / %.1f / %.1f",
        s.mean(r -> batch.apply(r).median()),
        s.mean(r -> batch.apply(r).p90()),
        s.mean(r -> batch.apply(r).p99()));
  }

  /** How training went: rate, steps to 99 % of the best dev accuracy, test without known texts. */
  public static Table ofTraining(List<Summary> summaries) {
    Table table =
        new Table(
            List.of(
                "method",
                "rate",
                "steps to 99 %",
                "best dev %",
                "test %",
                "test % of unseen texts"));
    for (Summary s : summaries) {
      table.line(
          List.of(
              s.label(),
              String.format(Locale.ROOT, "%.0e", s.rows().get(0).training().learningRate()),
              String.format(Locale.ROOT, "%.0f", s.mean(r -> r.training().stepsTo99())),
              s.interval(Row::devAccuracy).percent(),
              s.interval(Row::testAccuracy).percent(),
              s.interval(r -> r.scores().testUnseen()).percent()));
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
