package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Row;
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
import java.util.stream.Collectors;

/**
 * What the page says of the claims: a sentence each, the matrix of verdicts, and for each claim its
 * forest plots, its table, and behind every cell of the matrix where it comes from.
 */
final class Verdicts {
  private final List<Claim> claims;
  private final Map<String, Run> runs;
  private final String folder;
  private final StringBuilder html = new StringBuilder();

  /**
   * The claims of a page.
   *
   * @param runs by their path below the folder of the page
   * @param folder of the page, as a command names it
   */
  Verdicts(List<Claim> claims, Map<String, Run> runs, String folder) {
    this.claims = claims;
    this.runs = runs;
    this.folder = folder;
  }

  /** In points or percent, with a sign that is not a hyphen. */
  static String signed(double fraction, int digits) {
    if (Double.isNaN(fraction)) {
      return "–";
    }
    String text = String.format(Locale.ROOT, "%+." + digits + "f", 100 * fraction);
    return text.matches("[-+]0(\\.0+)?") ? text.substring(1) : text.replace('-', '−');
  }

  /** Class of a verdict. */
  static String style(String verdict) {
    return switch (verdict) {
      case Cell.HOLDS -> "holds";
      case Cell.DOES_NOT_HOLD -> "fails";
      default -> "open";
    };
  }

  private static String badge(String verdict) {
    String sign =
        switch (style(verdict)) {
          case "holds" -> "✓";
          case "fails" -> "✗";
          default -> "?";
        };
    return "<span class=\"badge %s\"><span aria-hidden=\"true\">%s</span> %s</span>"
        .formatted(style(verdict), sign, Escape.html(verdict));
  }

  private static boolean points(Claim claim) {
    return claim.unit().equals(Claim.POINTS);
  }

  static String axis(Claim claim) {
    return points(claim) ? "points of test accuracy" : "latency saved, %";
  }

  /** As {@code −0.37 points (95 % interval −0.90 to +0.15)}. */
  static String effect(Claim claim, double effect, double low, double high) {
    String interval =
        Double.isNaN(low)
            ? " (no interval)"
            : " (95 %% interval %s to %s)".formatted(signed(low, 2), signed(high, 2));
    return signed(effect, 2) + (points(claim) ? " points" : " % of the latency saved") + interval;
  }

  static String p(double p) {
    return Double.isNaN(p) ? "–" : p < 0.001 ? "< 0.001" : Table.format("%.3f", p);
  }

  private static String test(Claim claim) {
    return claim.kind() == Claim.Kind.SUPERIORITY
        ? "superiority: the effect is above zero"
        : "non-inferiority: the effect is above %s points".formatted(signed(-claim.margin(), 1));
  }

  private String anchor(Claim claim) {
    return "claim-" + (claims.indexOf(claim) + 1);
  }

  private String anchor(Claim claim, String run) {
    int number = claim.cells().stream().map(Cell::run).distinct().toList().indexOf(run);
    return anchor(claim) + "-run-" + (number + 1);
  }

  private static String name(Cell c) {
    return c.dataset() + ", " + c.model().toUpperCase(Locale.ROOT);
  }

  /** The method of that label, after which may stand what was measured of it. */
  private Optional<Summary> summary(Cell c, String label) {
    return Optional.ofNullable(runs.get(c.run()))
        .flatMap(
            run ->
                run.summaries().stream()
                    .filter(s -> label.equals(s.label()) || label.startsWith(s.label() + ", "))
                    .max(Comparator.comparing(s -> s.label().length())));
  }

  /** What tells the cells of one claim apart that share data set and model. */
  private String comparison(Claim claim, Cell c) {
    Optional<Summary> own = summary(c, c.method());
    if (own.filter(HeatMap::scheduled).isPresent()) {
      String method = HeatMap.optimizer(own.get());
      return summary(c, c.rival())
          .filter(r -> r.parameter("optimizer").equals(own.get().parameter("optimizer")))
          .map(HeatMap::optimizer)
          .filter(rival -> !rival.equals(method))
          .map(rival -> method + " against " + rival)
          .orElse(method + (HeatMap.retrained(own.get()) ? ", retraining" : ""));
    }
    boolean oneMethod = claim.cells().stream().map(Cell::method).distinct().count() == 1;
    boolean oneRival = claim.cells().stream().map(Cell::rival).distinct().count() == 1;
    // What was chosen on dev may differ in its bits.
    String method =
        own.map(
                s ->
                    Row.label(
                        s.method(), Map.of("removed", s.parameters().getOrDefault("removed", ""))))
            .orElse(c.method());
    return (oneMethod && !oneRival ? "" : method + " ") + "against " + c.rival();
  }

