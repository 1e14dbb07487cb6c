package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.History;
import io.github.lowrank.experiments.record.Rates;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code index.html}: the claims of {@code claims.json} with their verdicts, and the figures of all
 * runs below a folder. One file that loads nothing; without its script, everything can be read.
 */
public final class Page {
  /** Name of the file. */
  public static final String FILE = "index.html";

  // Fewer sizes make no curve.
  private static final int SIZES = 3;

  // Learning curves of a run.
  private static final int CURVES = 24;

  private final Map<String, Run> runs = new TreeMap<>();
  private final List<Claim> claims;
  private final Path directory;
  private final StringBuilder html = new StringBuilder();

  private Page(Path directory) throws IOException {
    this.directory = directory;
    for (Path folder : runs(directory)) {
      runs.put(directory.relativize(folder).toString().replace('\\', '/'), Run.read(folder));
    }
    claims = Files.exists(directory.resolve(Claim.FILE)) ? Claim.read(directory) : List.of();
  }

  /** The folders of runs below {@code directory}. */
  public static List<Path> runs(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory, Comparisons.DEPTH)) {
      return files
          .filter(f -> f.endsWith(Row.FILE))
          .map(Path::getParent)
          .filter(folder -> !folder.equals(directory))
          .sorted()
          .toList();
    }
  }

  /** Writes the page of the runs below {@code directory}, which may be none. */
  public static void render(Path directory) throws IOException {
    AtomicFiles.write(directory.resolve(FILE), new Page(directory).page());
  }

  private String page() throws IOException {
    html.append(resource("index.head.html").replace("/*style*/", resource("index.css")));
    claims();
    fronts();
    curves();
    heatMaps();
    runs();
    return html
        + "</main>\n<script>\n%s</script>\n</body></html>\n".formatted(resource("index.js"));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A table with a heading for every column, and one for every line. */
  static String table(String caption, Table table) {
    return table
        .html()
        .replaceFirst(
            "<table>",
            "<table class=\"numbers\"><caption>"
                + java.util.regex.Matcher.quoteReplacement(Escape.html(caption))
                + "</caption>")
        .replace("<th>", "<th scope=\"col\">")
        .replaceAll("<tr><td>(.*?)</td>", "<tr><th scope=\"row\">$1</th>");
  }

  /** A path in a link, which no name can turn into another kind of link. */
  static String url(String path) {
    try {
      return "./" + Escape.html(new URI(null, null, "/" + path, null).getRawPath().substring(1));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** A word of a command. */
  static String quoted(String word) {
    return word.matches("[\\w./%+=:@-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private static void section(StringBuilder html, String id, String title, String text) {
    html.append(
        "<section id=\"%s\"><h2>%s</h2>\n<p>%s</p>\n"
            .formatted(id, Escape.html(title), Escape.html(text)));
  }

  private void section(String id, String title, String text) {
    section(html, id, title, text);
  }

  private void end(boolean empty, String absent) {
    html.append(empty ? "<p class=\"absent\">%s</p>\n".formatted(Escape.html(absent)) : "")
        .append("</section>\n");
  }

  private void claims() {
    String folder =
        directory.isAbsolute() ? String.valueOf(directory.getFileName()) : directory.toString();
    Verdicts verdicts = new Verdicts(claims, runs, folder.isEmpty() ? "" : folder + "/");
    boolean none = claims.isEmpty();
    String absent = "There is no claims.json in this folder, so no claim has been judged.";
    section(
        "claims",
        "The claims",
        "Effects are differences of test accuracy in points, or shares of latency, positive where the claim’s method is ahead.");
    html.append(none ? "" : verdicts.sentences());
    end(none, absent);
    section(
        "matrix",
        "Claims by data sets",
        "Effect and 95 % interval; the sign is that of the verdict. A click leads to the rows, the specification and the command that repeats them.");
    html.append(none ? "" : legend() + verdicts.matrix());
    end(none, absent);
    section(
        "forests",
        "Claim by claim",
        "Each line is a data set with its effect and 95 % interval; the dashed line is the margin of non-inferiority, the diamond the mean over data sets, which are its units. A claim with several rivals is judged by the one that it is least ahead of.");
    html.append(none ? "" : verdicts.sections());
    end(none, absent);
  }

  private static String legend() {
    return "<p class=\"legend\"><span class=\"verdict holds\">holds</span> <span class=\"verdict open\">not shown</span> "
        + "<span class=\"verdict fails\">does not hold</span></p>\n";
  }

  /** Runs that {@code wanted} keeps, by data set, DANs first. */
  private Map<String, List<Run>> byDataset(java.util.function.Predicate<Run> wanted) {
    return runs.values().stream()
        .filter(wanted)
        .sorted(Comparator.comparing((Run r) -> r.id().model()))
        .collect(Collectors.groupingBy(r -> r.id().dataset(), TreeMap::new, Collectors.toList()));
  }

  private void fronts() {
    section(
        "fronts",
        "Accuracy against bytes",
        "Mean test accuracy over seeds with its 95 % interval, against the bytes of the embedding table on a logarithmic axis. "
            + "Dashed with its band: the uncompressed baseline. The step line is the front, chosen on dev. A curve is a family of methods; of those with several methods at one size it joins the front of the family, and the others are small points. "
            + "Points far below the others stand on the lower edge with their accuracy.");
    Map<String, List<Run>> byDataset =
        byDataset(
            run ->
                !HeatMap.fits(run)
                    && run.summaries().stream().map(s -> s.mean(Panel.TABLE)).distinct().count()
                        > SIZES);
    Map<String, Integer> colours =
        ByteCurves.colours(
            byDataset.values().stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparing(r -> -r.summaries().size()))
                .map(Panel::new)
                .toList());
    byDataset.forEach(
        (dataset, some) -> {
          html.append("<h3>%s</h3>\n<div class=\"figures\">\n".formatted(Escape.html(dataset)));
          for (Run run : some) {
            Panel panel = new Panel(run);
            html.append(
                "<figure><figcaption>%s <span class=\"soft\">%s, %s</span></figcaption>\n%s"
                    .formatted(
                        Escape.html(panel.title()),
                        Escape.html(name(run)),
                        seeds(run),
                        ByteCurves.svg(panel, colours)));
            html.append(
                "<details><summary>The same as a table</summary><div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Table of the figure\">");
            html.append(table(panel.title(), sizes(panel))).append("</div></details></figure>\n");
          }
          html.append("</div>\n");
        });
    end(byDataset.isEmpty(), "No run below this folder compares several sizes.");
  }

  private static String seeds(Run run) {
    return run.seeds() == 1 ? "one seed, so no intervals" : run.seeds() + " seeds";
  }

  private String name(Run run) {
    return runs.entrySet().stream()
        .filter(e -> e.getValue() == run)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private static Table sizes(Panel panel) {
    return Table.of(
        panel.run().summaries(),
        List.of(
            new Table.Column<>("method", Summary::label),
            new Table.Column<>("bytes", s -> Table.format("%,.0f", s.mean(Panel.TABLE))),
            new Table.Column<>(
                "share, %", s -> Table.format("%.2f", 100 * panel.share(s, Panel.TABLE))),
            new Table.Column<>("dev %", s -> Table.format("%.2f", 100 * s.mean(Row::devAccuracy))),
            new Table.Column<>("test %", s -> s.interval(Row::testAccuracy).percent())));
  }

  /** Learning curves: of runs with the same data set, model and use, the one of middle length. */
  private void curves() throws IOException {
    section(
        "curves",
        "Learning curves",
        "Mean dev accuracy over seeds at each evaluation, with the other methods of the picture’s group in grey, and on the lower edge what is below it; beneath, the learning rate of every step, from the specification, in the scale of its own highest rate. A second training begins from the best of the first on dev, hence the jump between them. "
            + "Of the optimizers of a run, the one with the best dev accuracy; of runs that differ in their number of steps alone, the middle one. The runs’ reports have those of the other trainings.");
    Map<String, List<Run>> alike = new TreeMap<>();
    for (Run run : runs.values()) {
      if (HeatMap.fits(run) || run.grid()) {
        String key = run.id().dataset() + run.id().model() + run.grid() + retrained(run);
        alike.computeIfAbsent(key, k -> new ArrayList<>()).add(run);
      }
    }
    int number = 0;
    for (List<Run> all : alike.values()) {
      int most = all.stream().mapToInt(r -> r.summaries().size()).max().orElseThrow();
      List<Run> some =
          new ArrayList<>(all.stream().filter(r -> r.summaries().size() == most).toList());
      some.sort(Comparator.comparing(r -> r.baseline().rows().get(0).training().steps()));
      Run run = some.get(some.size() / 2);
      LearningCurves curves =
          new LearningCurves(
              run,
              History.read(run.folder()),
              Rates.read(run.folder()),
              "others-" + ++number,
              shown(run));
      if (!curves.isEmpty()) {
        html.append(
            "<h3>%s%s <span class=\"soft\">%s, %s</span></h3>\n"
                .formatted(
                    Escape.html(HeatMap.title(run)),
                    retrained(run) ? ", retraining" : "",
                    Escape.html(name(run)),
                    seeds(run)));
        html.append(
            curves.rated()
                ? ""
                : "<p class=\"absent\">This run has no rates.csv, so its learning rates are not shown.</p>\n");
        html.append(curves.html());
      } else {
        number--;
      }
    }
    end(number == 0, "No run below this folder has evaluations to show.");
  }

  private static boolean retrained(Run run) {
    return run.summaries().stream().filter(HeatMap::scheduled).anyMatch(HeatMap::retrained);
  }

  /** Of a comparison of schedules, those of the optimizer that is best on dev; else sizes alike. */
  private static Map<String, Summary> shown(Run run) {
    Map<String, Summary> shown = new LinkedHashMap<>();
    if (HeatMap.fits(run)) {
      Map<String, Map<String, Summary>> cells = HeatMap.cells(run);
      String best =
          cells.values().stream()
              .flatMap(line -> line.entrySet().stream())
              .max(Comparator.comparing(e -> e.getValue().devAccuracy()))
              .map(Map.Entry::getKey)
              .orElseThrow();
      cells
          .values()
          .forEach(
              line -> Optional.ofNullable(line.get(best)).ifPresent(s -> shown.put(s.label(), s)));
    } else {
      run.summaries().stream()
          .filter(s -> !s.parameters().containsKey("bits"))
          .filter(s -> s.rows().get(0).number("removed").orElse(0.9) == 0.9)
          .forEach(s -> shown.put(s.label(), s));
    }
    return shown.entrySet().stream()
        .limit(CURVES)
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
  }

  private void heatMaps() {
    section(
        "schedules",
        "Schedules by optimizers",
        "Points of mean test accuracy behind the best schedule of the same optimizer, so 0 is the best of its column; the last line is that best. "
            + "Each pair has its own search for the rate, on dev, unless the run’s specification has a single one. What needs no schedule is a line of the optimizer whose steps it takes.");
    boolean none = true;
    for (boolean retraining : new boolean[] {false, true}) {
      Map<String, List<Run>> byDataset =
          byDataset(run -> HeatMap.fits(run) && retrained(run) == retraining);
      if (!byDataset.isEmpty()) {
        html.append(none ? HeatMap.legend() : "");
        none = false;
        html.append(
            "<h3>%s</h3>\n"
                .formatted(retraining ? "Retraining after a factorization" : "Training"));
        byDataset
            .values()
            .forEach(
                some -> {
                  html.append("<div class=\"heats\">\n");
                  some.stream()
                      .sorted(
                          Comparator.comparing((Run r) -> r.id().model())
                              .thenComparing(r -> r.baseline().rows().get(0).training().steps()))
                      .forEach(
                          run ->
                              html.append(
                                  "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">%s</div>\n"
                                      .formatted(Escape.html(name(run)), HeatMap.html(run))));
                  html.append("</div>\n");
                });
      }
    }
    end(none, "No run below this folder compares schedules.");
  }

  private void runs() {
    section("runs", "All runs", "Made by lowrank report, from these folders’ rows alone.");
    if (!runs.isEmpty()) {
      html.append("<ul class=\"runs\">\n");
      runs.forEach(
          (name, run) ->
              html.append(
                  "<li><a href=\"%s/%s\">%s</a> <span class=\"soft\">%d methods, %s</span></li>\n"
                      .formatted(
                          url(name),
                          Files.exists(run.folder().resolve("report.md")) ? "report.md" : Row.FILE,
                          Escape.html(name),
                          run.summaries().size(),
                          seeds(run))));
      html.append("</ul>\n");
    }
    end(runs.isEmpty(), "There are no runs below this folder.");
  }
}
