package io.github.lowrank.experiments.report;

import static io.github.lowrank.experiments.report.Table.format;

import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The claims from the rows of all runs below a folder: {@code claims.json} for programs, and {@code
 * comparisons.md} and {@code .html}, at most two screens, for people.
 */
public final class Comparisons {
  /** Depth of rows below the folder: runs stand in it, or in a folder of their own there. */
  public static final int DEPTH = 3;

  private static final Pattern NAME =
      Pattern.compile(
          "(claims|one-percent|through(?!-variants)|schedules|retraining|calr(?:-untuned)?)-(.+)");
  private static final String SIZES = "-(\\d+|half|one|four)$";
  private static final List<String> ALL =
      List.of(
          "sst2-dan",
          "sst2-phrases-dan",
          "trec-dan",
          "trec-folds-dan",
          "snips-dan",
          "snips-folds-dan",
          "clinc150-dan",
          "banking77-dan",
          "wordnet-dan",
          "sst2-lstm",
          "trec-lstm",
          "snips-lstm",
          "clinc150-lstm",
          "banking77-lstm");
  // Of a run, whose report has all.
  private static final int NAMES = 3;

  private Comparisons() {}

  /** The same experiment twice would count twice. */
  private static void checkTwice(Path directory, Map<String, Run> runs) throws IOException {
    Map<String, String> folders = new HashMap<>();
    for (Map.Entry<String, Run> run : runs.entrySet()) {
      String name = run.getValue().name();
      String experiment = run.getValue().provenance().at("/experiment/name").asText(name);
      String other = folders.put(experiment, run.getKey());
      if (other != null) {
        throw new IOException(
            "%s: expected each experiment once, found %s in %s and in %s: move one of them away"
                .formatted(directory, Escape.line(experiment), other, run.getKey()));
      }
    }
  }

