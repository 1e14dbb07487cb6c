package io.github.lowrank.experiments.report;

import static io.github.lowrank.experiments.report.Table.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.report.Table.Column;
import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The paper's comparisons from the rows of all runs below a folder: {@code comparisons.md} and
 * {@code .html} for people, {@code claims.json} and {@code summary.json} for programs.
 */
public final class Comparisons {
  private static final List<String> DATASETS =
      List.of("sst2", "sst2-phrases", "trec", "snips", "clinc150");
  private static final List<Double> FRACTIONS = List.of(0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99);
  private static final List<Integer> BITS = List.of(16, 8, 4, 3, 2, 1);
  private static final int SEEDS = 5;
  private static final int OPTIMIZERS = 5;

  private Comparisons() {}

  /** Writes the report on the runs below {@code directory}; returns the table of the claims. */
  public static Table render(Path directory) throws IOException {
    List<Run> runs = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path folder : files.filter(f -> Files.exists(f.resolve(Row.FILE))).sorted().toList()) {
        runs.add(Run.read(folder));
      }
    }
    if (runs.isEmpty()) {
      throw new IOException(directory + ": expected folders with trials.csv, found none");
    }
    List<Claims.Line> claims =
        runs.stream()
            .flatMap(run -> Claims.judge(run).stream())
            .sorted(Comparator.comparing(Claims.Line::claim))
            .toList();
    Table table = Claims.table(claims);

    Document document = new Document("Lowrank: the paper's comparisons");
    limits(runs).forEach(document::paragraph);
    document.heading("In short");
    document.paragraph(
        "One run for each data set and model, the one with the most methods: the mean over these runs with its "
            + "95 % interval, and in how many of them the claim holds on its own. Points of accuracy; for latency, the "
            + "share saved.");
    document.table(inShort(runs, claims));
    document.heading("The claims, run by run");
    document.paragraph(Claims.LEGEND);
    document.table(table);
    List<Run> grids = runs.stream().filter(Run::grid).toList();
    if (!grids.isEmpty()) {
      accuracy(document, grids);
    }
    runs.stream().filter(Run::variants).forEach(run -> variants(document, run));
    runs.stream().filter(Run::schedules).forEach(run -> schedules(document, run));
    if (!grids.isEmpty()) {
      costs(document, grids);
    }
    document.write(directory, "comparisons");
    writeJson(directory.resolve("claims.json"), claims);
    writeJson(
        directory.resolve("summary.json"),
        runs.stream().flatMap(run -> run.summaries().stream().map(s -> figures(run, s))).toList());
    return table;
  }

  private static void writeJson(Path file, Object value) throws IOException {
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    AtomicFiles.write(file, json.writeValueAsString(value) + "\n");
  }

  /** One method of one run, for programs. */
  private static Map<String, Object> figures(Run run, Summary s) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("run", run.name());
    figures.put("dataset", run.id().dataset());
    figures.put("model", run.id().model());
    figures.put("label", s.label());
    figures.put("method", s.method());
    figures.put("parameters", s.parameters());
    figures.put("seeds", s.rows().size());
    figures.put("dev_accuracy", s.mean(Row::devAccuracy));
    figures.put("test_accuracy", s.interval(Row::testAccuracy));
    if (s != run.baseline()) {
      figures.put("difference_to_first", s.difference(Row::testAccuracy));
      figures.put("mcnemar_p_holm", run.p().get(s.label()));
      figures.put("verdict", run.verdict(s));
    }
    figures.put("embedding_bytes", s.mean(Row::embeddingBytes));
    figures.put("saved_model_bytes", s.mean(Row::savedModelBytes));
    figures.put("flops_per_sentence", s.mean(r -> r.size().flops()));
    figures.put("latency_us_b1", s.mean(Row::latencyB1));
    figures.put("latency_us_b8", s.mean(Row::latencyB8));
    figures.put("latency_us_b64", s.mean(Row::latencyB64));
    return figures;
  }

  private static Table inShort(List<Run> runs, List<Claims.Line> claims) {
    Map<String, Run> chosen = new TreeMap<>();
    for (Run run : runs) {
      chosen.merge(
          run.id().dataset() + " " + run.id().model() + " " + run.schedules(),
          run,
          (a, b) -> a.summaries().size() >= b.summaries().size() ? a : b);
    }
    List<String> names = chosen.values().stream().map(Run::name).toList();
    Map<String, List<Claims.Line>> byClaim =
        claims.stream()
            .filter(line -> names.contains(line.run()))
            .collect(Collectors.groupingBy(Claims.Line::claim, TreeMap::new, Collectors.toList()));
    return Table.of(
        List.copyOf(byClaim.values()),
        List.of(
            new Column<>("the paper's claim", lines -> lines.get(0).claim()),
            new Column<>("runs", lines -> Integer.toString(lines.size())),
            new Column<>(
                "mean over runs",
                lines ->
                    Summary.Interval.of(
                            lines.stream()
                                .mapToDouble(Claims.Line::value)
                                .filter(Double::isFinite)
                                .toArray())
                        .signedPercent()),
            verdicts(Claims.HOLDS),
            verdicts(Claims.NOT_SHOWN),
            verdicts(Claims.DOES_NOT_HOLD)));
  }

  private static Column<List<Claims.Line>> verdicts(String verdict) {
    return new Column<>(
        verdict,
        lines -> Long.toString(lines.stream().filter(l -> l.verdict().equals(verdict)).count()));
  }

  /** What the whole comparison asks for and these runs omit. */
  private static List<String> limits(List<Run> runs) {
    List<String> absent = new ArrayList<>();
    for (String model : List.of("DAN", "LSTM")) {
      for (String dataset : DATASETS) {
        if (runs.stream()
            .noneMatch(
                r ->
                    r.grid()
                        && r.id().dataset().equals(dataset)
                        && r.id().model().equalsIgnoreCase(model))) {
          absent.add(dataset + " with the " + model);
        }
      }
    }
    List<String> omitted = new ArrayList<>();
    if (!absent.isEmpty()) {
      omitted.add("not run: " + String.join(", ", absent));
    }
    for (Run run : runs) {
      if (run.seeds() < SEEDS) {
        omitted.add("%s has %d seeds".formatted(run.name(), run.seeds()));
      }
      String gone =
          FRACTIONS.stream()
              .filter(r -> Variant.removed("online", r).in(run.summaries()).isEmpty())
              .map(Row::percent)
              .collect(Collectors.joining(", "));
      if (run.grid() && run.name().startsWith("grid") && !gone.isEmpty()) {
        omitted.add("%s omits the fractions %s".formatted(run.name(), gone));
      }
      Set<String> optimizers = new LinkedHashSet<>();
      run.summaries().stream()
          .filter(Claims::scheduled)
          .forEach(s -> optimizers.add(s.parameter("optimizer")));
      if (run.schedules() && run.name().startsWith("schedules") && optimizers.size() < OPTIMIZERS) {
        omitted.add("%s has only %s".formatted(run.name(), String.join(" and ", optimizers)));
      }
      List<String> settings = new ArrayList<>();
      run.provenance().path("settings").forEach((JsonNode s) -> settings.add(s.asText()));
      if (!settings.isEmpty()) {
        omitted.add("%s was run with %s".formatted(run.name(), String.join(", ", settings)));
      }
    }
    return List.of(
        "Omitted, of 5 data sets x 2 models x 8 fractions x 5 seeds: %s."
            .formatted(omitted.isEmpty() ? "nothing" : String.join("; ", omitted)),
        "Made by lowrank report from rows alone; each run's folder holds its rows, report and provenance. "
            + "All methods of a run have the same number of training steps and, where the run's report says so, "
            + "a learning-rate search of their own with equally many tries; selected on dev, evaluated on test once per "
            + "trial.");
  }

  private static void accuracy(Document document, List<Run> grids) throws IOException {
    document.heading("1. Compression against accuracy");
    document.paragraph(
        "Claim: 90 % of the embedding's numbers can go at under 1 point of accuracy, where the best other "
            + "method loses about 3.5. Points of test accuracy against the baseline of the same run, means over "
            + "seeds with 95 % intervals paired by seed; better and worse: McNemar's exact test on the texts of all "
            + "seeds, corrected by Holm's method over all methods of the run, has p < 0.05, and the interval excludes "
            + "zero.");
    document.table(matrix(grids, FRACTIONS.stream().map(r -> Variant.removed("online", r))));
    document.paragraph(
        "The rivals at 90 %, and the trained table factorized without retraining (half the steps).");
    document.table(
        matrix(
            grids,
            Stream.of("online", "online-before-retraining", "offline", "offline-rows")
                .map(method -> Variant.removed(method, 0.9))));
    document.paragraph(
        "Fixed point with one scale per table (the paper's) and with one scale per row. Bytes: 8 bit is 1/4, 4 bit "
            + "1/8, 3 bit 1/10.6, 2 bit 1/16 of float, plus 4 or 8 bytes per row.");
    for (String method : List.of("fixed-point", "fixed-point-rows")) {
      document.table(matrix(grids, BITS.stream().map(bits -> Variant.bits(method, bits))));
    }
    document.paragraph("Rank and bits together: W_a in codes, one scale per row.");
    document.table(matrix(grids, Stream.of(8, 4).map(Comparisons::onlineFixedPoint)));
    for (Run run : grids) {
      document.figure(
          run.name(),
          run.name() + "/figures/accuracy-bytes.svg",
          Figures.accuracyAgainstBytes(run));
    }
  }

  private static Variant onlineFixedPoint(int bits) {
    return new Variant("online-fixed-point", Map.of("removed", 0.9, "bits", bits));
  }

  /** A line per run, a column per variant: differences to the baseline, marked where shown. */
  private static Table matrix(List<Run> runs, Stream<Variant> variants) {
    List<Column<Run>> columns = new ArrayList<>();
    columns.add(new Column<>("run", Run::name));
    columns.add(new Column<>("seeds", run -> Integer.toString(run.seeds())));
    columns.add(
        new Column<>("baseline, %", run -> run.baseline().interval(Row::testAccuracy).percent()));
    variants.forEach(
        v ->
            columns.add(
                new Column<>(
                    v.label(),
                    run -> v.in(run.summaries()).map(s -> difference(run, s)).orElse(""))));
    return Table.of(runs, columns);
  }

  private static String difference(Run run, Summary s) {
    String verdict = run.verdict(s);
    boolean shown = List.of(Significance.BETTER, Significance.WORSE).contains(verdict);
    return s.difference(Row::testAccuracy).signedPercent() + (shown ? " " + verdict : "");
  }

  private static void variants(Document document, Run run) {
    document.heading("2. When to factorize and how to train on: " + run.name());
    document.paragraph(
        "The same fraction removed at different times (offline: before training; online: after half of the steps), "
            + "in several rounds, with another split of the singular values, or trained on with another schedule. Each "
            + "method has a learning-rate search of its own.");
    List<Column<Summary>> columns = new ArrayList<>();
    columns.add(new Column<>("method", Summary::label));
    columns.addAll(run.parameterColumns());
    columns.add(new Column<>("dev %", s -> s.interval(Row::devAccuracy).percent()));
    columns.add(new Column<>("test %", s -> s.interval(Row::testAccuracy).percent()));
    columns.add(run.differenceColumn());
    columns.add(new Column<>("verdict", run::verdict));
    document.table(Table.of(run.summaries(), columns));
  }

  /** Optimizers by schedules: best dev, test, steps to 99 % of the best dev. */
  private static void schedules(Document document, Run run) {
    document.heading("3. CALR against the usual schedules: " + run.name());
    document.paragraph(
        "Claim: CALR beats the usual optimizers and schedules. Each cell: best dev % / test % ± 95 % interval / "
            + "steps to 99 % of the best dev; the learning rate of every cell is searched on dev with equally many "
            + "tries. Curves over steps are in the run's report.");
    Map<String, Map<String, Summary>> cells = new TreeMap<>();
    List<Column<Map.Entry<String, Map<String, Summary>>>> columns = new ArrayList<>();
    columns.add(new Column<>("optimizer", Map.Entry::getKey));
    Set<String> schedules = new LinkedHashSet<>();
    for (Summary s : run.summaries().stream().filter(Claims::scheduled).toList()) {
      String schedule = s.parameter("schedule");
      String optimizer = s.parameter("optimizer");
      if (schedules.add(schedule)) {
        columns.add(new Column<>(schedule, row -> cell(row.getValue().get(schedule))));
      }
      cells
          .computeIfAbsent(run.named(optimizer, s, "schedule"), o -> new LinkedHashMap<>())
          .put(schedule, s);
    }
    document.table(Table.of(List.copyOf(cells.entrySet()), columns));
  }

  private static String cell(Summary s) {
    return s == null
        ? ""
        : format(
            "%.2f / %s / %.0f",
            100 * s.mean(Row::devAccuracy),
            s.interval(Row::testAccuracy).percent(),
            s.mean(r -> r.training().stepsTo99()));
  }

  private static void costs(Document document, List<Run> grids) {
    document.heading("4. Size and speed");
    document.paragraph(
        "Claim: fewer bytes and no added latency, against fixed point, which must dequantize. SavedModels from raw "
            + "string to probabilities, W_b folded into the next layer, all methods of a run interleaved in one "
            + "process; medians relative to the baseline of the same seed, with 95 % intervals over seeds. Percentiles "
            + "are in the runs' reports.");
    Table table =
        new Table(
            List.of(
                "run",
                "method",
                "embedding",
                "SavedModel",
                "FLOP",
                "batch 1",
                "batch 8",
                "batch 64"));
    List<Variant> variants =
        List.of(
            Claims.ONLINE,
            onlineFixedPoint(8),
            Variant.bits("fixed-point", 8),
            Variant.bits("fixed-point", 4));
    for (Run run : grids) {
      for (Variant variant : variants) {
        variant
            .in(run.summaries())
            .ifPresent(
                s ->
                    table.line(
                        List.of(
                            run.name(),
                            s.label(),
                            format("%.3f", s.ratio(Row::embeddingBytes).mean()),
                            format("%.3f", s.ratio(Row::savedModelBytes).mean()),
                            format("%.3f", s.ratio(r -> r.size().flops()).mean()),
                            s.ratio(Row::latencyB1).plain(),
                            s.ratio(Row::latencyB8).plain(),
                            s.ratio(Row::latencyB64).plain())));
      }
    }
    document.table(table);
  }
}
