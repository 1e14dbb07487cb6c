package io.github.lowrank.experiments.report;

import static io.github.lowrank.experiments.report.Table.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.report.Panel.Choice;
import io.github.lowrank.experiments.report.Table.Column;
import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Accuracy against bytes over several runs, one per data set and model: {@code
 * accuracy-against-bytes.html}, one file to click in that loads nothing, {@code .md}, and an SVG
 * for each run.
 */
public final class Fronts {
  /** Name of the files, without what follows the dot. */
  public static final String NAME = "accuracy-against-bytes";

  /** Shares of the uncompressed table that the budgets allow. */
  static final List<Double> BUDGETS = List.of(0.02, 0.01, 0.005, 0.0025);

  private static final double MARGIN = 0.015;

  private Fronts() {}

  /**
   * Writes the report on the runs in {@code folders} to {@code out}.
   *
   * @return the table of the best methods per budget
   * @throws IllegalArgumentException if two runs have the same data set and model
   */
  public static Table render(List<Path> folders, Path out) throws IOException {
    Map<List<String>, Panel> byId = new LinkedHashMap<>();
    for (Path folder : folders) {
      // A relative "." has no name of its own.
      Panel panel = new Panel(Run.read(folder.toAbsolutePath().normalize()));
      Panel other = byId.putIfAbsent(List.of(panel.dataset(), panel.model()), panel);
      if (other != null) {
        throw new IllegalArgumentException(
            "expected one run for each data set and model, found %s and %s for %s"
                .formatted(other.run().folder(), panel.run().folder(), panel.title()));
      }
    }
    List<Panel> panels = List.copyOf(byId.values());
    Document document = new Document("Lowrank: accuracy against bytes");
    document.paragraph(
        "Test accuracy, mean over seeds with its 95 % interval (t distribution), against the bytes of the embedding "
            + "table as a share of the uncompressed one, on a logarithmic axis. The front is chosen on dev: methods "
            + "that no smaller or equally small one beats there; the step line shows their accuracy on test, so it may "
            + "fall, and points may lie above it. The band is the uncompressed baseline. Whole model: bytes of the "
            + "SavedModel folder, vocabulary included, as a share of the baseline's.");
    Legend legend = Legend.of(panels, BUDGETS);
    document.interactive(page(json(panels, legend)));
    Set<String> files = new LinkedHashSet<>();
    for (Panel panel : panels) {
      String file = file(panel, files);
      AtomicFiles.write(out.resolve(file), FrontFigure.svg(panel, legend));
      document.link(panel.title(), file);
    }
    deleteOthers(out, files);
    document.heading("The best method within each budget");
    document.paragraph(
        "Chosen by dev accuracy, never by test, among all methods whose table has at most that share of the "
            + "uncompressed table's bytes. Test %: mean over seeds ± 95 % interval. To baseline: points of test "
            + "accuracy, ± 95 % interval over seeds and test texts. Next: the best on dev of another family (a family is a method's "
            + "name without numbers and teacher). Lead: the best's test accuracy minus the next's; the last column "
            + "says whether its interval lies above 0. Several methods were compared on dev, and the intervals are not "
            + "corrected for that.");
    Table budgets = budgets(panels);
    document.table(budgets);
    if (panels.size() > 1) {
      document.heading("Over the data sets");
      document.paragraph(
          "Points of test accuracy of the methods above, which may differ by data set, against the baseline: the mean over data sets with its 95 % interval "
              + "(t distribution, one value per data set), and the worst of them. Not inferior: the interval lies above "
              + format("%.1f points.", -100 * MARGIN));
      document.table(overSets(panels));
      document.heading("Each method over the data sets");
      document.paragraph(
          "Points of test accuracy against the baseline, ± 95 % interval over seeds and test texts; in the last columns the mean over data sets "
              + "(t distribution, one value per data set). Methods that all runs of a model have, with equal shares of bytes and equal bits of the table; of weights the bits may differ, and then the name says both.");
      for (String model : panels.stream().map(Panel::model).distinct().toList()) {
        document.table(eachMethod(panels.stream().filter(p -> p.model().equals(model)).toList()));
      }
    }
    document.write(out, NAME);
    return budgets;
  }

