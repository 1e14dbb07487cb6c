package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.experiments.record.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SummaryTest {
  private static final Map<String, Object> ONLINE = Map.of("removed", 0.9, "rank", 29);

  @TempDir Path folder;

  private static Row row(
      String method, Map<String, Object> parameters, int seed, double test, long bytes) {
    return new Row(
        new Row.Id(method + parameters + seed, "e", "d", "dan", seed),
        method,
        null,
        parameters,
        new Row.Training(1e-3, 100, 1.5, 40),
        new Row.Scores(test, test, test - 0.01),
        new Row.Size(bytes / 4, bytes, bytes + 1000, 1000),
        new Row.LatencyQuantiles(
            new Row.Quantiles(20, 25, 40), new Row.Quantiles(7, 8, 9), new Row.Quantiles(3, 4, 5)));
  }

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    double[] baseline = {0.80, 0.82, 0.81};
    double[] online = {0.79, 0.82, 0.80};
    for (int i = 0; i < 3; i++) {
      rows.add(row("baseline", Map.of(), i + 1, baseline[i], 4_000_000));
      rows.add(row("online", ONLINE, i + 1, online[i], 400_000));
    }
    return rows;
  }

  @Test
  void intervalsAreThoseOfStudentsT() {
    List<Summary> summaries = Summary.of(rows());
    // By hand: sd = 0.01, t(0.975; 2) = 4.302653, half width = 4.302653 * 0.01 / sqrt(3).
    Summary.Interval baseline = summaries.get(0).interval(Row::testAccuracy);
    assertThat(baseline.mean()).isCloseTo(0.81, within(1e-12));
    assertThat(baseline.halfWidth()).isCloseTo(0.0248413766, within(1e-9));
    // Differences -0.01, 0, -0.01: mean -1/150, sd 0.0057735, half width 0.01434218.
    Summary.Interval difference = summaries.get(1).difference(Row::testAccuracy);
    assertThat(difference.mean()).isCloseTo(-1 / 150.0, within(1e-12));
    assertThat(difference.halfWidth()).isCloseTo(0.01434218, within(1e-7));
    assertThat(summaries.get(1).parametersRemoved()).isCloseTo(0.9, within(1e-12));
    assertThat(Summary.Interval.of(new double[] {0.5}).percent()).isEqualTo("50.00");
  }

  @Test
  void asManyRightAnswersOnDevAreEqualHoweverTheSeedsShareThem() {
    List<Row> rows = new ArrayList<>();
    int[] same = {680, 680, 680};
    int[] other = {677, 680, 683};
    for (int i = 0; i < 3; i++) {
      rows.add(row("same", Map.of(), i + 1, same[i] / 700.0, 1));
      rows.add(row("other", Map.of(), i + 1, other[i] / 700.0, 1));
    }
    List<Summary> summaries = Summary.of(rows);
    // The sums differ in the last bit.
    assertThat(summaries.get(0).mean(Row::devAccuracy))
        .isLessThan(summaries.get(1).mean(Row::devAccuracy));
    assertThat(summaries.get(0).devAccuracy()).isEqualTo(summaries.get(1).devAccuracy());
  }

  @Test
  void verdictsNeedATestAndASmallP() {
    Effect worse = Effect.of(new double[] {-0.02, -0.021, -0.022});
    assertThat(new Run.Tested(worse, 0.01).verdict()).isEqualTo("worse");
    assertThat(new Run.Tested(worse, 0.06).verdict()).isEqualTo("no difference shown");
    assertThat(new Run.Tested(worse, Double.NaN).verdict()).isEqualTo("not tested");
    assertThat(new Run.Tested(Effect.of(new double[] {0.02, 0.021}), 0.01).verdict())
        .isEqualTo("better");
    assertThat(new Run.Tested(Effect.of(new double[] {0.1}), Double.NaN).verdict())
        .isEqualTo("one seed only");
  }

  @Test
  void reportIsMadeOfRowsAlone() throws IOException {
    Row.write(folder.resolve("trials.csv"), rows());
    String table = Report.render(folder).text();
    assertThat(table.lines().toList())
        .hasSize(4)
        .anySatisfy(
            line ->
                assertThat(line.replaceAll(" +", " "))
                    .startsWith(
                        "online 90 % 90.0 % 29 80.33 ± 3.79 80.33 ± 3.79 -0.67 ± 1.43 not tested"));
    String html = Files.readString(folder.resolve("report.html"));
    assertThat(html).contains("<svg").doesNotContain("src=\"http").doesNotContain("<script");
    String markdown = Files.readString(folder.resolve("report.md"));
    assertThat(markdown).contains("| online 90 %").contains("figures/accuracy-bytes.svg");
    assertThat(folder.resolve("figures/accuracy-bytes.svg")).exists();
    Report.render(folder);
    assertThat(Files.readString(folder.resolve("report.md"))).isEqualTo(markdown);
  }

  @Test
  void manyMethodsOfOneSizeMakeNoFigureOfAccuracyAgainstBytes() throws IOException {
    List<Row> rows = new ArrayList<>(rows());
    for (int i = 0; i < 20; i++) {
      rows.add(row("method" + i, Map.of(), 1, 0.8, 400_000));
    }
    Row.write(folder.resolve("trials.csv"), rows);
    assertThat(Report.render(folder).text()).contains("method19");
    assertThat(Files.readString(folder.resolve("report.md"))).doesNotContain("accuracy-bytes");
    assertThat(folder.resolve("figures/accuracy-bytes.svg")).doesNotExist();
  }

  @Test
  void aParameterThatNoCodeKnowsHasItsColumnAndStandsInTheLegend() throws IOException {
    List<Row> rows = new ArrayList<>(rows());
    Map<String, Object> noisy = new LinkedHashMap<>(ONLINE);
    noisy.put("noise", 0.1);
    Row row = row("online", noisy, 1, 0.78, 400_000);
    rows.add(
        new Row(
            row.id(),
            row.method(),
            "online 90 % noisy",
            noisy,
            row.training(),
            row.scores(),
            row.size(),
            row.latency()));
    Path run = Files.createDirectories(folder.resolve("r"));
    Row.write(run.resolve(Row.FILE), rows);
    List<String> lines = Report.render(run).text().lines().toList();
    assertThat(lines.get(0)).containsPattern("removed +rank +noise +dev %");
    assertThat(lines.get(3).replaceAll(" +", " ")).startsWith("online 90 % 90.0 % 29 80.33");
    assertThat(lines.get(4).replaceAll(" +", " ")).startsWith("online 90 % noisy 90.0 % 29 0.1 78");
    Panel panel = new Panel(Run.read(run));
    assertThat(panel.methods().stream().map(panel::series).distinct())
        .containsExactly("online", "online, noise 0.1");
    // Claims are about the online method without noise.
    assertThat(Variant.removed("online", 0.9).in(Run.read(run).summaries()))
        .map(Summary::label)
        .contains("online 90 %");
  }

  @Test
  void ofSeveralMethodsThatFitThePlainestIsMeantOrNone() {
    Map<String, Object> calr = Map.of("removed", 0.9, "schedule", "calr");
    Map<String, Object> constant = Map.of("removed", 0.9, "schedule", "constant");
    List<Row> rows = new ArrayList<>();
    rows.add(row("online", calr, 1, 0.8, 4));
    rows.add(row("online", Map.of("removed", 0.9, "bits", 8), 1, 0.8, 4));
    assertThat(Variant.removed("online", 0.9).in(Summary.of(rows)))
        .map(Summary::parameters)
        .contains(calr);
    Row other = row("online", constant, 1, 0.8, 4);
    rows.add(
        new Row(
            other.id(),
            "online",
            "other",
            constant,
            other.training(),
            other.scores(),
            other.size(),
            other.latency()));
    assertThat(Variant.removed("online", 0.9).in(Summary.of(rows))).isEmpty();
    rows.add(row("online", ONLINE, 2, 0.8, 4));
    assertThat(Variant.removed("online", 0.9).in(List.of())).isEmpty();
  }

  @Test
  void namesFromUsersAreNoMarkup() throws IOException {
    String evil = "<img src=x onerror=alert(1)>|\n# \"&";
    List<Row> rows =
        rows().stream()
            .map(
                r ->
                    new Row(
                        new Row.Id(r.trial(), evil, evil, evil, r.seed()),
                        evil + r.method(),
                        evil + r.method(),
                        Map.of("why", evil),
                        r.training(),
                        r.scores(),
                        r.size(),
                        r.latency()))
            .toList();
    Path run = Files.createDirectories(folder.resolve("a (b) [c]"));
    Row.write(run.resolve(Row.FILE), rows);
    assertThat(Report.render(run).text().lines()).hasSize(2 + 2);
    assertThat(Files.readString(run.resolve("report.html")))
        .contains("<title>Lowrank: &lt;img src=x onerror=alert(1)&gt;| # &quot;&amp;</title>")
        .contains("<h1>Lowrank: &lt;img")
        .contains("<td>&lt;img")
        .doesNotContain("<img");
    String markdown = Files.readString(run.resolve("report.md"));
    assertThat(markdown).doesNotContain("<img").startsWith("# Lowrank: &lt;img");
    int cells =
        markdown
            .lines()
            .filter(line -> line.startsWith("| method"))
            .findFirst()
            .orElseThrow()
            .split("(?<!\\\\)\\|")
            .length;
    assertThat(markdown.lines().filter(line -> line.startsWith("| &lt;img")).limit(2))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line.split("(?<!\\\\)\\|")).hasSize(cells));
    Document document = new Document("t");
    document.figure("a [b]", "a (b) <c/f.svg", "<svg></svg>");
    document.write(folder, "d");
    assertThat(Files.readString(folder.resolve("d.md")))
        .contains("![a \\[b\\]](a%20%28b%29%20%3Cc/f.svg)");
    assertThat(new Table(List.of("a|b", "c")).line(List.of("x\r\ny", "p < 0.001")).markdown())
        .isEqualTo("| a\\|b |         c |\n|---|---:|\n| x y  | p < 0.001 |\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '"',
      value = {
        "`x` => \\`x\\`",
        "*a* **b** => \\*a\\* \\*\\*b\\*\\*",
        "_a_ __b__ => \\_a\\_ \\_\\_b\\_\\_",
        "~~a~~ => \\~\\~a\\~\\~",
        "a\\|b => a\\\\\\|b",
        "[a](b) ![a][b] => [a]\\(b) ![a]\\[b]",
        "&lt;b&#62; => &amp;lt;b&amp;#62;",
        "<b> => &lt;b>",
        "# a # => \\# a \\#",
        "- a => \\- a",
        "+ a => \\+ a",
        "--- => \\---",
        "> a => \\> a",
        // plain text stays as it is
        "-0.59 => -0.59",
        "+1.5 points => +1.5 points",
        "- => -",
        "saved_model_bytes => saved_model_bytes",
        "grid-sst2-dan v1.2 => grid-sst2-dan v1.2",
        "C# and R&D, p < 0.001 (x) [y] => C# and R&D, p < 0.001 (x) [y]"
      })
  void markdownOfUsersIsText(String text, String escaped) {
    assertThat(Escape.markdown(text)).isEqualTo(escaped);
  }

  @Test
  void aRunWithoutRowsIsNamed() throws IOException {
    Path run = Files.createDirectories(folder.resolve("claims-r"));
    Row.write(run.resolve(Row.FILE), List.of());
    assertThatThrownBy(() -> Comparisons.render(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("trials.csv, line 2: expected the row of a trial, found none");
  }
}
