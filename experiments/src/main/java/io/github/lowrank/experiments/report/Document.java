package io.github.lowrank.experiments.report;

import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;

/** A report, as Markdown and as self-contained HTML. */
final class Document {
  private final StringBuilder markdown = new StringBuilder();
  private final StringBuilder html = new StringBuilder();

  Document(String title) {
    String escaped = Escape.html(title);
    markdown.append("# ").append(Escape.markdown(title)).append("\n\n");
    html.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>")
        .append(escaped)
        .append("</title>\n<style>body{font:16px/1.5 sans-serif;max-width:70em;margin:2em auto;")
        .append("padding:0 1em}table{border-collapse:collapse;display:block;overflow-x:auto}")
        .append(
            "td,th{border:1px solid #ccc;padding:.2em .6em;text-align:right;white-space:nowrap}")
        .append("td:first-child,th:first-child{text-align:left}svg{max-width:100%}")
        .append("</style></head><body>\n<h1>")
        .append(escaped)
        .append("</h1>\n");
  }

  void heading(String text) {
    markdown.append("## ").append(Escape.markdown(text)).append("\n\n");
    html.append("<h2>").append(Escape.html(text)).append("</h2>\n");
  }

  void paragraph(String text) {
    markdown.append(Escape.markdown(text)).append("\n\n");
    html.append("<p>").append(Escape.html(text)).append("</p>\n");
  }

  void table(Table table) {
    markdown.append(table.markdown()).append('\n');
    html.append(table.html());
  }

  /** A figure: a link in Markdown, the picture itself in HTML. */
  void figure(String name, String path, String svg) {
    link(name, path);
    html.append("<p>").append(svg.replaceFirst("(?s)^.*?<svg", "<svg")).append("</p>\n");
  }

  /** A part of the page that Markdown cannot have. */
  void interactive(String markup) {
    html.append(markup);
  }

  /** A picture that Markdown alone shows. */
  void link(String name, String path) {
    markdown.append(
        "![%s](%s)\n\n"
            .formatted(
                Escape.markdown(name).replaceAll("(?<!\\\\)[\\[\\]]", "\\\\$0"),
                Escape.line(path)
                    .replace(" ", "%20")
                    .replace("(", "%28")
                    .replace(")", "%29")
                    .replace("<", "%3C")));
  }

  /** Writes {@code name.md} and {@code name.html}. */
  void write(Path directory, String name) throws IOException {
    AtomicFiles.write(directory.resolve(name + ".md"), markdown.toString());
    AtomicFiles.write(directory.resolve(name + ".html"), html + "</body></html>\n");
  }
}