  /** Deletes the figures of an earlier report that are no longer part of it. */
  private static void deleteOthers(Path out, Set<String> files) throws IOException {
    try (DirectoryStream<Path> figures = Files.newDirectoryStream(out, NAME + "-*.svg")) {
      for (Path figure : figures) {
        if (!files.contains(figure.getFileName().toString())) {
          Files.delete(figure);
        }
      }
    }
  }

  /** A name that no other panel's file has, also where letters have no case. */
  private static String file(Panel panel, Set<String> files) {
    String stem =
        (NAME + "-" + panel.dataset() + "-" + panel.model())
            .replaceAll("[^\\p{Alnum}._-]", "_")
            .toLowerCase(Locale.ROOT);
    String name = stem + ".svg";
    for (int i = 2; !files.add(name); i++) {
      name = stem + "-" + i + ".svg";
    }
    return name;
  }

  private record Line(Panel panel, double budget, Optional<Choice> choice) {
    String of(Function<Choice, String> cell) {
      return choice.map(cell).orElse("");
    }
  }

  private static Table budgets(List<Panel> panels) {
    List<Line> lines = new ArrayList<>();
    for (Panel panel : panels) {
      BUDGETS.forEach(budget -> lines.add(new Line(panel, budget, panel.within(budget))));
    }
    return Table.of(
        lines,
        List.of(
            new Column<>("data set, model", line -> line.panel.title()),
            new Column<>("budget", line -> "≤ " + Row.percent(line.budget)),
            new Column<>(
                "best on dev", line -> line.choice.map(c -> c.best().label()).orElse("none")),
            new Column<>("rank", line -> line.of(c -> c.best().parameter("rank"))),
            new Column<>("bits", line -> line.of(c -> c.best().parameter("bits"))),
            new Column<>(
                "bytes", line -> line.of(c -> format("%,.0f", c.best().mean(Panel.TABLE)))),
            new Column<>(
                "share",
                line ->
                    line.of(c -> format("%.2f %%", 100 * line.panel.share(c.best(), Panel.TABLE)))),
            new Column<>(
                "test %", line -> line.of(c -> c.best().interval(Row::testAccuracy).percent())),
            new Column<>("to baseline", line -> line.of(c -> c.loss().signedPercent())),
            new Column<>(
                "next, of another family",
                line -> line.of(c -> c.next().map(Summary::label).orElse("none"))),
            new Column<>(
                "lead",
                line -> line.of(c -> c.lead().map(Summary.Interval::signedPercent).orElse(""))),
            new Column<>(
                "best, interval excludes the next",
                line -> line.of(c -> c.lead().map(Fronts::excludes).orElse("")))));
  }

  private static String excludes(Summary.Interval lead) {
    if (Double.isNaN(lead.halfWidth())) {
      return "one seed only";
    }
    if (lead.mean() - lead.halfWidth() > 0) {
      return "yes";
    }
    return lead.mean() + lead.halfWidth() < 0 ? "no, the next is better" : "no";
  }

  private static Table overSets(List<Panel> panels) {
    Table table =
        new Table(
            List.of(
                "model",
                "budget",
                "data sets",
                "mean over data sets",
                "worst data set",
                "not inferior, margin %.1f points".formatted(100 * MARGIN)));
    for (String model : panels.stream().map(Panel::model).distinct().toList()) {
      for (double budget : BUDGETS) {
        Map<String, Double> losses = new LinkedHashMap<>();
        List<Panel> of = panels.stream().filter(p -> p.model().equals(model)).toList();
        of.forEach(p -> p.within(budget).ifPresent(c -> losses.put(p.dataset(), c.loss().mean())));
        Optional<String> worst = losses.keySet().stream().min(Comparator.comparing(losses::get));
        Summary.Interval mean =
            losses.isEmpty()
                ? new Summary.Interval(Double.NaN, Double.NaN)
                : Summary.Interval.of(
                    losses.values().stream().mapToDouble(Double::doubleValue).toArray());
        table.line(
            List.of(
                model,
                "≤ " + Row.percent(budget),
                losses.size() == of.size()
                    ? Integer.toString(of.size())
                    : "%d of %d".formatted(losses.size(), of.size()),
                losses.isEmpty() ? "" : mean.signedPercent(),
                worst.map(d -> format("%+.2f, %s", 100 * losses.get(d), d)).orElse(""),
                notInferior(mean, of.size() - losses.size())));
      }
    }
    return table;
  }