  /** Writes the report on the runs below {@code directory}; returns the table of the verdicts. */
  public static Table render(Path directory) throws IOException {
    Map<String, Run> runs = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory, DEPTH)) {
      // Provenance without rows is a run that lost them: reading it says so.
      for (Path file :
          files.filter(f -> f.endsWith(Row.FILE) || f.endsWith(Provenance.FILE)).toList()) {
        Path folder = file.getParent();
        String path = directory.relativize(folder).toString().replace('\\', '/');
        if (NAME.matcher(folder.getFileName().toString()).matches() && !runs.containsKey(path)) {
          runs.put(path, Run.read(folder));
        }
      }
    }
    checkTwice(directory, runs);
    if (runs.isEmpty()) {
      throw new IOException(
          directory
              + ": expected folders of runs whose names begin with claims-, one-percent-, through-,"
              + " schedules- or retraining-, found none");
    }
    List<Claim> claims = Claims.of(runs);
    Claim.write(directory, claims);
    Document document = new Document("Lowrank: the claims");
    document.paragraph(
        "Made from rows alone by lowrank report, which also writes claims.json; docs/protocol.md explains the "
            + "statistics. Effects are points of test accuracy, of latency the percentage saved; intervals of 95 % "
            + "and tests have two random factors, seeds and test texts, and p-values are corrected by Holm's method, "
            + "the cells of a claim as one family and the claims as another. Over data sets, those are the units; "
            + "their interval is the bootstrap's for six to ten data sets, Student's for fewer.");
    claims.forEach(claim -> document.paragraph(sentence(claim)));
    document.heading("Claims by data sets");
    document.paragraph(
        "Effect ± 95 % interval, verdict, and in brackets the smallest distance from the claim's bound that this "
            + "design finds with 80 % power. ✓ holds, ✗ does not hold, ? not shown.");
    document.table(matrix(claims, c -> !c.id().equals("4"), c -> place(c.dataset(), c.model())));
    Claim calr = claims.stream().filter(c -> c.id().equals("4")).findFirst().orElseThrow();
    if (!calr.cells().isEmpty()) {
      document.paragraph("Claim 4, of both sides the best on dev, by run and optimizer:");
      document.table(matrix(claims, c -> c == calr, Cell::run));
    }
    shown(document, claims);
    document.heading("Limits");
    document.paragraph(edges(runs));
    document.paragraph(absent(claims));
    document.write(directory, "comparisons");
    return verdicts(claims);
  }

  /** The claims with their verdicts. */
  private static Table verdicts(List<Claim> claims) {
    return Table.of(
        claims,
        List.of(
            new Table.Column<>("claim", c -> c.id() + ". " + c.sentence()),
            new Table.Column<>("data sets", c -> Integer.toString(c.overall().datasets())),
            new Table.Column<>("effect", Comparisons::overall),
            new Table.Column<>("p", c -> Report.p(c.overall().adjusted())),
            new Table.Column<>("verdict", Comparisons::verdict)));
  }

  private static String verdict(Claim claim) {
    return claim.cells().isEmpty() ? "not run" : claim.overall().verdict();
  }

  private static String overall(Claim claim) {
    Overall o = claim.overall();
    if (Double.isNaN(o.effect())) {
      return "";
    }
    return format("%+.2f", 100 * o.effect())
        + (Double.isNaN(o.low()) ? "" : format(" (%+.2f to %+.2f)", 100 * o.low(), 100 * o.high()));
  }

  /** The cells of the verdict; if there are none, those that could not be tested. */
  private static List<Cell> cells(Claim claim) {
    List<Cell> carrying = claim.cells().stream().filter(Cell::carries).toList();
    return carrying.isEmpty()
        ? claim.cells().stream().filter(c -> Double.isNaN(c.p())).toList()
        : carrying;
  }

  private static String sentence(Claim claim) {
    List<Cell> cells = cells(claim);
    StringBuilder text = new StringBuilder();
    text.append("%s. %s".formatted(claim.id(), claim.sentence()));
    text.append(" Verdict: %s.".formatted(verdict(claim)));
    if (cells.isEmpty()) {
      return text.toString();
    }
    text.append(
        " %s over %d data set%s%s%s."
            .formatted(
                overall(claim),
                claim.overall().datasets(),
                claim.overall().datasets() == 1 ? "" : "s",
                hardest(claim, cells),
                Double.isNaN(claim.overall().adjusted())
                    ? ""
                    : ", p = " + Report.p(claim.overall().adjusted())));
    text.append(
        " Of %d cells, %d hold, %d are not shown, %d do not hold."
            .formatted(
                cells.size(),
                count(cells, Cell.HOLDS),
                count(cells, Cell.NOT_SHOWN),
                count(cells, Cell.DOES_NOT_HOLD)));
    double[] found =
        cells.stream().mapToDouble(Cell::detectable).filter(Double::isFinite).sorted().toArray();
    if (found.length > 0) {
      text.append(
          format(
              " With 80 %% power, cells find %.2f (median; %.2f to %.2f).",
              50 * (found[(found.length - 1) / 2] + found[found.length / 2]),
              100 * found[0],
              100 * found[found.length - 1]));
    }
    return text.toString();
  }

  /** The rival that decides a claim which has to be ahead of several. */
  private static String hardest(Claim claim, List<Cell> cells) {
    Map<String, List<Cell>> rivals =
        cells.stream().collect(Collectors.groupingBy(c -> column(claim, c)));
    return rivals.size() == 1 || claim.id().equals("4") || claim.id().equals("6")
        ? ""
        : rivals.entrySet().stream()
            .filter(r -> Datasets.of(r.getValue()).effect().mean() == claim.overall().effect())
            .map(r -> ", for the hardest comparison (" + r.getKey().substring(3) + ")")
            .findFirst()
            .orElse("");
  }

  private static long count(List<Cell> cells, String verdict) {
    return cells.stream().filter(c -> c.verdict().equals(verdict)).count();
  }

  private static String place(String dataset, String model) {
    return dataset + ", " + model.toUpperCase(Locale.ROOT);
  }

  /** What tells the cells of a claim on one data set apart. */
  private static String column(Claim claim, Cell cell) {
    return claim.id()
        + ": "
        + switch (claim.id()) {
          case "2" -> cell.rival();
          case "3" -> cell.rival().replaceFirst("^.*, ", "");
          case "4" -> cell.method().replaceFirst("(-gentle)?-calr.*", "");
          case "6" -> cell.method().replaceFirst("^\\S+ ", "");
          default -> cell.rival();
        };
  }

  /** A line for each {@code line} of cells, a column for each claim and rival. */
  private static Table matrix(
      List<Claim> claims, Predicate<Claim> shown, Function<Cell, String> line) {
    Map<String, Map<String, String>> lines = new TreeMap<>();
    Map<String, List<Cell>> columns = new LinkedHashMap<>();
    for (Claim claim : claims.stream().filter(shown).toList()) {
      for (Cell cell : cells(claim)) {
        String column = column(claim, cell);
        columns.computeIfAbsent(column, c -> new ArrayList<>()).add(cell);
        lines
            .computeIfAbsent(line.apply(cell), l -> new LinkedHashMap<>())
            .merge(column, text(cell), (a, b) -> a + "; " + b);
      }
    }
    List<String> heading = new ArrayList<>(List.of(""));
    heading.addAll(columns.keySet());
    Table table = new Table(heading);
    lines.forEach(
        (name, cells) -> {
          List<String> texts = new ArrayList<>(List.of(name));
          columns.keySet().forEach(column -> texts.add(cells.getOrDefault(column, "")));
          table.line(texts);
        });
    List<String> all = new ArrayList<>(List.of("mean over data sets"));
    columns.values().forEach(cells -> all.add(mean(cells)));
    return table.line(all);
  }

  private static String text(Cell cell) {
    String sign =
        switch (cell.verdict()) {
          case Cell.HOLDS -> "✓";
          case Cell.DOES_NOT_HOLD -> "✗";
          default -> "?";
        };
    return Double.isNaN(cell.low())
        ? format("%+.2f %s", 100 * cell.effect(), sign)
        : format(
            "%+.2f ± %.2f %s (%.2f)",
            100 * cell.effect(),
            100 * (cell.high() - cell.effect()),
            sign,
            100 * cell.detectable());
  }

  private static String mean(List<Cell> cells) {
    Datasets datasets = Datasets.of(cells);
    double[] ends = datasets.interval();
    Effect effect = datasets.effect();
    return Double.isNaN(ends[0])
        ? format("%+.2f", 100 * effect.mean())
        : format(
            "%+.2f, %+.2f to %+.2f (%.2f)",
            100 * effect.mean(), 100 * ends[0], 100 * ends[1], 100 * effect.detectable());
  }

  /** Cells that do not take part in verdicts: means over data sets, and how many are shown. */
  private static void shown(Document document, List<Claim> claims) {
    Map<String, Map<String, List<Cell>>> byMethod = new TreeMap<>();
    Set<String> rivals = new LinkedHashSet<>();
    for (Claim claim : claims) {
      for (Cell cell : claim.cells()) {
        if (!cell.carries() && !Double.isNaN(cell.p())) {
          boolean schedule = claim.id().equals("4");
          String rival = schedule ? cell.rival().replaceFirst("^.*-", "") : cell.rival();
          rivals.add(rival);
          byMethod
              .computeIfAbsent(
                  claim.id() + ": " + (schedule ? "CALR untuned" : cell.method()),
                  m -> new LinkedHashMap<>())
              .computeIfAbsent(rival, r -> new ArrayList<>())
              .add(cell);
        }
      }
    }
    if (byMethod.isEmpty()) {
      return;
    }
    document.heading("Beside the verdicts");
    document.paragraph(
        "Claim 2 with other fractions removed, and at equal bytes of all weights as exported, where online's second factor is a part of the next layer; claim 3 against the uncompressed model, claim 4 in the paper's setting "
            + "without a search: mean over data sets, and how many cells are ahead and behind with p < 0.05 on their own, without correction. Empty: no size of the "
            + "rival is as small or as large.");
    List<String> heading = new ArrayList<>(List.of("method"));
    heading.addAll(rivals);
    Table table = new Table(heading);
    byMethod.forEach(
        (method, cells) -> {
          List<String> line = new ArrayList<>(List.of(method));
          for (String rival : rivals) {
            List<Cell> some = cells.getOrDefault(rival, List.of());
            line.add(
                some.isEmpty()
                    ? ""
                    : format(
                        "%+.2f (%d, %d of %d)",
                        100 * Datasets.of(some).effect().mean(),
                        some.stream().filter(c -> c.p() < Effect.LEVEL && c.effect() > 0).count(),
                        some.stream().filter(c -> c.p() < Effect.LEVEL && c.effect() < 0).count(),
                        some.size()));
          }
          table.line(line);
        });
    document.table(table);
  }

  /** Where a search ended at its lowest or highest rate. */
  private static String edges(Map<String, Run> runs) {
    List<String> some = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    runs.forEach(
        (name, run) -> {
          List<String> edges = run.edges();
          if (run.provenance().path("search").isEmpty()) {
            unknown.add(name);
          } else if (!edges.isEmpty()) {
            String more = edges.size() > NAMES ? ", …" : "";
            some.add(
                "%s %d of %d (%s%s)"
                    .formatted(
                        name,
                        edges.size(),
                        run.provenance().path("search").size(),
                        String.join(", ", edges.subList(0, Math.min(NAMES, edges.size()))),
                        more));
          }
        });
    return "Searches whose best rate is the lowest or the highest tried: "
        + (some.isEmpty() ? "none" : String.join("; ", some))
        + "."
        + (unknown.isEmpty()
            ? ""
            : " Without scores of a search: " + String.join(", ", unknown) + ".");
  }

  /** What the whole comparison asks for and is not there. */
  private static String absent(List<Claim> claims) {
    Map<String, List<String>> byGaps = new LinkedHashMap<>();
    for (Claim claim : claims) {
      Set<String> there = new LinkedHashSet<>();
      for (Cell cell : claim.cells().stream().filter(Cell::carries).toList()) {
        Matcher name = NAME.matcher(cell.run().replaceFirst("^.*/", ""));
        if (name.matches()) {
          there.add(name.group(2).replaceFirst(SIZES, ""));
        }
      }
      List<String> gaps = ALL.stream().filter(name -> !there.contains(name)).toList();
      String text =
          gaps.isEmpty()
              ? "everywhere"
              : gaps.size() <= ALL.size() / 2
                  ? "everywhere but on " + String.join(", ", gaps)
                  : there.isEmpty() ? "nowhere" : "on " + String.join(", ", there);
      byGaps.computeIfAbsent(text, g -> new ArrayList<>()).add(claim.id());
    }
    String untested =
        claims.stream()
            .flatMap(claim -> claim.cells().stream())
            .filter(cell -> Double.isNaN(cell.p()))
            .map(Cell::run)
            .distinct()
            .collect(Collectors.joining(", "));
    return byGaps.entrySet().stream()
            .map(e -> "Tested %s: claim %s.".formatted(e.getKey(), String.join(", ", e.getValue())))
            .collect(Collectors.joining(" "))
        + (untested.isEmpty()
            ? ""
            : " Without a test, for want of seeds or of correct.csv: " + untested + ".");
  }
}
