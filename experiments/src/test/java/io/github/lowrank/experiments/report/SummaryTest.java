package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.experiments.record.Bits;
import io.github.lowrank.experiments.record.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryTest {
  @TempDir Path folder;

  private static Row row(String method, int seed, double test, long bytes) {
    boolean online = method.equals("online");
    return new Row(
        new Row.Id(method + "-seed" + seed, "e", "d", "dan", seed),
        new Row.Compression(method, online ? 0.9 : 0, online ? 29 : 0, 32, 0.3),
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
      rows.add(row("baseline", i + 1, baseline[i], 4_000_000));
      rows.add(row("online", i + 1, online[i], 400_000));
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
  void mcNemarIsTheExactBinomialTest() {
    BitSet first = BitSet.valueOf(new long[] {0b1111_1111_0001L});
    BitSet second = BitSet.valueOf(new long[] {0b0000_0000_0011L});
    Significance.McNemar m = Significance.McNemar.of(List.of(first), List.of(second));
    assertThat(m.onlyFirst()).isEqualTo(8);
    assertThat(m.onlySecond()).isEqualTo(1);
    // By hand: 2 (C(9,0) + C(9,1)) / 2^9 = 20 / 512.
    assertThat(m.p()).isCloseTo(20 / 512.0, within(1e-12));
    assertThat(Significance.McNemar.of(List.of(first), List.of(first)).p()).isEqualTo(1);
  }

  @Test
  void holmByHand() {
    Map<String, Double> adjusted =
        Significance.holm(Map.of("a", 0.01, "b", 0.04, "c", 0.03, "d", 0.005));
    assertThat(adjusted.get("d")).isCloseTo(0.02, within(1e-12));
    assertThat(adjusted.get("a")).isCloseTo(0.03, within(1e-12));
    assertThat(adjusted.get("c")).isCloseTo(0.06, within(1e-12));
    assertThat(adjusted.get("b")).isCloseTo(0.06, within(1e-12));
  }

  @Test
  void verdictsNeedBothTests() {
    assertThat(Significance.verdict(new Summary.Interval(-0.02, 0.01), 0.01)).isEqualTo("worse");
    assertThat(Significance.verdict(new Summary.Interval(0.02, 0.01), 0.01)).isEqualTo("better");
    assertThat(Significance.verdict(new Summary.Interval(-0.02, 0.03), 0.01))
        .isEqualTo("no difference shown");
    assertThat(Significance.verdict(new Summary.Interval(-0.02, 0.01), 0.2))
        .isEqualTo("no difference shown");
    assertThat(Significance.verdict(new Summary.Interval(0.1, Double.NaN), 0.0))
        .isEqualTo("one seed only");
  }

  @Test
  void answersSurviveTheirHexadecimalForm() {
    BitSet right = Bits.parse(Bits.of(new int[] {1, 0, 2, 2, 0, 0, 0, 0, 1}, new int[9]));
    assertThat(right.stream()).containsExactly(1, 4, 5, 6, 7);
    assertThat(Bits.parse(Bits.of(new int[] {1}, new int[1])).isEmpty()).isTrue();
  }

  @Test
  void claimsAreJudgedByIntervals() throws IOException {
    java.nio.file.Files.createDirectories(folder.resolve("r"));
    Row.write(folder.resolve("r/trials.csv"), rows());
    String table = Comparisons.render(folder).text();
    // -0.67 +- 1.43 reaches both sides of -1 point; latencies are equal.
    assertThat(table.replaceAll(" +", " "))
        .contains("under 1 point lost r 3 -0.67 ± 1.43 not shown")
        .contains("no added latency, batch 1 r 3 1.00 ± 0.00 of baseline's not shown");
    assertThat(Claims.verdict(new Summary.Interval(-0.002, 0.005), -0.01)).isEqualTo("holds");
    assertThat(Claims.verdict(new Summary.Interval(-0.02, 0.005), -0.01))
        .isEqualTo("does not hold");
    assertThat(folder.resolve("claims.json")).exists();
  }

  @Test
  void rowsSurviveTheFile() throws IOException {
    Path file = folder.resolve("trials.csv");
    Row.write(file, rows());
    assertThat(Row.read(file)).isEqualTo(rows());
    assertThat(Files.readAllLines(file).get(0))
        .contains("experiment,dataset,model,method,removed,rank,bits,seed,dev_accuracy");
  }

  @Test
  void badRowsAreNamed() throws IOException {
    Path file = folder.resolve("trials.csv");
    assertThatThrownBy(() -> Row.read(file)).hasMessageContaining("does not exist");
    Files.writeString(file, "a,b\n1,2\n");
    assertThatThrownBy(() -> Row.read(file))
        .hasMessageContaining("line 1: expected a column trial, found [a, b]");
    Row.write(file, rows());
    Files.writeString(file, Files.readString(file).replaceFirst("0\\.82", "x"));
    assertThatThrownBy(() -> Row.read(file))
        .hasMessageContaining("trials.csv, line ")
        .hasMessageContaining("\"x\"");
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
                        "online 90 % 90.0 % rank 29 80.33 ± 3.79 80.33 ± 3.79 -0.67 ± 1.43 one seed only"));
    String html = Files.readString(folder.resolve("report.html"));
    assertThat(html).contains("<svg").doesNotContain("src=\"http").doesNotContain("<script");
    String markdown = Files.readString(folder.resolve("report.md"));
    assertThat(markdown).contains("| online 90 %").contains("figures/accuracy-bytes.svg");
    assertThat(folder.resolve("figures/accuracy-bytes.svg")).exists();
    Report.render(folder);
    assertThat(Files.readString(folder.resolve("report.md"))).isEqualTo(markdown);
  }
}