  private long steps(Cell c) {
    return summary(c, c.method()).map(s -> s.rows().get(0).training().steps()).orElse(0L);
  }

  /** What tells cells apart that share everything else: steps, what is removed, or the run. */
  private String detail(Cell c, List<Cell> all) {
    List<Cell> alike = all.stream().filter(o -> name(o).equals(name(c))).toList();
    List<Function<Cell, String>> ways =
        List.of(
            o -> Table.format("%,d steps", steps(o)),
            o ->
                summary(o, o.method())
                    .map(s -> s.rows().get(0).number("removed"))
                    .filter(r -> r.isPresent())
                    .map(r -> Row.percent(r.getAsDouble()))
                    .orElse(""),
            Cell::run);
    return alike.size() == 1
        ? ""
        : ways.stream()
            .filter(way -> alike.stream().map(way).distinct().count() == alike.size())
            .findFirst()
            .orElse(o -> o.run() + " " + o.method())
            .apply(c);
  }

  /** The cells that carry the verdict; of one seed, all. */
  private static List<Cell> verdictCells(Claim claim) {
    List<Cell> carrying = claim.cells().stream().filter(Cell::carries).toList();
    return carrying.isEmpty() ? claim.cells() : carrying;
  }

  /** Cells that have no part in the verdict. */
  private static List<Cell> otherCells(Claim claim) {
    return claim.cells().stream().filter(c -> !verdictCells(claim).contains(c)).toList();
  }

  private Map<String, List<Cell>> comparisons(Claim claim, List<Cell> cells) {
    return cells.stream()
        .sorted(
            Comparator.comparing(Cell::model)
                .thenComparing(Cell::dataset)
                .thenComparing(this::steps))
        .collect(
            Collectors.groupingBy(
                c -> comparison(claim, c), LinkedHashMap::new, Collectors.toList()));
  }

  /** A sentence for each claim with its verdict. */
  String sentences() {
    StringBuilder list = new StringBuilder("<ol class=\"sentences\">\n");
    for (Claim claim : claims) {
      Overall o = claim.overall();
      String measured =
          claim.cells().isEmpty()
              ? "Not run."
              : "%s over %d data set%s; %s."
                  .formatted(
                      effect(claim, o.effect(), o.low(), o.high()),
                      o.datasets(),
                      o.datasets() == 1 ? "" : "s",
                      Double.isNaN(o.adjusted())
                          ? "too few for a test"
                          : ("p = " + p(o.adjusted())).replace("= <", "<")
                              + " after Holm’s correction");
      list.append(
          "<li>%s<p><a href=\"#%s\">%s</a></p><p class=\"soft\">%s</p></li>\n"
              .formatted(
                  badge(claim.cells().isEmpty() ? "not run" : o.verdict()),
                  anchor(claim),
                  Escape.html(claim.id() + ". " + claim.sentence()),
                  Escape.html(measured)));
    }
    return list.append("</ol>\n").toString();
  }

