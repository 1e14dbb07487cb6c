package io.github.lowrank.experiments.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lowrank.experiments.record.Bits;
import io.github.lowrank.experiments.record.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Two methods, of one run or of two, that were tested on the same texts; seeds of both count.
 *
 * @param method the one that is ahead where the difference is positive
 * @param rival the other one
 */
public record MethodPair(OfRun method, OfRun rival) {
  /** A method and its run. */
  record OfRun(Run run, Summary summary) {
    /**
     * Reads a path such as {@code results/claims-trec-dan/online-90}: the run's folder, and the
     * method as the names of its trials have it.
     */
    static OfRun read(Path path) throws IOException {
      Path folder = path.getParent();
      if (folder == null) {
        throw new IllegalArgumentException(path + ": expected RUN/METHOD");
      }
      if (Files.isDirectory(path) && !Files.exists(folder.resolve(Row.FILE))) {
        throw new IllegalArgumentException(
            path + ": expected RUN/METHOD, found a folder without a method");
      }
      Run run = Run.read(folder);
      String name = path.getFileName().toString();
      return new OfRun(
          run,
          run.summaries().stream()
              .filter(s -> name(s).equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "%s has no method '%s': expected one of %s"
                              .formatted(
                                  folder,
                                  name,
                                  run.summaries().stream()
                                      .map(s -> Escape.line(name(s)))
                                      .collect(Collectors.joining(", "))))));
    }

    private static String name(Summary s) {
      return s.rows().get(0).trial().replaceFirst("-seed\\d+$", "");
    }

    private String text() {
      return "%s, %s: %s %% (seeds: %d)%n"
          .formatted(
              Escape.line(summary.label()),
              run.name(),
              summary.interval(Row::testAccuracy).percent(),
              summary.rows().size());
    }
  }

  /**
   * Reads both from rows and answers.
   *
   * @throws IOException if a run cannot be read
   * @throws IllegalArgumentException if it lacks the method, or if the test texts are not the same
   */
  public static MethodPair read(Path method, Path rival) throws IOException {
    MethodPair pair = new MethodPair(OfRun.read(method), OfRun.read(rival));
    Run a = pair.method.run;
    Run b = pair.rival.run;
    if (!a.id().dataset().equals(b.id().dataset())
        || a.texts() != b.texts()
        || a.folds() != b.folds()) {
      throw new IllegalArgumentException(
          "%s and %s: expected one data set and its test texts, found %s and %s"
              .formatted(method, rival, tested(a), tested(b)));
    }
    JsonNode files = b.provenance().path("sha256");
    for (Map.Entry<String, JsonNode> file : a.provenance().path("sha256").properties()) {
      if (files.has(file.getKey()) && !files.get(file.getKey()).equals(file.getValue())) {
        throw new IllegalArgumentException(
            "%s and %s: expected the same data, found two versions of %s"
                .formatted(method, rival, Escape.line(file.getKey())));
      }
    }
    if (pair.seeds() == 0) {
      throw new IllegalArgumentException(
          "%s and %s: expected a seed that both have".formatted(method, rival));
    }
    return pair;
  }

  private int seeds() {
    return Run.seeds(method.summary, List.of(rival.summary)).size();
  }

  private static String tested(Run run) {
    return Escape.line(run.id().dataset())
        + (run.answered() ? Table.format(" (%,d texts", run.texts()) : " (without " + Bits.FILE)
        + (run.folds() == 0 ? ")" : " in " + run.folds() + " folds)");
  }

  /** Both accuracies, their difference, and what chance may have done to it. */
  public String text() {
    Effect effect = method.run.gain(method.summary, rival.run, Map.of(rival.summary, 1.0));
    String text =
        method.text()
            + rival.text()
            + Table.format(
                "difference: %s points (common seeds: %d; random: %s)",
                effect.interval().signedPercent(), seeds(), random());
    // Without answers there is no test (docs/protocol.md).
    boolean tested = method.run.answered() && !Double.isNaN(effect.error());
    return text
        + (tested
            ? Table.format(
                "; p = %.2g without correction; 80 %% power for %.2f%n",
                effect.p(0), 100 * effect.detectable())
            : System.lineSeparator());
  }

  private String random() {
    if (method.run.folds() > 0) {
      return method.run.folds() + " folds";
    }
    return method.run.answered()
        ? Table.format("seeds and %,d test texts", method.run.texts())
        : "seeds alone, for want of " + Bits.FILE;
  }
}
