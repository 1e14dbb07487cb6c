package io.github.lowrank.experiments.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lowrank.experiments.record.Bits;
import io.github.lowrank.experiments.record.History;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.run.RunDirectory;
import io.github.lowrank.train.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Renders {@code report.md}, {@code report.html} (self-contained) and {@code figures/*.svg} of a
 * run from its {@code trials.csv}, {@code correct.csv} and {@code history.csv}; without the latter
 * two it leaves out tests by text and figures over steps.
 */
public final class Report {
  // More lines than that nobody can tell apart.
  private static final int LINES = 10;
  private static final String CORRECT = "correct.csv";

  private Report() {}

  /** Renders the run in {@code directory} and returns its table. */
  public static Table render(Path directory) throws IOException {
    List<Row> rows = Row.read(directory.resolve("trials.csv"));
    if (rows.isEmpty()) {
      throw new IOException(directory.resolve("trials.csv") + " holds no rows yet");
    }
    List<Summary> summaries = Summary.of(rows);
    Table table = Table.of(summaries, Significance.against(summaries, correct(directory)));
    Map<String, String> figures = figures(History.read(directory), summaries);
    Files.createDirectories(directory.resolve("figures"));
    for (Map.Entry<String, String> figure : figures.entrySet()) {
      RunDirectory.write(
          directory.resolve("figures").resolve(figure.getKey() + ".svg"), figure.getValue());
    }
    String title = "Lowrank: " + rows.get(0).id().experiment();
    List<String> notes = notes(directory, rows);
    Document document = new Document(title);
    notes.forEach(document::paragraph);
    document.heading("Accuracy");
    document.table(table);
    document.heading("Size and speed");
    document.table(Table.ofCosts(summaries));
    document.heading("Training");
    document.table(Table.ofTraining(summaries));
    figures.forEach((name, svg) -> document.figure(name, "figures/%s.svg".formatted(name), svg));
    RunDirectory.write(directory.resolve("report.md"), document.markdown());
    RunDirectory.write(directory.resolve("report.html"), document.html());
    return table;
  }

  /** Writes which test texts each trial classified right, for {@link Significance}. */
  public static void writeCorrect(Path directory, Map<String, String> correct) throws IOException {
    StringBuilder text = new StringBuilder("trial,correct\n");
    correct.forEach((trial, bits) -> text.append(trial).append(',').append(bits).append('\n'));
    RunDirectory.write(directory.resolve(CORRECT), text.toString());
  }

  static Map<String, BitSet> correct(Path directory) throws IOException {
    Map<String, BitSet> correct = new LinkedHashMap<>();
    Path file = directory.resolve(CORRECT);
    if (Files.exists(file)) {
      List<String> lines = Files.readAllLines(file);
      for (int i = 1; i < lines.size(); i++) {
        int comma = lines.get(i).indexOf(',');
        try {
          correct.put(
              lines.get(i).substring(0, comma), Bits.parse(lines.get(i).substring(comma + 1)));
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
          throw new IOException(
              "%s, line %d: expected a trial and hexadecimal digits, found '%s'"
                  .formatted(
                      file, i + 1, lines.get(i).substring(0, Math.min(40, lines.get(i).length()))),
              e);
        }
      }
    }
    return correct;
  }

  private static List<String> notes(Path directory, List<Row> rows) throws IOException {
    long seeds = rows.stream().map(Row::seed).distinct().count();
    Row first = rows.get(0);
    List<String> notes = new ArrayList<>();
    notes.add(
        "Data set %s, model %s, %d training steps for every method, learning rate %s, %d seed(s)."
            .formatted(
                first.id().dataset(),
                first.id().model(),
                first.training().steps(),
                rows.stream()
                        .allMatch(
                            r -> r.training().learningRate() == first.training().learningRate())
                    ? first.training().learningRate() + " (searched on dev with the first method)"
                    : "searched on dev for each method, with as many tries, by seed 1",
                seeds));
    notes.add(
        seeds > 1
            ? "Accuracies are means over seeds with 95 % confidence intervals (t distribution); differences are paired by seed. McNemar: exact test on the test texts of all seeds, p-values corrected by Holm for the methods of this table; a verdict asks for p < 0.05 and an interval without zero. Selected on dev; test was read once a trial."
            : "One seed: no interval can be given, and differences of about a point may be chance. Selected on dev; test was read once a trial.");
    notes.add(
        "Latency: microseconds a sentence from raw string to probabilities, in one process, methods interleaved: medians over 400, 100 and 50 rounds at batch 1, 8 and 64; it depends on the machine, its ratios less.");
    Path provenance = directory.resolve("provenance.json");
    if (Files.exists(provenance)) {
      JsonNode p = new ObjectMapper().readTree(provenance.toFile());
      notes.add(
          "Commit %s, TensorFlow %s, %s threads, %s; details in provenance.json."
              .formatted(
                  p.path("commit").asText(),
                  p.path("tensorflow").asText(),
                  p.path("threads").asText(),
                  p.path("device").asText()));
    }
    return notes;
  }

  private static Map<String, String> figures(
      Map<String, List<Evaluation>> history, List<Summary> summaries) throws IOException {
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("accuracy-bytes", Figures.accuracyAgainstBytes(summaries));
    for (Map.Entry<String, List<Summary>> group : lines(summaries).entrySet()) {
      Map<String, List<Evaluation>> means = new LinkedHashMap<>();
      for (Summary s : group.getValue()) {
        List<List<Evaluation>> seeds =
            s.rows().stream().map(r -> history.getOrDefault(r.trial(), List.of())).toList();
        if (!seeds.get(0).isEmpty()) {
          means.put(s.label(), mean(seeds));
        }
      }
      if (!means.isEmpty()) {
        figures.put("dev-accuracy" + group.getKey(), Figures.devAccuracy(means));
        // Groups differ in their optimizers, whose rates have the same shapes.
        figures.putIfAbsent("learning-rate", Figures.learningRate(means));
      }
    }
    return figures;
  }

  /**
   * The methods that figures over steps show: floats only; of many, those at 90 %; of still too
   * many, a figure for each first word of their names.
   */
  private static Map<String, List<Summary>> lines(List<Summary> summaries) {
    List<Summary> shown =
        summaries.stream().filter(s -> s.rows().get(0).compression().bits() == 32).toList();
    if (shown.size() > LINES) {
      shown =
          shown.stream()
              .filter(s -> List.of(0.0, 0.9).contains(s.rows().get(0).compression().removed()))
              .toList();
    }
    boolean grouped = shown.size() > LINES;
    Map<String, List<Summary>> groups = new LinkedHashMap<>();
    for (Summary s : shown) {
      String group = grouped ? "-" + s.label().replaceFirst("-.*", "") : "";
      groups.computeIfAbsent(group, g -> new ArrayList<>()).add(s);
    }
    return groups;
  }

  /** The mean over seeds of the looks at dev that all of them have. */
  private static List<Evaluation> mean(List<List<Evaluation>> seeds) {
    int looks = seeds.stream().mapToInt(List::size).min().orElse(0);
    List<Evaluation> mean = new ArrayList<>();
    for (int i = 0; i < looks; i++) {
      int look = i;
      Evaluation first = seeds.get(0).get(i);
      mean.add(
          new Evaluation(
              first.step(),
              first.loss(),
              first.rate(),
              seeds.stream().mapToDouble(h -> h.get(look).devAccuracy()).average().orElseThrow()));
    }
    return mean;
  }
}