  /** Claims by data sets; each cell links to where it comes from. */
  String matrix() {
    List<String> columns =
        claims.stream()
            .flatMap(c -> verdictCells(c).stream())
            .map(Verdicts::name)
            .distinct()
            .sorted(Comparator.comparing((String n) -> !n.endsWith(", DAN")).thenComparing(n -> n))
            .toList();
    StringBuilder table = new StringBuilder();
    table.append(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Matrix of verdicts\">\n"
            + "<table class=\"matrix\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">"
            + "<th scope=\"col\" role=\"columnheader\">claim</th>");
    columns.forEach(
        c ->
            table.append(
                "<th scope=\"col\" role=\"columnheader\">%s</th>"
                    .formatted(Escape.html(c).replace(", ", ",<br/>"))));
    table.append("</tr></thead><tbody role=\"rowgroup\">\n");
    for (Claim claim : claims) {
      Map<String, List<Cell>> rows = comparisons(claim, verdictCells(claim));
      if (rows.isEmpty()) {
        rows = Map.of("not run", List.of());
      }
      table.append(
          "<tr role=\"row\" class=\"claim\"><th scope=\"rowgroup\" role=\"rowheader\" colspan=\"%d\">%s</th></tr>\n"
              .formatted(columns.size() + 1, Escape.html(claim.id() + ". " + claim.sentence())));
      rows.forEach(
          (comparison, cells) -> {
            table.append(
                "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">%s</th>"
                    .formatted(Escape.html(comparison)));
            for (String column : columns) {
              List<Cell> here = cells.stream().filter(c -> name(c).equals(column)).toList();
              table.append(
                  "<td role=\"cell\"%s data-label=\"%s\">"
                      .formatted(here.isEmpty() ? " class=\"none\"" : "", Escape.html(column)));
              here.forEach(c -> table.append(link(claim, c, detail(c, here))));
              table.append(here.isEmpty() ? "<span class=\"soft\">·</span>" : "").append("</td>");
            }
            table.append("</tr>\n");
          });
    }
    return table.append("</tbody></table></div>\n").toString();
  }

  private String link(Claim claim, Cell c, String detail) {
    String interval =
        Double.isNaN(c.low()) ? "" : "%s to %s".formatted(signed(c.low(), 1), signed(c.high(), 1));
    return "<a class=\"verdict %s\" href=\"#%s\" title=\"%s\"><b>%s</b>%s<small>%s</small></a>"
        .formatted(
            style(c.verdict()),
            anchor(claim, c.run()),
            Escape.html(
                "%s against %s, %s: %s"
                    .formatted(
                        c.method(),
                        c.rival(),
                        c.verdict(),
                        effect(claim, c.effect(), c.low(), c.high()))),
            signed(c.effect(), 2),
            detail.isEmpty() ? "" : "<i>%s</i>".formatted(Escape.html(detail)),
            interval);
  }

  /** Forest plots, tables and origins, claim by claim. */
  String sections() {
    for (Claim claim : claims) {
      html.append(
          "<section class=\"claim\" id=\"%s\"><h3>%s</h3>\n<p>%s <span class=\"soft\">Test of %s.</span></p>\n"
              .formatted(
                  anchor(claim),
                  Escape.html(claim.id() + ". " + claim.sentence()),
                  badge(claim.cells().isEmpty() ? "not run" : claim.overall().verdict()),
                  Escape.html(test(claim))));
      if (claim.cells().isEmpty()) {
        html.append("<p class=\"absent\">No run below this folder tests this claim.</p>\n");
      } else {
        forests(claim);
        table(claim);
        origins(claim);
      }
      html.append("</section>\n");
    }
    return html.toString();
  }

  private void forests(Claim claim) {
    forests(claim, verdictCells(claim), true);
    List<Cell> others = otherCells(claim);
    if (!others.isEmpty()) {
      html.append(
          "<details><summary>Beside it, without part in the verdict: %d comparisons</summary>\n"
              .formatted(others.size()));
      forests(claim, others, false);
      html.append("</details>\n");
    }
  }

  private void forests(Claim claim, List<Cell> shown, boolean verdict) {
    Map<String, List<Cell>> comparisons = comparisons(claim, shown);
    Forest forest = new Forest(claim, shown);
    html.append("<div class=\"figures\">\n");
    if (verdict && comparisons.size() > 1) {
      figure("over data sets", forest.svg(claim.sentence(), List.of(), c -> "", true));
    }
    comparisons.forEach(
        (comparison, cells) -> {
          Function<Cell, String> name =
              c -> (name(c) + " " + detail(c, cells).replace(" steps", "")).strip();
          figure(
              comparison, forest.svg(comparison, cells, name, verdict && comparisons.size() == 1));
        });
    html.append("</div>\n");
  }

  private void figure(String caption, String svg) {
    html.append(
        "<figure><figcaption>%s</figcaption>\n%s</figure>\n".formatted(Escape.html(caption), svg));
  }

  private void table(Claim claim) {
    html.append(
        "<details><summary>The same as a table: %d comparisons</summary>\n"
            .formatted(verdictCells(claim).size()));
    html.append(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Table of claim %s\">%s</div></details>\n"
            .formatted(
                Escape.html(claim.id()),
                Page.table(
                    "Claim %s, %s".formatted(claim.id(), axis(claim)),
                    numbers(claim, verdictCells(claim), true))));
  }

