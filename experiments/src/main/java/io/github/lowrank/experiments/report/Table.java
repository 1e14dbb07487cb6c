package io.github.lowrank.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** A table, as plain text, Markdown or HTML. */
public final class Table {
  private final List<List<String>> lines = new ArrayList<>();

  /** A table with a heading. */
  public Table(List<String> heading) {
    line(heading);
  }

  /**
   * A column of a table of things.
   *
   * @param heading of the column
   * @param cell the text for one thing
   */
  record Column<T>(String heading, Function<T, String> cell) {}

  /** A line for each of {@code things}. */
  static <T> Table of(List<T> things, List<Column<T>> columns) {
    Table table = new Table(columns.stream().map(Column::heading).toList());
    things.forEach(thing -> table.line(columns.stream().map(c -> c.cell.apply(thing)).toList()));
    return table;
  }

  /** Adds a line. */
  public Table line(List<String> cells) {
    lines.add(cells.stream().map(Escape::line).toList());
    return this;
  }

  static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }

  static String bytes(double bytes) {
    return bytes >= 1e6 ? format("%.2f MB", bytes / 1e6) : format("%.1f kB", bytes / 1e3);
  }

  /** All lines with cells of equal width in each column. */
  private List<List<String>> aligned(UnaryOperator<String> escape) {
    int columns = lines.get(0).size();
    int[] widths = new int[columns];
    List<List<String>> aligned = new ArrayList<>();
    for (List<String> line : lines) {
      List<String> cells = line.stream().map(escape).toList();
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], cells.get(i).length());
      }
      aligned.add(new ArrayList<>(cells));
    }
    for (List<String> line : aligned) {
      for (int i = 0; i < columns; i++) {
        String padding = " ".repeat(widths[i] - line.get(i).length());
        line.set(i, i == 0 ? line.get(i) + padding : padding + line.get(i));
      }
    }
    return aligned;
  }

  /** Aligned columns. */
  public String text() {
    List<List<String>> aligned = aligned(UnaryOperator.identity());
    aligned.add(1, aligned.get(0).stream().map(cell -> "-".repeat(cell.length())).toList());
    StringBuilder text = new StringBuilder();
    aligned.forEach(line -> text.append(String.join("  ", line)).append('\n'));
    return text.toString();
  }

  /** A Markdown table. */
  public String markdown() {
    StringBuilder text = new StringBuilder();
    for (List<String> line : aligned(Escape::markdown)) {
      boolean heading = text.length() == 0;
      text.append("| ").append(String.join(" | ", line)).append(" |\n");
      if (heading) {
        text.append("|---").append("|---:".repeat(line.size() - 1)).append("|\n");
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
      line.forEach(cell -> text.append("<%s>%s</%s>".formatted(tag, Escape.html(cell), tag)));
      text.append("</tr>\n");
    }
    return text.append("</table>\n").toString();
  }
}
