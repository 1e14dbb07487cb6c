package io.github.lowrank.experiments.report;

/** Titles, labels and names come from users: none of them may become markup. */
final class Escape {
  private Escape() {}

  /** One line: line breaks and other control characters become a blank. */
  static String line(String text) {
    return text.replaceAll("[\\p{Cc}\\u2028\\u2029]+", " ");
  }

  /** Text of an HTML element or attribute. */
  static String html(String text) {
    return line(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** Text of a line or table cell in Markdown, where HTML tags would be tags too. */
  static String markdown(String text) {
    return line(text).replace("|", "\\|").replaceAll("<(?=[A-Za-z/!?])", "&lt;");
  }
}
