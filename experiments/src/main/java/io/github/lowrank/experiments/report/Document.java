package io.github.lowrank.experiments.report;

/** A report, as Markdown and as self-contained HTML. */
final class Document {
  private final StringBuilder markdown = new StringBuilder();
  private final StringBuilder html = new StringBuilder();

  Document(String title) {
    markdown.append("# ").append(title).append("\n\n");
    html.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
        .append(title)
        .append("</title>\n<style>body{font:16px/1.5 sans-serif;max-width:70em;margin:2em auto;")
        .append("padding:0 1em}table{border-collapse:collapse;display:block;overflow-x:auto}")
        .append(
            "td,th{border:1px solid #ccc;padding:.2em .6em;text-align:right;white-space:nowrap}")
        .append("td:first-child,th:first-child{text-align:left}svg{max-width:100%}")
        .append("</style></head><body>\n<h1>")
        .append(title)
        .append("</h1>\n");
  }

  void heading(String text) {
    markdown.append("## ").append(text).append("\n\n");
    html.append("<h2>").append(Table.escape(text)).append("</h2>\n");
  }

  void paragraph(String text) {
    markdown.append(text).append("\n\n");
    html.append("<p>").append(Table.escape(text)).append("</p>\n");
  }

  void table(Table table) {
    markdown.append(table.markdown()).append('\n');
    html.append(table.html());
  }

  /** A figure: a link in Markdown, the picture itself in HTML. */
  void figure(String name, String path, String svg) {
    markdown.append("![%s](%s)\n\n".formatted(name, path));
    html.append("<p>").append(svg.replaceFirst("(?s)^.*?<svg", "<svg")).append("</p>\n");
  }

  String markdown() {
    return markdown.toString();
  }

  String html() {
    return html + "</body></html>\n";
  }
}
