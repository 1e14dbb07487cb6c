package io.github.lowrank.experiments.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

  /** A run with its statistics. */
  private record Run(
      String name,
      List<String> settings,
      List<Summary> summaries,
      Map<String, Double> p,
      String figure) {
    Summary find(String label) {
      return summaries.stream().filter(s -> s.label().equals(label)).findFirst().orElse(null);
    }

    Row.Id id() {
      return summaries.get(0).rows().get(0).id();
    }

    int seeds() {
      return summaries.get(0).rows().size();
    }

    boolean grid() {
      return find("online 90 %") != null && find("fixed-point 4 bit") != null;
    }

    boolean cuts() {
      return summaries.stream()
          .anyMatch(s -> s.label().startsWith("cut-after") || s.label().contains("-then-"));
    }

    boolean schedules() {
      return !cuts() && summaries.stream().anyMatch(s -> s.label().contains(Claims.CALR));
    }

    /** The difference to the baseline and a mark: + better, - worse, nothing if not shown. */
    String cell(String label) {
      Summary s = find(label);
      if (s == null) {
        return "";
      }
      Summary.Interval d = s.difference(Row::testAccuracy);
      return d.signedPercent()
          + switch (Significance.verdict(d, p.get(label))) {
            case Significance.BETTER -> " better";
            case Significance.WORSE -> " worse";
            default -> "";
          };
    }
  }

  /** One method of one run, for programs. */
  private static Map<String, Object> figures(Run run, Summary s) {
    Summary.Interval test = s.interval(Row::testAccuracy);
    Summary.Interval difference = s.difference(Row::testAccuracy);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("run", run.name);
    figures.put("dataset", run.id().dataset());
    figures.put("model", run.id().model());
    figures.put("method", s.label());
    figures.put("seeds", s.rows().size());
    figures.put("dev_accuracy", s.mean(Row::devAccuracy));
    figures.put("test_accuracy", test);
    if (s != run.summaries.get(0)) {
      figures.put("difference_to_first", difference);
      figures.put("mcnemar_p_holm", run.p.get(s.label()));
      figures.put("verdict", Significance.verdict(difference, run.p.get(s.label())));
    }
    figures.put("embedding_bytes", s.mean(Row::embeddingBytes));
    figures.put("saved_model_bytes", s.mean(Row::savedModelBytes));
    figures.put("flops_per_sentence", s.mean(r -> r.size().flops()));
    figures.put("latency_us_b1", s.mean(Row::latencyB1));
    figures.put("latency_us_b8", s.mean(Row::latencyB8));
    figures.put("latency_us_b64", s.mean(Row::latencyB64));
    return figures;
  }

  private Comparisons() {}

  /** Writes the report on the runs below {@code directory}; returns the table of the claims. */
  public static Table render(Path directory) throws IOException {
    List<Run> runs = new ArrayList<>();
    for (Path folder : folders(directory)) {
      List<Summary> summaries = Summary.of(Row.read(folder.resolve("trials.csv")));
      runs.add(
          new Run(
              folder.getFileName().toString(),
              settings(folder),
              summaries,
              Significance.against(summaries, Report.correct(folder)),
              Figures.accuracyAgainstBytes(summaries)));
    }
    if (runs.isEmpty()) {
      throw new IOException(directory + ": expected folders with trials.csv, found none");
    }
    List<Claims.Line> claims = new ArrayList<>();
    for (Run run : runs) {
      claims.addAll(Claims.judge(run.name, run.summaries));
    }
    claims.sort(java.util.Comparator.comparing(Claims.Line::claim));
    Table table = Claims.table(claims);

    Document document = new Document("Lowrank: the paper's comparisons");
    limits(runs).forEach(document::paragraph);
    document.heading("In short");
    document.paragraph(
        "One run for each data set and model, the one with most methods; the mean of what they measured, with the "
            + "95 % interval over runs, and in how many of them the claim holds on its own. Points of accuracy, for "
            + "latency the share that is saved.");
    document.table(shortly(runs, claims));
    document.heading("The claims, run by run");
    document.paragraph(Claims.LEGEND);
    document.table(table);
    List<Run> grids = runs.stream().filter(Run::grid).toList();
    if (!grids.isEmpty()) {
      accuracy(document, grids);
    }
    runs.stream().filter(Run::cuts).forEach(run -> cuts(document, run));
    runs.stream().filter(Run::schedules).forEach(run -> schedules(document, run));
    if (!grids.isEmpty()) {
      costs(document, grids);
    }
    RunDirectory.write(directory.resolve("comparisons.md"), document.markdown());
    RunDirectory.write(directory.resolve("comparisons.html"), document.html());
    RunDirectory.writeJson(directory.resolve("claims.json"), claims);
    List<Map<String, Object>> figures = new ArrayList<>();
    runs.forEach(run -> run.summaries.forEach(s -> figures.add(figures(run, s))));
    RunDirectory.writeJson(directory.resolve("summary.json"), figures);
    return table;
  }

  /** What {@code --set} changed, where provenance tells. */
  private static List<String> settings(Path folder) throws IOException {
    List<String> settings = new ArrayList<>();
    Path provenance = folder.resolve("provenance.json");
    if (Files.exists(provenance)) {
      for (JsonNode setting : new ObjectMapper().readTree(provenance.toFile()).path("settings")) {
        settings.add(setting.asText());
      }
    }
    return settings;
  }

  private static Table shortly(List<Run> runs, List<Claims.Line> claims) {
    Map<String, Run> chosen = new TreeMap<>();
    for (Run run : runs) {
      chosen.merge(
          run.id().dataset() + " " + run.id().model() + " " + run.schedules(),
          run,
          (a, b) -> a.summaries.size() >= b.summaries.size() ? a : b);
    }
    List<String> names = chosen.values().stream().map(Run::name).toList();
    Map<String, List<Claims.Line>> byClaim = new TreeMap<>();
    for (Claims.Line line : claims) {
      if (names.contains(line.run())) {
        byClaim
            .computeIfAbsent(
                line.claim().replaceFirst(", \\d\\.\\d\\d of online's", ""), c -> new ArrayList<>())
            .add(line);
      }
    }
    Table table =
        new Table(
            List.of(
                "the paper's claim",
                "runs",
                "mean over runs",
                "holds",
                "not shown",
                "does not hold"));
    byClaim.forEach(
        (claim, lines) -> {
          Summary.Interval mean =
              Summary.Interval.of(
                  lines.stream()
                      .mapToDouble(Claims.Line::value)
                      .filter(Double::isFinite)
                      .toArray());
          table.line(
              List.of(
                  claim,
                  Integer.toString(lines.size()),
                  mean.signedPercent(),
                  count(lines, Claims.HOLDS),
                  count(lines, Claims.NOT_SHOWN),
                  count(lines, Claims.DOES_NOT_HOLD)));
        });
    return table;
  }

  private static String count(List<Claims.Line> lines, String verdict) {
    return Long.toString(lines.stream().filter(l -> l.verdict().equals(verdict)).count());
  }

  private static List<Path> folders(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(f -> Files.exists(f.resolve("trials.csv"))).sorted().toList();
    }
  }

  /** What the whole comparison asks for and these runs do not hold. */
  private static List<String> limits(List<Run> runs) {
    List<String> cuts = new ArrayList<>();
    Set<String> absent = new LinkedHashSet<>();
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
    for (Run run : runs) {
      if (run.seeds() < SEEDS) {
        cuts.add("%s has %d seeds".formatted(run.name, run.seeds()));
      }
      List<String> gone =
          run.grid() && run.name.startsWith("grid")
              ? FRACTIONS.stream()
                  .filter(r -> run.find("online " + percent(r)) == null)
                  .map(Comparisons::percent)
                  .toList()
              : List.of();
      if (!gone.isEmpty()) {
        cuts.add("%s leaves out the fractions %s".formatted(run.name, String.join(", ", gone)));
      }
    }
    for (Run run : runs) {
      if (!run.settings.isEmpty()) {
        cuts.add("%s was run with %s".formatted(run.name, String.join(", ", run.settings)));
      }
      Set<String> optimizers = new LinkedHashSet<>();
      run.summaries.forEach(s -> optimizers.add(s.label().replaceFirst("-.*", "")));
      if (run.schedules() && run.name.startsWith("schedules") && optimizers.size() < OPTIMIZERS) {
        cuts.add("%s has only %s".formatted(run.name, String.join(" and ", optimizers)));
      }
    }
    List<String> notes = new ArrayList<>();
    notes.add(
        "What is cut, of 5 data sets x 2 models x 8 fractions x 5 seeds: "
            + (absent.isEmpty() ? "" : "not run: " + String.join(", ", absent) + "; ")
            + (cuts.isEmpty() ? "all runs are whole" : String.join("; ", cuts))
            + ".");
    notes.add(
        "Made by lowrank report from rows alone; each run's folder holds its rows, report and provenance. "
            + "All methods of a run have the same number of training steps and, where the run's report says so, "
            + "a learning-rate search of their own with as many tries; selected on dev, test read once a trial.");
    return notes;
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f", 100 * fraction).replaceAll("\\.?0+$", "") + " %";
  }

  private static void accuracy(Document document, List<Run> grids) {
    document.heading("1. Compression against accuracy");
    document.paragraph(
        "Claim: 90 % of the embedding's numbers can go at under 1 point of accuracy, where the best other "
            + "method loses about 3.5. Points of test accuracy against the baseline of the same run, means over "
            + "seeds with 95 % intervals paired by seed; better and worse: McNemar's exact test on the texts of all "
            + "seeds, corrected by Holm for all methods of the run, has p < 0.05, and the interval leaves out zero.");
    document.table(
        matrix(grids, "baseline, %", FRACTIONS.stream().map(r -> "online " + percent(r)).toList()));
    document.paragraph(
        "The rivals at 90 %, and the trained table cut without retraining (half the steps).");
    document.table(
        matrix(
            grids,
            "baseline, %",
            List.of(
                "online 90 %",
                "online-before-retraining 90 %", "offline 90 %", "offline-rows 90 %")));
    document.paragraph(
        "Fixed point, one scale a table (the paper's) and one a row. Bytes: 8 bit is 1/4, 4 bit 1/8, 3 bit 1/10.6, "
            + "2 bit 1/16 of float, and 4 bytes or 8 a row more.");
    List<String> fixed = new ArrayList<>();
    BITS.forEach(b -> fixed.add("fixed-point " + b + " bit"));
    document.table(matrix(grids, "baseline, %", fixed));
    document.table(
        matrix(
            grids,
            "baseline, %",
            fixed.stream().map(f -> f.replace("point ", "point-rows ")).toList()));
    document.paragraph("Rank and bits together: W_a in codes, a scale a row.");
    document.table(
        matrix(
            grids,
            "baseline, %",
            List.of("online-fixed-point 90 % 8 bit", "online-fixed-point 90 % 4 bit")));
    for (Run run : grids) {
      document.figure(run.name, run.name + "/figures/accuracy-bytes.svg", run.figure);
    }
  }

  private static Table matrix(List<Run> runs, String first, List<String> labels) {
    List<String> heading = new ArrayList<>(List.of("run", "seeds", first));
    heading.addAll(labels);
    Table table = new Table(heading);
    for (Run run : runs) {
      List<String> line = new ArrayList<>();
      line.add(run.name);
      line.add(Integer.toString(run.seeds()));
      line.add(run.summaries.get(0).interval(Row::testAccuracy).percent());
      labels.forEach(label -> line.add(run.cell(label)));
      table.line(line);
    }
    return table;
  }

  private static void cuts(Document document, Run run) {
    document.heading("2. When to cut and how to go on: " + run.name);
    document.paragraph(
        "90 % removed after a share of the steps (offline: before training; online: after half), in several rounds, "
            + "with the paper's split of the singular values in place of the balanced one, or trained on after the cut "
            + "by other schedules. Each method has its own search for a learning rate.");
    Table table = new Table(List.of("method", "dev %", "test %", "test - baseline", "verdict"));
    for (Summary s : run.summaries) {
      Summary.Interval d = s.difference(Row::testAccuracy);
      boolean baseline = s == run.summaries.get(0);
      table.line(
          List.of(
              s.label(),
              s.interval(Row::devAccuracy).percent(),
              s.interval(Row::testAccuracy).percent(),
              baseline ? "" : d.signedPercent(),
              baseline ? "" : Significance.verdict(d, run.p.get(s.label()))));
    }
    document.table(table);
  }

  /** Optimizers by schedules: best dev, test, steps to 99 % of the best dev. */
  private static void schedules(Document document, Run run) {
    document.heading("3. CALR against the usual: " + run.name);
    document.paragraph(
        "Claim: CALR beats the usual optimizers and schedules. Each cell: best dev % / test % ± 95 % interval / "
            + "steps to 99 % of the best dev; the learning rate of every cell is searched on dev with as many tries. "
            + "Curves over steps are in the run's report.");
    Set<String> schedules = new LinkedHashSet<>();
    Map<String, Map<String, Summary>> cells = new TreeMap<>();
    for (Summary s : run.summaries) {
      int dash = s.label().indexOf('-');
      String schedule = s.label().substring(dash + 1);
      schedules.add(schedule);
      cells
          .computeIfAbsent(s.label().substring(0, dash), o -> new LinkedHashMap<>())
          .put(schedule, s);
    }
    List<String> heading = new ArrayList<>(List.of("optimizer"));
    heading.addAll(schedules);
    Table table = new Table(heading);
    cells.forEach(
        (optimizer, row) -> {
          List<String> line = new ArrayList<>(List.of(optimizer));
          for (String schedule : schedules) {
            Summary s = row.get(schedule);
            line.add(
                s == null
                    ? ""
                    : String.format(
                        Locale.ROOT,
                        "%.2f / %s / %.0f",
                        100 * s.mean(Row::devAccuracy),
                        s.interval(Row::testAccuracy).percent(),
                        s.mean(r -> r.training().stepsTo99())));
          }
          table.line(line);
        });
    document.table(table);
  }

  private static void costs(Document document, List<Run> grids) {
    document.heading("4. Size and speed");
    document.paragraph(
        "Claim: fewer bytes and no added latency, against fixed point, which must dequantise. SavedModels from raw "
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
    for (Run run : grids) {
      for (String label :
          List.of(
              "online 90 %",
              "online-fixed-point 90 % 8 bit", "fixed-point 8 bit", "fixed-point 4 bit")) {
        Summary s = run.find(label);
        if (s != null) {
          table.line(
              List.of(
                  run.name,
                  label,
                  ratio(s.ratio(Row::embeddingBytes)),
                  ratio(s.ratio(Row::savedModelBytes)),
                  ratio(s.ratio(r -> r.size().flops())),
                  s.ratio(Row::latencyB1).plain(),
                  s.ratio(Row::latencyB8).plain(),
                  s.ratio(Row::latencyB64).plain()));
        }
      }
    }
    document.table(table);
  }

  private static String ratio(Summary.Interval ratio) {
    return String.format(Locale.ROOT, "%.3f", ratio.mean());
  }
}