  private static Table numbers(Claim claim, List<Cell> cells, boolean overall) {
    Table table =
        new Table(
            List.of(
                "data set",
                "method",
                "against",
                "seeds",
                "texts",
                "effect",
                "95 % interval",
                "p",
                "p, Holm",
                "detectable",
                "bytes, times",
                "verdict"));
    for (Cell c : cells) {
      table.line(
          List.of(
              name(c),
              c.method(),
              c.rival(),
              Integer.toString(c.seeds()),
              c.texts() == 0 ? "–" : Integer.toString(c.texts()),
              signed(c.effect(), 2),
              interval(c.low(), c.high()),
              p(c.p()),
              p(c.adjusted()),
              Double.isNaN(c.detectable()) ? "–" : Table.format("%.2f", 100 * c.detectable()),
              Double.isNaN(c.bytesRatio()) ? "–" : Table.format("%.2f", c.bytesRatio()),
              c.verdict()));
    }
    if (overall) {
      Overall o = claim.overall();
      table.line(
          List.of(
              "all, %d data sets".formatted(o.datasets()),
              "",
              "",
              "",
              "",
              signed(o.effect(), 2),
              interval(o.low(), o.high()),
              p(o.p()),
              p(o.adjusted()),
              "",
              "",
              o.verdict()));
    }
    return table;
  }

  private static String interval(double low, double high) {
    return Double.isNaN(low) ? "–" : signed(low, 2) + " to " + signed(high, 2);
  }

  /** For each run: all its cells, the rows, the specification, and how to repeat rows. */
  private void origins(Claim claim) {
    html.append("<h4>Where the numbers come from</h4>\n<div class=\"origins\">\n");
    Map<String, List<Cell>> byRun =
        claim.cells().stream()
            .collect(Collectors.groupingBy(Cell::run, LinkedHashMap::new, Collectors.toList()));
    byRun.forEach(
        (run, cells) -> {
          html.append(
              "<details class=\"origin\"><summary>%s <span class=\"soft\">%s</span></summary><div id=\"%s\">\n"
                  .formatted(
                      Escape.html(run), Escape.html(name(cells.get(0))), anchor(claim, run)));
          html.append(
              "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">%s</div>\n"
                  .formatted(
                      Escape.html("Cells of " + run),
                      Page.table(
                          "Claim %s in %s".formatted(claim.id(), run),
                          numbers(claim, cells, false))));
          origin(run, cells);
          html.append("</div></details>\n");
        });
    html.append("</div>\n");
  }

  private void origin(String name, List<Cell> cells) {
    Run run = runs.get(name);
    if (run == null) {
      html.append("<p class=\"absent\">The rows of this run are not below this folder.</p>\n");
      return;
    }
    String path = Page.url(name);
    html.append("<p>Rows: <a href=\"%s/%s\">%s</a>".formatted(path, Row.FILE, Row.FILE));
    if (!run.provenance().isMissingNode()) {
      html.append(
          " · specification: <a href=\"%s/%s\">%s</a>"
              .formatted(path, Provenance.FILE, Provenance.FILE));
    }
    html.append(".</p>\n<p>Repeat a row, with any of the seeds:</p>\n<ul class=\"commands\">\n");
    Set<String> trials = new LinkedHashSet<>();
    for (Cell c : cells) {
      for (String label : List.of(c.method(), c.rival())) {
        List<String> of = new ArrayList<>();
        summary(c, label).ifPresent(s -> of.add(s.rows().get(0).trial()));
        // A rival between two sizes is made of all of its sizes.
        run.summaries().stream()
            .filter(s -> of.isEmpty() && s.method().equals(label))
            .forEach(s -> trials.add(s.rows().get(0).trial()));
        trials.addAll(of);
      }
    }
    trials.forEach(
        trial ->
            html.append(
                "<li><code>%s</code></li>\n"
                    .formatted(
                        Escape.html(
                            "./lowrank rerun %s %s --data DIR"
                                .formatted(Page.quoted(folder + name), Page.quoted(trial))))));
    html.append("</ul>\n");
  }
}
