package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.experiments.record.History;
import io.github.lowrank.experiments.record.Rates;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.train.Evaluation;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page of rows and claims that are made up here, for tests alone. */
class PageTest {
  private static final String HOSTILE = "x<img src=a>\"&amp;'$1\u2028";

  @TempDir Path folder;

  private final List<Row> rows = new ArrayList<>();
  private int seeds = 3;

  private void method(
      String dataset, String name, Map<String, Object> parameters, double test, long bytes) {
    for (int seed = 1; seed <= seeds; seed++) {
      double accuracy = test + (seed - 2) * 0.01;
      rows.add(
          new Row(
              new Row.Id(name + parameters.values() + "-seed" + seed, "e", dataset, "dan", seed),
              name,
              null,
              parameters,
              new Row.Training(1e-3, 100, 1.5, 40),
              new Row.Scores(accuracy, accuracy, accuracy),
              new Row.Size(bytes / 4, bytes, bytes + 500, 1000),
              Row.LatencyQuantiles.NONE));
    }
  }

  /** Rows, an evaluation at every 50th step, and a triangle of rates. */
  private void run(String name) throws IOException {
    Path run = Files.createDirectories(folder.resolve(name));
    Row.write(run.resolve(Row.FILE), rows);
    Files.writeString(run.resolve("provenance.json"), "{}");
    Map<String, List<Evaluation>> history = new LinkedHashMap<>();
    Map<String, double[]> rates = new LinkedHashMap<>();
    for (Row row : rows) {
      List<Evaluation> evaluations = new ArrayList<>();
      for (int step = 0; step <= 100; step += 50) {
        double dev = row.devAccuracy() - 0.01 + step / 1e4;
        evaluations.add(new Evaluation(step, 1, 0.1, Map.of("accuracy", dev)));
      }
      history.put(row.trial(), evaluations);
      if (row.seed() == 1) {
        double[] triangle = new double[100];
        java.util.Arrays.setAll(triangle, t -> 0.01 * Math.min(t, 99 - t));
        rates.put(row.trial(), triangle);
      }
    }
    History.write(run, history);
    Rates.write(run, rates);
    rows.clear();
  }

  private void toy(String dataset, String name) throws IOException {
    method(dataset, "baseline", Map.of(), 0.90, 1_000_000);
    method(dataset, "online", Map.of("removed", 0.5), 0.90, 500_000);
    method(dataset, "online", Map.of("removed", 0.9), 0.89, 100_000);
    method(dataset, "online", Map.of("removed", 0.99), 0.50, 10_000);
    method(dataset, "fixed-point", Map.of("bits", 4), 0.88, 125_000);
    method(dataset, "fixed-point", Map.of("bits", 8), 0.90, 250_000);
    run(name);
  }

  private void schedules(String name) throws IOException {
    double test = 0.9;
    for (String optimizer : List.of("adam", "sgd")) {
      for (String schedule : List.of("constant", "sgdr", "one-cycle", "calr")) {
        method(
            "toy",
            optimizer + "-" + schedule,
            Map.of("optimizer", optimizer, "schedule", schedule),
            test,
            1_000_000);
        test -= 0.001;
      }
    }
    method(
        "toy",
        "schedule-free-sgd-warmup",
        Map.of("optimizer", "schedule-free-sgd", "schedule", "warmup"),
        0.88,
        1_000_000);
    run(name);
  }

  private static Cell cell(
      String dataset, String run, String method, String rival, double effect, String verdict) {
    return new Cell(
        dataset,
        "dan",
        run,
        method,
        rival,
        3,
        500,
        effect,
        effect - 0.004,
        effect + 0.004,
        0.0123,
        0.0246,
        0.006,
        Double.NaN,
        verdict);
  }

  private static Claim claim(String id, double margin, List<Cell> cells) {
    Claim.Kind kind = margin > 0 ? Claim.Kind.NON_INFERIORITY : Claim.Kind.SUPERIORITY;
    double effect = cells.stream().mapToDouble(Cell::effect).average().orElse(Double.NaN);
    Overall overall =
        cells.isEmpty()
            ? new Overall(0, effect, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Cell.NOT_SHOWN)
            : new Overall(2, effect, effect - 0.002, effect + 0.002, 0.01, 0.04, Cell.NOT_SHOWN);
    return new Claim(id, "made up for a test, " + id, kind, margin, Claim.POINTS, cells, overall);
  }

