package io.github.lowrank.experiments.report;

import static io.github.lowrank.experiments.report.Table.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lowrank.experiments.record.History;
import io.github.lowrank.experiments.record.Rates;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.report.Table.Column;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.train.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Renders {@code report.md}, {@code report.html} (self-contained) and {@code figures/*.svg} of a
 * run from its {@code trials.csv}, {@code correct.csv} and {@code history.csv}; without the latter
 * two it omits the tests on texts and the figures over steps, without {@code rates.csv} that of the
 * rate.
 */
public final class Report {
  /** Methods of one size beyond which accuracy against bytes is only a column of points. */
  private static final int CROWD = 10;

  /** Methods beyond which each optimizer has a figure of its own. */
  private static final int PICTURES = 50;

  /** Names of figures, also of those of former versions. */
  private static final Pattern FIGURE =
      Pattern.compile("(accuracy-bytes|dev-accuracy.*|learning-(rate|curves.*))\\.svg");

  private Report() {}

  /** Renders the run in {@code directory} and returns its table. */
  public static Table render(Path directory) throws IOException {
    Run run = Run.read(directory);
    Map<String, String> figures = figures(History.read(directory), Rates.read(directory), run);
    Path folder = directory.resolve("figures");
    for (Map.Entry<String, String> figure : figures.entrySet()) {
      AtomicFiles.write(folder.resolve(figure.getKey() + ".svg"), figure.getValue());
    }
    deleteOthers(folder, figures.keySet());
    Table table = Table.of(run.summaries(), accuracy(run));
    Document document = new Document("Lowrank: " + run.id().experiment());
    notes(run).forEach(document::paragraph);
    document.heading("Accuracy");
    document.table(table);
    document.heading("Size and speed");
    document.table(Table.of(run.summaries(), costs()));
    document.heading("Training");
    document.table(Table.of(run.summaries(), training()));
    if (figures.keySet().stream().anyMatch(f -> f.startsWith("learning-curves"))) {
      document.paragraph(
          "Learning curves: mean dev accuracy over the seeds that came to the end; what is below a picture is on its lower edge. Forms of one training, such as its quantizations, have one picture (runs before December 2026 recorded no curves of methods with codes). A second training begins from the best of the first on dev, hence the jump between them.");
    }
    figures.forEach((name, svg) -> document.figure(name, "figures/%s.svg".formatted(name), svg));
    document.write(directory, "report");
    return table;
  }

  private static void deleteOthers(Path folder, Set<String> figures) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          String name = file.getFileName().toString();
          if (FIGURE.matcher(name).matches() && !figures.contains(name.replace(".svg", ""))) {
            Files.delete(file);
          }
        }
      }
    }
  }

  private static List<Column<Summary>> accuracy(Run run) {
    List<Column<Summary>> columns = new ArrayList<>();
    columns.add(new Column<>("method", Summary::label));
    columns.add(new Column<>("removed", s -> format("%.1f %%", 100 * s.parametersRemoved())));
    columns.addAll(run.parameterColumns());
    columns.add(new Column<>("dev %", s -> s.interval(Row::devAccuracy).percent()));
    columns.add(new Column<>("test %", s -> s.interval(Row::testAccuracy).percent()));
    Map<String, Run.Tested> tested = run.tested();
    columns.add(tested(tested, "test - baseline", t -> t.effect().interval().signedPercent()));
    columns.add(tested(tested, "p", t -> p(t.adjusted())));
    columns.add(tested(tested, "verdict", Run.Tested::verdict));
    columns.add(
        tested(
            tested,
            "detectable",
            t -> t.adjusted() >= 0 ? format("%.2f", 100 * t.effect().detectable()) : ""));
    columns.add(new Column<>("embedding", s -> Table.bytes(s.mean(Row::embeddingBytes))));
    columns.add(new Column<>("SavedModel", s -> Table.bytes(s.mean(Row::savedModelBytes))));
    columns.add(new Column<>("us/sentence b1", s -> format("%.1f", s.mean(Row::latencyB1))));
    columns.add(new Column<>("us/sentence b64", s -> format("%.1f", s.mean(Row::latencyB64))));
    return columns;
  }

  private static Column<Summary> tested(
      Map<String, Run.Tested> tested, String heading, Function<Run.Tested, String> cell) {
    return new Column<>(
        heading, s -> tested.containsKey(s.label()) ? cell.apply(tested.get(s.label())) : "");
  }

  static String p(double p) {
    return Double.isNaN(p) ? "" : p < 0.001 ? "< 0.001" : format("%.3f", p);
  }

  /** What each method costs: numbers, bytes, operations, quantiles of the latency. */
  private static List<Column<Summary>> costs() {
    return List.of(
        new Column<>("method", Summary::label),
        new Column<>(
            "embedding numbers", s -> format("%,.0f", s.mean(r -> r.size().embeddingParameters()))),
        new Column<>("embedding", s -> Table.bytes(s.mean(Row::embeddingBytes))),
        new Column<>("SavedModel", s -> Table.bytes(s.mean(Row::savedModelBytes))),
        new Column<>("kFLOP/sentence", s -> format("%.1f", s.mean(r -> r.size().flops()) / 1e3)),
        new Column<>("b1 us: median / p90 / p99", s -> quantiles(s, r -> r.latency().batch1())),
        new Column<>("b8", s -> quantiles(s, r -> r.latency().batch8())),
        new Column<>("b64", s -> quantiles(s, r -> r.latency().batch64())),
        new Column<>("b1 of baseline's", s -> s.ratio(Row::latencyB1).plain()),
        new Column<>("b8", s -> s.ratio(Row::latencyB8).plain()),
        new Column<>("b64", s -> s.ratio(Row::latencyB64).plain()));
  }

  private static String quantiles(Summary s, Function<Row, Row.Quantiles> batch) {
    return format(
        "%.1f / %.1f / %.1f",
        s.mean(r -> batch.apply(r).median()),
        s.mean(r -> batch.apply(r).p90()),
        s.mean(r -> batch.apply(r).p99()));
  }

  /** How training went: rate, steps to 99 % of the best dev accuracy, test without known texts. */
  private static List<Column<Summary>> training() {
    return List.of(
        new Column<>("method", Summary::label),
        new Column<>("rate", s -> format("%.0e", s.rows().get(0).training().learningRate())),
        new Column<>("steps to 99 %", s -> format("%.0f", s.mean(r -> r.training().stepsTo99()))),
        new Column<>("best dev %", s -> s.interval(Row::devAccuracy).percent()),
        new Column<>("test %", s -> s.interval(Row::testAccuracy).percent()),
        new Column<>(
            "test % of unseen texts", s -> s.interval(r -> r.scores().testUnseen()).percent()));
  }

  /** Whether every method has a single rate. */
  private static boolean given(Run run) {
    JsonNode methods = run.provenance().path("experiment").path("methods");
    return !methods.isEmpty() && methods.valueStream().allMatch(m -> m.path("rates").size() == 1);
  }

  /** Whether all methods have the rate that was found with the first. */
  private static boolean shared(Run run) {
    JsonNode search = run.provenance().path("search");
    return search.isEmpty()
        ? run.summaries().stream()
                .flatMap(s -> s.rows().stream())
                .map(r -> r.training().learningRate())
                .distinct()
                .count()
            == 1
        : search.size() == 1 && search.has("rate");
  }

  private static List<String> notes(Run run) {
    Row first = run.baseline().rows().get(0);
    double rate = first.training().learningRate();
    String shorter =
        run.summaries().stream()
            .filter(s -> s.rows().get(0).training().steps() < first.training().steps())
            .map(Summary::method)
            .distinct()
            .collect(Collectors.joining(", "));
    List<String> notes = new ArrayList<>();
    notes.add(
        "Data set %s, model %s, %d training steps for every method%s, learning rate %s, %d seed(s)."
            .formatted(
                first.id().dataset(),
                first.id().model(),
                first.training().steps(),
                shorter.isEmpty() ? "" : ", fewer for " + shorter,
                shared(run)
                    ? rate + " (searched on dev with the first method)"
                    : given(run)
                        ? "given for each method, without a search"
                        : "searched on dev for each method by the same rule, by seeds of the search alone",
                run.seeds()));
    notes.add(
        run.seeds() > 1
            ? "Accuracies are means over seeds with 95 % intervals (Student's t). Differences to the baseline have intervals and p-values with two random factors, seeds and test texts (seeds alone without correct.csv); p is corrected by Holm's method over this table, and a verdict requires p < 0.05. Detectable: the difference in points that this design finds with 80 % power, before the correction. Selected on dev; each trial was evaluated on test once."
            : "One seed: no interval can be given, and differences of about a point may be chance. Selected on dev; each trial was evaluated on test once.");
    if (run.folds() > 0) {
      notes.add(
          "Each seed has its own test texts, one of %d folds; the folds are the units of intervals and tests."
              .formatted(run.folds()));
    }
    if (!run.edges().isEmpty()) {
      notes.add(
          "The best learning rate is the lowest or the highest that was tried for: %s."
              .formatted(String.join(", ", run.edges())));
    }
    notes.add(
        "Latency: microseconds per sentence from raw string to probabilities, in one process, up to four models at a time with the baseline among them, in random order (runs before November 2026: all models at once, in turn): medians over 400, 100 and 50 rounds at batch 1, 8 and 64. Absolute values depend on the machine, ratios less so.");
    if (run.provenance().has("commit")) {
      notes.add(
          "Commit %s, TensorFlow %s, %s threads, %s; details in provenance.json."
              .formatted(
                  run.provenance().path("commit").asText(),
                  run.provenance().path("tensorflow").asText(),
                  run.provenance().path("threads").asText(),
                  run.provenance().path("device").asText()));
    }
    return notes;
  }

  private static Map<String, String> figures(
      Map<String, List<Evaluation>> history, Map<String, List<Rates.Corner>> rates, Run run)
      throws IOException {
    Map<String, String> figures = new LinkedHashMap<>();
    long sizes =
        run.summaries().stream().mapToDouble(s -> s.mean(Row::embeddingBytes)).distinct().count();
    if (run.summaries().size() <= CROWD * sizes) {
      Panel panel = new Panel(run);
      figures.put("accuracy-bytes", FrontFigure.svg(panel, Legend.of(List.of(panel), List.of())));
    }
    for (Map.Entry<String, List<Summary>> group : groups(run.summaries()).entrySet()) {
      Map<String, Summary> methods = new LinkedHashMap<>();
      group.getValue().forEach(s -> methods.put(s.label(), s));
      String name = "learning-curves" + group.getKey();
      LearningCurves curves = new LearningCurves(run, history, rates, name, methods);
      if (!curves.isEmpty()) {
        figures.put(name, curves.svg());
      }
    }
    return figures;
  }

  private static Map<String, List<Summary>> groups(List<Summary> summaries) {
    Map<String, List<Summary>> groups = new LinkedHashMap<>();
    for (Summary s : summaries) {
      String group = s.rows().get(0).text("optimizer").orElse(s.method());
      groups
          .computeIfAbsent("-" + group.replaceAll("[^\\p{Alnum}._-]", "_"), g -> new ArrayList<>())
          .add(s);
    }
    return summaries.size() > PICTURES ? groups : Map.of("", summaries);
  }
}
