package io.github.lowrank.experiments.report;

/** Titles, labels and names come from users: none of them may become markup. */
public final class Escape {
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

  /**
   * Text of a line or table cell in Markdown, where HTML would be HTML too. What has no meaning
   * where it stands is kept: numbers below zero, names with {@code _} or {@code -}, {@code R&D}.
   */
  public static String markdown(String text) {
    return line(text)
        .replaceAll("[\\\\`*~|]", "\\\\$0")
        .replaceAll("(?<![\\p{L}\\p{N}])_|_(?![\\p{L}\\p{N}])", "\\\\_") // emphasis
        .replaceAll("\\]([(\\[:])", "]\\\\$1") // link
        .replaceAll("&(?=#?\\w+;)", "&amp;") // character reference
        .replaceAll("<(?=[A-Za-z/!?])", "&lt;") // tag
        .replaceAll("(?<!\\S)#", "\\\\#") // heading
        .replaceAll("^(\\s*)(>|[-+](?=\\s|--))", "$1\\\\$2"); // quotation, list, rule
  }

  /**
   * A field of a line of tab-separated values: a tab becomes {@code \t}, a line break {@code \n}, a
   * backslash {@code \\}, any other control character {@code \}{@code u} and four digits.
   */
  public static String tsv(String text) {
    StringBuilder field = new StringBuilder();
    for (char c : text.toCharArray()) {
      switch (c) {
        case '\\' -> field.append("\\\\");
        case '\t' -> field.append("\\t");
        case '\n' -> field.append("\\n");
        case '\r' -> field.append("\\r");
        default -> {
          if (Character.isISOControl(c) || c == 0x2028 || c == 0x2029) {
            field.append("\\u%04x".formatted((int) c));
          } else {
            field.append(c);
          }
        }
      }
    }
    return field.toString();
  }
}