  private void everything() throws IOException {
    toy("toy", "claims-toy-dan");
    toy("other", "more/claims-other-dan");
    schedules("schedules-toy-dan");
    String other = "more/claims-other-dan";
    Claim.write(
        folder,
        List.of(
            claim(
                "1",
                0.01,
                List.of(
                    cell("toy", "claims-toy-dan", "online 90 %", "baseline", 0, Cell.HOLDS),
                    cell("other", other, "online 90 %", "baseline", -0.01, Cell.NOT_SHOWN))),
            claim(
                "2",
                0,
                List.of(
                    cell("toy", "claims-toy-dan", "online 90 %", "fixed-point", 0.0123, "holds"),
                    cell(
                        "toy",
                        "claims-toy-dan",
                        "online 90 %",
                        "baseline",
                        -0.03,
                        "does not hold"))),
            claim(
                "4",
                0,
                List.of(
                    cell(
                        "toy",
                        "schedules-toy-dan",
                        "adam-calr",
                        "adam-constant",
                        -0.003,
                        "not shown"),
                    cell("toy", "schedules-toy-dan", "sgd-calr", "sgd-sgdr", -0.002, "not shown"))),
            claim("6", 0, List.of())));
  }

  private Element page() throws Exception {
    Page.render(folder);
    String html = Files.readString(folder.resolve(Page.FILE));
    assertThat(html)
        .startsWith("<!doctype html>")
        .doesNotContain("http", "src=\"", "@import", "url(");
    return xml(
        html.replace("<!doctype html>", "")
            .replaceAll("(?s)<style>.*</style>|<script>.*</script>", ""));
  }

