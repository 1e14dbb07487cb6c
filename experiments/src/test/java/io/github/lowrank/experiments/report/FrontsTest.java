package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lowrank.experiments.record.Row;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class FrontsTest {
  private static final long TABLE = 1_000_000;
  private static final String HOSTILE = "x</script><img src=http://evil/>|\"&amp;\u2028";

  @TempDir Path folder;

  private final List<Row> rows = new ArrayList<>();

  /** Two seeds, the second 0.02 better on test and on dev. */
  private void method(
      String dataset,
      String name,
      Map<String, Object> parameters,
      double dev,
      double test,
      long bytes) {
    for (int seed = 1; seed <= 2; seed++) {
      double more = (seed - 1) * 0.02;
      rows.add(
          new Row(
              new Row.Id(name + parameters + seed, "e", dataset, "dan", seed),
              name,
              null,
              parameters,
              new Row.Training(1e-3, 100, 1.5, 40),
              new Row.Scores(dev + more, test + more, test + more),
              new Row.Size(bytes / 4, bytes, bytes + 500_000, 1000),
              Row.LatencyQuantiles.NONE));
    }
  }

  private Path run(String name) throws IOException {
    Path run = Files.createDirectories(folder.resolve(name));
    Row.write(run.resolve(Row.FILE), rows);
    rows.clear();
    return run;
  }

  private Path toy(String dataset) throws IOException {
    method(dataset, "baseline", Map.of(), 0.90, 0.90, TABLE);
    method(dataset, "online-4", Map.of("rank", 3, "bits", 8), 0.89, 0.86, 20_000);
    method(dataset, "online-4", Map.of("rank", 6, "bits", 4), 0.88, 0.89, 18_000);
    method(dataset, "online-2", Map.of("rank", 2, "bits", 4), 0.87, 0.85, 5_000);
    method(dataset, "rounded", Map.of("bits", 1), 0.80, 0.84, 10_000);
    method(dataset, "rounded", Map.of("bits", 8), 0.895, 0.895, 250_000);
    return run(dataset);
  }

  private static List<String> labels(List<Summary> summaries) {
    return summaries.stream().map(Summary::label).toList();
  }

  @Test
  void theBestIsChosenOnDevNotOnTest() throws IOException {
    Panel panel = new Panel(Run.read(toy("toy")));
    Panel.Choice two = panel.within(0.02).orElseThrow();
    // The one of 4 bits is better on test.
    assertThat(two.best().label()).isEqualTo("online-4 8 bit");
    // online-2 is better on dev, but of the same family.
    assertThat(two.next().orElseThrow().label()).isEqualTo("rounded 1 bit");
    assertThat(two.loss().mean()).isCloseTo(-0.04, within(1e-12));
    assertThat(two.lead().orElseThrow().mean()).isCloseTo(0.02, within(1e-12));
    assertThat(panel.within(0.0199).orElseThrow().best().label()).isEqualTo("online-4 4 bit");
    assertThat(panel.within(0.005).orElseThrow().next()).isEmpty();
    assertThat(panel.within(0.0025)).isEmpty();
  }

  @Test
  void theFrontHasWhatNoSmallerOneBeatsOnDev() throws IOException {
    Panel panel = new Panel(Run.read(toy("toy")));
    assertThat(labels(panel.front(Panel.TABLE)))
        .containsExactly("online-2 4 bit", "online-4 4 bit", "online-4 8 bit", "rounded 8 bit");
  }

  @Test
  void ofEquallySmallOnesTheFrontHasTheBest() throws IOException {
    method("toy", "baseline", Map.of(), 0.9, 0.9, TABLE);
    method("toy", "worse", Map.of(), 0.7, 0.9, 100);
    method("toy", "better", Map.of(), 0.8, 0.8, 100);
    method("toy", "larger", Map.of(), 0.8, 0.9, 200);
    Panel panel = new Panel(Run.read(run("toy")));
    assertThat(labels(panel.front(Panel.TABLE))).containsExactly("better");
  }

  @Test
  void bitsArePartOfASeriesUnlessTheyAloneTellMethodsApart() throws IOException {
    method("toy", "baseline", Map.of(), 0.9, 0.9, TABLE);
    for (double kept : new double[] {0.01, 0.02}) {
      for (int bits : new int[] {4, 8}) {
        method(
            "toy",
            "online",
            Map.of("removed", 1 - kept, "bits", bits),
            0.8,
            0.8,
            (long) (kept * TABLE));
      }
    }
    method("toy", "rounded", Map.of("bits", 4), 0.9, 0.9, TABLE / 8);
    method("toy", "rounded", Map.of("bits", 8), 0.9, 0.9, TABLE / 4);
    Panel panel = new Panel(Run.read(run("toy")));
    assertThat(panel.methods().stream().map(panel::series).distinct())
        .containsExactlyInAnyOrder("online, 4 bit", "online, 8 bit", "rounded");
  }

  @Test
  void budgetsAndDataSetsAreInTheTables() throws IOException {
    Path out = folder.resolve("out");
    Path first = toy("toy");
    String table = Fronts.render(List.of(first), out).markdown();
    assertThat(table.lines().filter(l -> l.contains("≤ 2 %")).findFirst().orElseThrow())
        .contains("online-4 8 bit", "20,000", "2.00 %", "-4.00 ± 0.00", "+2.00 ± 0.00", "yes");
    assertThat(table.lines().filter(l -> l.contains("≤ 0.25 %")).findFirst().orElseThrow())
        .contains("none");
    assertThat(out.resolve(Fronts.NAME + ".md"))
        .content()
        .contains("Chosen by dev accuracy, never by test")
        .doesNotContain("Over the data sets");

    method("other", "baseline", Map.of(), 0.90, 0.90, TABLE);
    method("other", "rounded", Map.of("bits", 1), 0.80, 0.95, 8_000);
    Path stale = Files.createFile(out.resolve(Fronts.NAME + "-gone-dan.svg"));
    Path strange = Files.createFile(out.resolve("mine.svg"));
    Fronts.render(List.of(first, run("other")), out);
    assertThat(stale).doesNotExist();
    assertThat(strange).exists();
    String markdown = Files.readString(out.resolve(Fronts.NAME + ".md"));
    String over = markdown.substring(markdown.indexOf("## Over the data sets"));
    // -4 and +5 points: t(0.975; 1) = 12.7062, standard error 4.5.
    assertThat(over.lines().filter(l -> l.contains("≤ 2 %")).findFirst().orElseThrow())
        .contains("+0.50 ± 57.18", "-4.00, toy", "not shown");
    assertThat(over.lines().filter(l -> l.contains("≤ 0.5 %")).findFirst().orElseThrow())
        .contains("1 of 2", "not every data set has a method");
  }

  private static JsonNode data(String html) throws IOException {
    Matcher json =
        Pattern.compile("(?s)<script type=\"application/json\" id=\"data\">(.*?)</script>")
            .matcher(html);
    assertThat(json.find()).isTrue();
    return new ObjectMapper().readTree(json.group(1));
  }

  @Test
  void thePageHasTheNumbersOfTheRowsAndLoadsNothing() throws IOException {
    Path out = folder.resolve("out");
    Fronts.render(List.of(toy("toy")), out);
    String html = Files.readString(out.resolve(Fronts.NAME + ".html"));
    assertThat(html).doesNotContain("http", "src=", "href=", "@import", "url(", "/*data*/");
    JsonNode panel = data(html).get("panels").get(0);
    assertThat(panel.get("dataset").asText()).isEqualTo("toy");
    assertThat(panel.get("baseline").get("test").asDouble()).isCloseTo(0.91, within(1e-12));
    assertThat(panel.get("points")).hasSize(5);
    JsonNode point = panel.get("points").get(0);
    assertThat(point.get("label").asText()).isEqualTo("online-4 8 bit");
    assertThat(point.get("rank").asText()).isEqualTo("3");
    assertThat(point.get("table").asLong()).isEqualTo(20_000);
    assertThat(point.get("model").asLong()).isEqualTo(520_000);
    assertThat(point.get("test").asDouble()).isCloseTo(0.87, within(1e-12));
    assertThat(point.get("dev").asDouble()).isCloseTo(0.90, within(1e-12));
    // t(0.975; 1) = 12.7062, standard error 0.01.
    assertThat(point.get("half").asDouble()).isCloseTo(0.127062, within(1e-6));
    assertThat(point.get("loss").asDouble()).isCloseTo(-0.04, within(1e-12));
    assertThat(panel.get("fronts").get("table")).hasToString("[2,1,0,4]");
  }

  @Test
  void oneSeedHasNoInterval() throws IOException {
    toy("toy");
    List<Row> one =
        Row.read(folder.resolve("toy").resolve(Row.FILE)).stream()
            .filter(r -> r.seed() == 1)
            .toList();
    Row.write(folder.resolve("toy").resolve(Row.FILE), one);
    Path out = folder.resolve("out");
    assertThat(Fronts.render(List.of(folder.resolve("toy")), out).text()).contains("one seed only");
    JsonNode data = data(Files.readString(out.resolve(Fronts.NAME + ".html")));
    assertThat(data.get("panels").get(0).get("points").get(0).get("half").isNull()).isTrue();
  }

  @Test
  void hostileNamesStayText() throws Exception {
    method(HOSTILE, "baseline", Map.of(), 0.9, 0.9, TABLE);
    method(HOSTILE, HOSTILE, Map.of("bits", 1), 0.8, 0.8, 10_000);
    Path out = folder.resolve("out");
    Fronts.render(List.of(run("hostile")), out);
    String html = Files.readString(out.resolve(Fronts.NAME + ".html"));
    assertThat(html).doesNotContain("<img");
    assertThat(html.split("</script>", -1)).hasSize(3);
    JsonNode data = data(html);
    assertThat(data.get("families").get(0).get("series").get(0).get("name").asText())
        .isEqualTo(HOSTILE);
    assertThat(Files.readString(out.resolve(Fronts.NAME + ".md"))).doesNotContain("<img");
    try (Stream<Path> files = Files.list(out)) {
      Path svg = files.filter(f -> f.toString().endsWith(".svg")).findFirst().orElseThrow();
      assertThat(svg.getFileName().toString()).matches("[a-z0-9._-]+");
      org.w3c.dom.Document parsed =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(Files.readString(svg))));
      assertThat(parsed.getElementsByTagName("img").getLength()).isZero();
      assertThat(parsed.getElementsByTagName("rect").getLength()).isEqualTo(2);
    }
  }

  /** Whatever else differs, such as the bits of other weights; not what only some runs have. */
  @Test
  void methodsOfEqualBytesAndBitsAreComparedOverTheDataSets() throws IOException {
    List<Path> runs = new ArrayList<>();
    for (String set : List.of("a", "b")) {
      boolean a = set.equals("a");
      method(set, "baseline", Map.of(), 0.9, 0.9, TABLE);
      method(set, "whole", Map.of("bits", 4, "weight_bits", a ? 4 : 8), 0.8, a ? 0.89 : 0.87, 9000);
      method(set, "rounded", Map.of("bits", a ? 2 : 3), 0.8, 0.8, 10_000);
      runs.add(run(set));
    }
    Path out = folder.resolve("out");
    Fronts.render(runs, out);
    List<String> lines =
        Files.readString(out.resolve(Fronts.NAME + ".md"))
            .lines()
            .dropWhile(line -> !line.contains("Each method"))
            .filter(line -> line.contains("whole") || line.contains("rounded"))
            .toList();
    assertThat(lines).hasSize(1);
    // Both seeds of a set lose the same; of two sets, t(0.975; 1) = 12.7062, standard error 0.01.
    assertThat(lines.get(0)).contains("-1.00 ± 0.00", "-3.00 ± 0.00", "-2.00 ± 12.71", "not shown");
  }

  @Test
  void aTaughtMethodIsOfTheSameFamily() throws IOException {
    method("toy", "baseline", Map.of(), 0.9, 0.9, TABLE);
    method("toy", "online-4-taught", Map.of(), 0.8, 0.8, 9000);
    Panel panel = new Panel(Run.read(run("toy")));
    assertThat(panel.methods().stream().map(Panel::family)).containsExactly("online");
  }

  @Test
  void runsOfTheSameDataSetAndModelAreNamed() throws IOException {
    Path one = toy("toy");
    assertThatThrownBy(() -> Fronts.render(List.of(one, one), folder.resolve("out")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected one run for each data set and model")
        .hasMessageContaining("toy, DAN");
  }
}
