package io.github.lowrank.experiments.report;

import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What is known of a classifier, as JSON and for people.
 *
 * @param facts by name, in order
 * @param scored which texts were scored
 * @param report how they were answered
 */
public record ModelCard(Map<String, Object> facts, String scored, Scores report) {
  /** Name of the JSON file. */
  public static final String FILE = "model-card.json";

  /** Bytes of a card without its labels. */
  private static final long SMALLEST = 4096;

  /** Writes both files into {@code folder}. */
  public void write(Path folder) throws IOException {
    AtomicFiles.write(folder.resolve(FILE), Json.pretty(facts));
    StringBuilder markdown = new StringBuilder("# Model card\n\n| | |\n|---|---|\n");
    facts.forEach(
        (name, fact) -> {
          String text = fact instanceof double[] d ? Arrays.toString(d) : fact.toString();
          markdown.append("| %s | %s |\n".formatted(name, Escape.markdown(text)));
        });
    markdown.append("\nOn ").append(scored).append(": ").append(report.headline()).append("\n\n");
    markdown.append(report.table().markdown());
    AtomicFiles.write(folder.resolve("model-card.md"), markdown.toString());
  }

  /** A bound of both files' size: every label occurs in lists and, per class, in the table. */
  public static long bytes(List<String> labels) {
    long widest = ClassReport.UNKNOWN.length();
    long all = 0;
    for (String name : labels) {
      long bytes =
          Math.max(
              Json.canonical(name).getBytes(StandardCharsets.UTF_8).length,
              Escape.markdown(name).getBytes(StandardCharsets.UTF_8).length);
      widest = Math.max(widest, bytes);
      all += bytes;
    }
    long heading = labels.size() <= ClassReport.WIDEST ? all + 12L * labels.size() : 0;
    return SMALLEST
        + 2 * (all + 8L * labels.size())
        + (labels.size() + 3L) * (widest + 48)
        + (labels.size() + 3L) * heading;
  }
}