  private static Element xml(String text) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(text)))
        .getDocumentElement();
  }

  private static List<Element> all(Element in, String tag) {
    NodeList found = in.getElementsByTagName(tag);
    List<Element> all = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      all.add((Element) found.item(i));
    }
    return all;
  }

  private static List<Element> ofClass(Element in, String tag, String name) {
    return all(in, tag).stream()
        .filter(e -> List.of(e.getAttribute("class").split(" ")).contains(name))
        .toList();
  }

  private static Element byId(Element in, String id) {
    return all(in, "*").stream()
        .filter(e -> e.getAttribute("id").equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everyClaimHasASentenceAFigureAndATable() throws Exception {
    everything();
    Element page = page();
    List<Element> sentences = all(ofClass(page, "ol", "sentences").get(0), "li");
    assertThat(sentences).hasSize(4);
    assertThat(sentences.get(0).getTextContent())
        .contains(
            "1. made up for a test, 1", "not shown", "−0.50 points", "−0.70 to −0.30", "p = 0.040");
    assertThat(sentences.get(3).getTextContent()).contains("not run", "Not run.");
    for (int i = 1; i <= 3; i++) {
      Element claim = byId(page, "claim-" + i);
      assertThat(all(claim, "svg")).isNotEmpty();
      assertThat(all(claim, "table")).isNotEmpty();
      assertThat(claim.getTextContent()).contains("0.012", "0.025", "0.60");
    }
    assertThat(byId(page, "claim-4").getTextContent()).contains("No run below this folder");
    List<Element> verdicts = ofClass(byId(page, "matrix"), "a", "verdict");
    assertThat(verdicts.stream().map(v -> all(v, "b").get(0).getTextContent()))
        .containsExactlyInAnyOrder("0.00", "−1.00", "+1.23", "−3.00", "−0.30", "−0.20");
    Element fails = ofClass(byId(page, "matrix"), "a", "fails").get(0);
    assertThat(fails.getTextContent()).contains("−3.00", "−3.4 to −2.6");
    Element origin = byId(page, fails.getAttribute("href").substring(1));
    assertThat(origin.getTextContent())
        .contains("/claims-toy-dan 'online[0.9]-seed1' --data DIR")
        .contains("'fixed-point[4]-seed1'", "'baseline[]-seed1'");
    assertThat(all(page, "svg")).allMatch(svg -> svg.hasAttribute("aria-label"));
    assertThat(all(page, "th")).filteredOn(th -> !th.hasAttribute("scope")).isEmpty();
  }

  @Test
  void everyLinkLeadsSomewhere() throws Exception {
    everything();
    Element page = page();
    Set<String> ids = new HashSet<>();
    all(page, "*").stream()
        .map(e -> e.getAttribute("id"))
        .filter(id -> !id.isEmpty())
        .forEach(id -> assertThat(ids.add(id)).as(id).isTrue());
    List<Element> links = new ArrayList<>(all(page, "a"));
    links.addAll(all(page, "use"));
    assertThat(links.size()).isGreaterThan(20);
    for (Element link : links) {
      String target = link.getAttribute("href");
      if (target.startsWith("#")) {
        assertThat(ids).contains(target.substring(1));
      } else {
        assertThat(folder.resolve(target)).exists();
      }
    }
  }

  @Test
  void forestsHaveTheirCirclesWhereTheEffectsAre() throws Exception {
    everything();
    Element svg = all(byId(page(), "claim-1"), "svg").get(0);
    double zero = x(ofClass(svg, "path", "zero").get(0));
    double margin = x(ofClass(svg, "path", "margin").get(0));
    List<Element> circles = all(svg, "circle");
    // The data sets are in the order of their names: other is at the margin, toy at zero.
    assertThat(Double.parseDouble(circles.get(0).getAttribute("cx"))).isEqualTo(margin);
    assertThat(Double.parseDouble(circles.get(1).getAttribute("cx"))).isEqualTo(zero);
    double from = x(ofClass(svg, "path", "interval").get(1));
    // 0.4 of the margin, on either side.
    assertThat(zero - from).isCloseTo(0.4 * (zero - margin), within(0.15));
    assertThat(ofClass(svg, "path", "diamond")).hasSize(1);
  }

  private static double x(Element path) {
    return Double.parseDouble(path.getAttribute("d").replaceAll("^M([\\d.]+) .*", "$1"));
  }

  @Test
  void figuresHaveTheNumbersOfTheRows() throws Exception {
    everything();
    Element page = page();
    Element fronts = byId(page, "fronts");
    List<Element> figures = all(fronts, "figure");
    assertThat(figures).hasSize(2);
    // t(0.975; 2) = 4.3027, standard error 0.01 / sqrt(3).
    assertThat(all(figures.get(0), "title").stream().map(Element::getTextContent))
        .contains(
            "online 90 %, 100 kB: 89.00 ± 2.48 %", "fixed-point 4 bit, 125 kB: 88.00 ± 2.48 %")
        .hasSize(5);
    assertThat(ofClass(figures.get(0), "text", "name").stream().map(Element::getTextContent))
        .containsExactlyInAnyOrder("online", "fixed-point", "uncompressed 90");
    assertThat(ofClass(figures.get(0), "text", "below").get(0).getTextContent()).isEqualTo("↓50");
    assertThat(ofClass(figures.get(0), "text", "mid").stream().map(Element::getTextContent))
        .contains("10 kB", "30 kB", "100 kB", "300 kB", "1 MB");
    assertThat(all(figures.get(0), "table").get(0).getTextContent())
        .contains("100,000", "89.00 ± 2.48");

    Element heat = ofClass(byId(page, "schedules"), "table", "heat").get(0);
    assertThat(all(heat, "td").stream().map(Element::getTextContent))
        .containsExactly(
            "best", "best", "−0.10", "−0.10", "−0.20", "−0.20", "−0.30", "−0.30", "", "−1.60",
            "90.0", "89.6");
    assertThat(heat.getTextContent()).contains("schedule-free-sgd").doesNotContain("warmup");
    assertThat(all(heat, "td").get(6).getAttribute("class")).isEqualTo("h2");

    Element curves = byId(page, "curves");
    assertThat(all(curves, "figcaption").stream().map(Element::getTextContent))
        .contains("adam-calr", "online 90 %")
        .doesNotContain("sgd-calr");
    String rate = ofClass(curves, "path", "rate").get(0).getAttribute("d");
    // Up and down again: three corners, or a fourth where the peak is two steps wide.
    assertThat(rate.split("L").length).isBetween(3, 4);
  }

  @Test
  void aReportHasTheCurvesOfItsMethodsInOneFile() throws Exception {
    schedules("schedules-toy-dan");
    Path run = folder.resolve("schedules-toy-dan");
    Report.render(run);
    assertThat(Files.readString(run.resolve("report.md")))
        .contains("](figures/learning-curves.svg)");
    Element file = xml(Files.readString(run.resolve("figures/learning-curves.svg")));
    assertThat(ofClass(file, "text", "name").stream().map(Element::getTextContent))
        .hasSize(9)
        .contains("adam-calr", "sgd-calr");
    assertThat(ofClass(file, "path", "other")).hasSize(9);
    assertThat(ofClass(file, "path", "rate")).hasSize(9);
    // Two segments up: dev accuracy rises by half a point from one evaluation to the next.
    String[] points = ofClass(file, "path", "own").get(0).getAttribute("d").substring(1).split("L");
    assertThat(points).hasSize(3);
    double[] y =
        Arrays.stream(points).mapToDouble(p -> Double.parseDouble(p.split(" ")[1])).toArray();
    assertThat(y[0] - y[1]).isPositive().isCloseTo(y[1] - y[2], within(0.11));
  }

  @Test
  void hostileNamesStayText() throws Exception {
    method(HOSTILE, "baseline", Map.of(), 0.9, 1000);
    for (int i = 1; i < 4; i++) {
      method(HOSTILE, HOSTILE, Map.of("bits", i), 0.8, 100 * i);
      method(
          HOSTILE, HOSTILE + i, Map.of("optimizer", HOSTILE, "schedule", HOSTILE + i), 0.7, 1000);
    }
    String name = "a <b> 'c'\"&%";
    run(name);
    Claim.write(
        folder,
        List.of(
            new Claim(
                "<i>",
                HOSTILE,
                Claim.Kind.SUPERIORITY,
                0,
                Claim.POINTS,
                List.of(cell(HOSTILE, name, HOSTILE + " 1 bit", HOSTILE + " 2 bit", 0.1, HOSTILE)),
                new Overall(1, 0.1, Double.NaN, Double.NaN, Double.NaN, Double.NaN, HOSTILE))));
    Element page = page();
    assertThat(all(page, "img")).isEmpty();
    assertThat(all(page, "i")).isEmpty();
    assertThat(page.getTextContent()).contains("x<img src=a>\"&amp;'$1");
    List<Element> rows =
        all(page, "a").stream()
            .filter(a -> a.getTextContent().equals(Row.FILE))
            .filter(a -> a.getAttribute("href").startsWith("./"))
            .toList();
    assertThat(rows).hasSize(1);
    String path = java.net.URI.create(rows.get(0).getAttribute("href").substring(2)).getPath();
    assertThat(folder.resolve(path)).exists();
    assertThat(ofClass(page, "ul", "commands").get(0).getTextContent())
        .contains("/a <b> '\\''c'\\''\"&%' ");
  }

  @Test
  void whatIsMissingIsSaid() throws Exception {
    Element empty = page();
    assertThat(empty.getTextContent())
        .contains("There is no claims.json in this folder")
        .contains("No run below this folder compares several sizes")
        .contains("No run below this folder compares schedules")
        .contains("There are no runs below this folder");
    assertThat(all(empty, "svg")).isEmpty();

    seeds = 1;
    toy("toy", "claims-toy-dan");
    Files.delete(folder.resolve("claims-toy-dan/rates.csv"));
    Claim.write(
        folder,
        List.of(
            claim(
                "1",
                0.01,
                List.of(
                    new Cell(
                        "toy",
                        "dan",
                        "claims-toy-dan",
                        "online 90 %",
                        "baseline",
                        1,
                        500,
                        -0.01,
                        Double.NaN,
                        Double.NaN,
                        Double.NaN,
                        Double.NaN,
                        Double.NaN,
                        Double.NaN,
                        Cell.NOT_SHOWN),
                    cell("gone", "not-here", "online 90 %", "baseline", -0.01, "holds")))));
    Element page = page();
    assertThat(page.getTextContent())
        .contains("one seed, so no intervals")
        .contains("The rows of this run are not below this folder")
        .contains("This run has no rates.csv")
        .doesNotContain("NaN");
    assertThat(ofClass(page, "path", "error")).isEmpty();
  }

  @Test
  void textCanBeReadInBothThemes() throws IOException {
    String css;
    try (InputStream in = Page.class.getResourceAsStream("index.css")) {
      css = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    int dark = css.indexOf("@media (prefers-color-scheme: dark)");
    for (String theme : List.of(css.substring(0, dark), css.substring(dark, css.indexOf("* {")))) {
      Map<String, Double> light = new LinkedHashMap<>();
      Pattern.compile("--([\\w-]+): #(\\w{6}|\\w{3});")
          .matcher(theme)
          .results()
          .forEach((MatchResult m) -> light.put(m.group(1), luminance(m.group(2))));
      assertThat(light).hasSize(7 + 8 + 2 * 3 + 2 * 7);
      light.forEach(
          (name, value) -> {
            if (name.endsWith("-ink")) {
              assertThat(contrast(value, light.get(name.replace("-ink", ""))))
                  .as(name)
                  .isGreaterThan(4.5);
            } else if (name.matches("c\\d|ink|soft|link")) {
              assertThat(contrast(value, light.get("paper"))).as(name).isGreaterThan(4.5);
            }
          });
      assertThat(contrast(light.get("ink"), light.get("code"))).isGreaterThan(4.5);
    }
  }

  /** Relative luminance, as WCAG 2 defines it. */
  private static double luminance(String hex) {
    String six = hex.length() == 6 ? hex : hex.replaceAll("(.)", "$1$1");
    double sum = 0;
    double[] weights = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; i++) {
      double c = Integer.parseInt(six.substring(2 * i, 2 * i + 2), 16) / 255.0;
      sum += weights[i] * (c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
  }

  private static double contrast(double a, double b) {
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }
}