  private static Table eachMethod(List<Panel> panels) {
    List<String> names = new ArrayList<>(List.of("method"));
    panels.forEach(panel -> names.add(panel.title()));
    names.addAll(
        List.of("mean over data sets", "not inferior, margin %.1f points".formatted(100 * MARGIN)));
    Table table = new Table(names);
    for (Summary s : panels.get(0).methods()) {
      List<Summary> same = panels.stream().flatMap(panel -> panel.like(s).stream()).toList();
      if (same.size() < panels.size()) {
        continue;
      }
      List<Summary.Interval> losses = new ArrayList<>();
      for (int i = 0; i < panels.size(); i++) {
        losses.add(panels.get(i).loss(same.get(i)));
      }
      Summary.Interval mean =
          Summary.Interval.of(losses.stream().mapToDouble(Summary.Interval::mean).toArray());
      String labels =
          same.stream().map(Summary::label).distinct().collect(Collectors.joining(" / "));
      List<String> line = new ArrayList<>(List.of(labels));
      losses.forEach(loss -> line.add(loss.signedPercent()));
      line.add(mean.signedPercent());
      line.add(notInferior(mean, 0));
      table.line(line);
    }
    return table;
  }

  /** The answer for all data sets: those without a method in the budget leave it open. */
  private static String notInferior(Summary.Interval mean, int without) {
    if (without > 0) {
      return "not every data set has a method";
    }
    if (Double.isNaN(mean.halfWidth())) {
      return "one data set only";
    }
    if (mean.mean() - mean.halfWidth() > -MARGIN) {
      return Cell.HOLDS;
    }
    return mean.mean() + mean.halfWidth() < -MARGIN ? Cell.DOES_NOT_HOLD : Cell.NOT_SHOWN;
  }

  /** The part of the page that is clicked in: data as JSON, style and script. */
  private static String page(String json) throws IOException {
    return resource("fronts.html")
        .replace("/*style*/", resource("fronts.css"))
        .replace("/*script*/", resource("fronts.js"))
        .replace("/*data*/", json);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Fronts.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** JSON that is inert in a script element: no character there ends one. */
  private static String json(List<Panel> panels, Legend legend) throws JsonProcessingException {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("families", legend.families());
    data.put("panels", panels.stream().map(panel -> json(panel, legend)).toList());
    return new ObjectMapper()
        .writeValueAsString(data)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  private static Map<String, Object> json(Panel panel, Legend legend) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("title", panel.title());
    json.put("dataset", panel.dataset());
    json.put("model", panel.model());
    json.put("run", panel.run().name());
    json.put("seeds", panel.run().seeds());
    json.put("baseline", figures(panel.run().baseline()));
    List<Map<String, Object>> points = new ArrayList<>();
    for (Summary s : panel.methods()) {
      Map<String, Object> point = figures(s);
      point.put("family", legend.family(s));
      point.put("series", legend.series(panel, s));
      point.put("rank", s.parameter("rank"));
      point.put("bits", s.parameter("bits"));
      Summary.Interval loss = panel.loss(s);
      point.put("loss", finite(loss.mean()));
      point.put("lossHalf", finite(loss.halfWidth()));
      points.add(point);
    }
    json.put("points", points);
    Map<String, Object> fronts = new LinkedHashMap<>(); // in an order that does not change
    fronts.put("table", indices(panel, Panel.TABLE));
    fronts.put("model", indices(panel, Panel.MODEL));
    json.put("fronts", fronts);
    return json;
  }

  private static List<Integer> indices(Panel panel, ToDoubleFunction<Row> bytes) {
    return panel.front(bytes).stream().map(panel.methods()::indexOf).toList();
  }

  private static Map<String, Object> figures(Summary s) {
    Summary.Interval test = s.interval(Row::testAccuracy);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("label", Escape.line(s.label()));
    figures.put("dev", s.mean(Row::devAccuracy));
    figures.put("test", test.mean());
    figures.put("half", finite(test.halfWidth()));
    figures.put("table", s.mean(Panel.TABLE));
    figures.put("model", s.mean(Panel.MODEL));
    return figures;
  }

  /** JSON has no NaN. */
  private static Double finite(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }
}
