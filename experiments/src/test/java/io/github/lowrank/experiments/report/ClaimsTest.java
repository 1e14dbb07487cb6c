package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lowrank.experiments.record.Bits;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimsTest {
  private static final int TEXTS = 40;

  @TempDir Path folder;

  /** A run of three seeds in which each method has some of the texts right. */
  private final class Rows {
    private final String name;
    private final List<Row> rows = new ArrayList<>();
    private final Map<String, String> correct = new LinkedHashMap<>();

    Rows(String name) {
      this.name = name;
    }

    /** Adds a method that is wrong on {@code wrong} of the texts, and on one more with seed 2. */
    Rows add(String method, Map<String, Object> parameters, int wrong, double dev, long bytes) {
      for (int seed = 1; seed <= 3; seed++) {
        BitSet right = new BitSet();
        right.set(wrong + (seed == 2 ? 1 : 0), TEXTS);
        String trial = method + parameters + seed;
        double accuracy = right.cardinality() / (double) TEXTS;
        double latency = method.equals("online") ? 8 + seed / 10.0 : 10;
        Row.Quantiles time = new Row.Quantiles(latency, latency, latency);
        rows.add(
            new Row(
                new Row.Id(trial, name, name.split("-")[1], "dan", seed),
                method,
                method + parameters,
                parameters,
                new Row.Training(1e-3, 100, 1, 40),
                new Row.Scores(dev, accuracy, accuracy),
                new Row.Size(bytes / 4, bytes, bytes, 10),
                new Row.LatencyQuantiles(
                    time, time, seed == 3 ? Row.LatencyQuantiles.NONE.batch1() : time)));
        correct.put(trial, Bits.of(right, TEXTS));
      }
      return this;
    }

    void write() throws IOException {
      Path run = Files.createDirectories(folder.resolve(name));
      Row.write(run.resolve(Row.FILE), rows);
      Bits.write(run, correct);
    }
  }

  private Claim claim(String id) throws IOException {
    Comparisons.render(folder);
    return Claim.read(folder).stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
  }

  @Test
  void aRivalIsInterpolatedAtEqualBytes() throws IOException {
    new Rows("claims-toy-dan")
        .add("baseline", Map.of(), 0, 0.9, 3200)
        .add("online", Map.of("removed", 0.9), 2, 0.9, 200)
        .add("online", Map.of("removed", 0.99), 10, 0.9, 20)
        .add("fixed-point", Map.of("bits", 1), 18, 0.9, 100)
        .add("fixed-point", Map.of("bits", 4), 6, 0.9, 400)
        .write();
    List<Cell> cells = claim("2").cells();
    // Halfway in log bytes: 12 texts wrong; nothing is known of the rival at 20 bytes.
    assertThat(cells).hasSize(1);
    Cell cell = cells.get(0);
    assertThat(cell.rival()).isEqualTo("fixed-point");
    assertThat(cell.effect()).isCloseTo(10 / 40.0, within(1e-12));
    assertThat(cell.bytesRatio()).isCloseTo(1, within(1e-12));
    assertThat(cell.seeds()).isEqualTo(3);
    assertThat(cell.texts()).isEqualTo(TEXTS);
    assertThat(cell.carries()).isTrue();
  }

  /** Where all weights are counted, the rival of as many bytes is another, without a verdict. */
  @Test
  void equalBytesOfAllWeightsStandBesideThoseOfTheTable() throws IOException {
    new Rows("claims-toy-dan")
        .add("baseline", Map.of("weight_bytes", 3300), 0, 0.9, 3200)
        .add("online", Map.of("removed", 0.9, "weight_bytes", 200), 2, 0.9, 200)
        .add("fixed-point", Map.of("bits", 1, "weight_bytes", 200), 18, 0.9, 100)
        .add("fixed-point", Map.of("bits", 4, "weight_bytes", 500), 6, 0.9, 400)
        .write();
    List<Cell> cells = claim("2").cells();
    assertThat(cells.stream().map(Cell::rival))
        .containsExactly("fixed-point", "fixed-point, all weights");
    assertThat(cells.stream().map(Cell::carries)).containsExactly(true, false);
    assertThat(cells.get(0).effect()).isCloseTo(10 / 40.0, within(1e-12));
    assertThat(cells.get(1).effect()).isCloseTo(16 / 40.0, within(1e-12));
  }

  @Test
  void curvesSayNothingOutsideOfTheirRange() throws IOException {
    new Rows("claims-toy-dan")
        .add("fixed-point", Map.of("bits", 4), 6, 0.9, 400)
        .add("fixed-point", Map.of("bits", 1), 18, 0.9, 100)
        .write();
    Curve curve =
        Curve.of(
            Run.read(folder.resolve("claims-toy-dan")).summaries(), "fixed-point", Panel.TABLE);
    assertThat(curve.at(97)).isEmpty();
    assertThat(curve.at(412.5)).isEmpty();
    // Nearly the same bytes are the same.
    assertThat(curve.at(98)).isEqualTo(Map.of(curve.sizes().get(0), 1.0));
    assertThat(curve.at(411)).isEqualTo(Map.of(curve.sizes().get(1), 1.0));
    assertThat(curve.bytes(curve.at(400))).isCloseTo(400, within(1e-9));
    assertThat(curve.bytes(curve.at(150))).isCloseTo(150, within(1e-9));
    assertThat(curve.at(100 * Math.pow(4, 0.25)).values())
        .anySatisfy(share -> assertThat(share).isCloseTo(0.25, within(1e-12)))
        .anySatisfy(share -> assertThat(share).isCloseTo(0.75, within(1e-12)));
  }

  @Test
  void bothSidesOfTheSchedulesAreChosenOnDev() throws IOException {
    new Rows("schedules-toy-dan-one")
        .add("adam-calr", scheduled("adam", "calr"), 9, 0.8, 10)
        .add("adam-calr-root", scheduled("adam", "calr-root"), 8, 0.9, 10)
        .add("adam-constant", scheduled("adam", "constant"), 1, 0.7, 10)
        .add("adam-one-cycle", scheduled("adam", "one-cycle"), 4, 0.8, 10)
        .add("sgd-calr", scheduled("sgd", "calr"), 8, 0.9, 10)
        .write();
    List<Cell> cells = claim("4").cells();
    assertThat(cells).hasSize(1);
    assertThat(cells.get(0).method()).startsWith("adam-calr-root");
    assertThat(cells.get(0).rival()).startsWith("adam-one-cycle");
    assertThat(cells.get(0).effect()).isCloseTo(-4 / 40.0, within(1e-12));
  }

  @Test
  void ofSchedulesThatAreEqualOnDevTheFirstCounts() throws IOException {
    Rows rows =
        new Rows("schedules-toy-dan-one")
            .add("adam-calr", scheduled("adam", "calr"), 9, 680 / 700.0, 10)
            .add("adam-calr-root", scheduled("adam", "calr-root"), 8, 0, 10)
            .add("adam-constant", scheduled("adam", "constant"), 1, 0.7, 10);
    // As many right answers, 677, 680 and 683, whose mean is larger in the last bit.
    rows.rows.replaceAll(
        r ->
            r.method().equals("adam-calr-root")
                ? new Row(
                    r.id(),
                    r.method(),
                    r.label(),
                    r.parameters(),
                    r.training(),
                    new Row.Scores(
                        (674 + 3 * r.seed()) / 700.0, r.testAccuracy(), r.testAccuracy()),
                    r.size(),
                    r.latency())
                : r);
    rows.write();
    assertThat(claim("4").cells())
        .singleElement()
        .satisfies(c -> assertThat(c.method()).startsWith("adam-calr{"));
  }

  private static Map<String, Object> scheduled(String optimizer, String schedule) {
    return Map.of("optimizer", optimizer, "schedule", schedule);
  }

  @Test
  void retrainingIsJudgedByFactorizedModels() throws IOException {
    new Rows("retraining-toy-dan-one")
        .add("baseline-then-calr", scheduled("adam", "calr"), 0, 0.99, 10)
        .add("online-then-calr", removed("calr"), 8, 0.9, 10)
        .add("online-then-constant", removed("constant"), 4, 0.9, 10)
        .write();
    assertThat(claim("4").cells())
        .singleElement()
        .satisfies(c -> assertThat(c.effect()).isCloseTo(-4 / 40.0, within(1e-12)));
  }

  private static Map<String, Object> removed(String schedule) {
    Map<String, Object> parameters = new LinkedHashMap<>(scheduled("adam", schedule));
    parameters.put("removed", 0.9);
    return parameters;
  }

  @Test
  void latencyIsJudgedByTheSeedsThatWereMeasured() throws IOException {
    new Rows("claims-toy-dan")
        .add("baseline", Map.of(), 0, 0.9, 3200)
        .add("online", Map.of("removed", 0.9), 2, 0.9, 200)
        .add("fixed-point", Map.of("bits", 8), 0, 0.9, 800)
        .write();
    List<Cell> cells = claim("3").cells();
    assertThat(cells).hasSize(6);
    // 1 - 8.1 / 10, 1 - 8.2 / 10, 1 - 8.3 / 10
    assertThat(cells.get(0).effect()).isCloseTo(0.18, within(1e-12));
    assertThat(cells.get(0).verdict()).isEqualTo(Cell.HOLDS);
    assertThat(cells.get(2).rival()).endsWith("batch 64");
    assertThat(cells.get(2).seeds()).isEqualTo(2);
    assertThat(cells).filteredOn(Cell::carries).hasSize(3);
  }

  @Test
  void runsOfClaimsCountAndNoOthers() throws IOException {
    for (String name : List.of("grid-toy-dan", "claims-toy-dan", "claims-other-dan")) {
      new Rows(name)
          .add("baseline", Map.of(), 0, 0.9, 3200)
          .add("online", Map.of("removed", 0.9), 0, 0.9, 200)
          .write();
    }
    Claim claim = claim("1");
    assertThat(claim.cells().stream().map(Cell::run))
        .containsExactly("claims-other-dan", "claims-toy-dan");
    assertThat(claim.cells()).allMatch(c -> c.verdict().equals(Cell.HOLDS));
    assertThat(claim.overall().datasets()).isEqualTo(2);
    assertThat(claim.kind()).isEqualTo(Claim.Kind.NON_INFERIORITY);
  }

  @Test
  void aClaimIsJudgedByItsHardestRival() throws IOException {
    for (String name : List.of("claims-a-dan", "claims-b-dan", "claims-c-dan")) {
      new Rows(name)
          .add("baseline", Map.of(), 0, 0.9, 3200)
          .add("online", Map.of("removed", 0.9), 2, 0.9, 200)
          .add("offline", Map.of("removed", 0.9), 30, 0.9, 200)
          .add("rounded", Map.of("bits", 2), name.contains("-a-") ? 4 : 3, 0.9, 200)
          .write();
    }
    Overall overall = claim("2").overall();
    assertThat(overall.effect()).isCloseTo(4 / 3.0 / 40, within(1e-12));
    // scipy.stats.ttest_1samp([.05, .025, .025], 0)
    assertThat(overall.p()).isCloseTo(0.05719095841793663, within(1e-9));
    assertThat(overall.verdict()).isEqualTo(Cell.NOT_SHOWN);
  }

  @Test
  void foldsAreTheUnitsWhereSeedsHaveTheirOwnSplit() throws IOException {
    Path run = Files.createDirectories(folder.resolve("claims-toy-folds-dan"));
    List<Row> rows = new ArrayList<>();
    Map<String, String> correct = new LinkedHashMap<>();
    int[][] right = {{8, 7}, {9, 10}, {10, 9}, {6, 7}, {9, 8}, {9, 8}};
    for (int i = 0; i < 6; i++) {
      for (int m = 0; m < 2; m++) {
        int texts = 10 + i % 3;
        BitSet set = new BitSet();
        set.set(0, right[i][m]);
        String method = m == 0 ? "baseline" : "online";
        Row.Quantiles none = Row.LatencyQuantiles.NONE.batch1();
        double accuracy = right[i][m] / (double) texts;
        rows.add(
            new Row(
                new Row.Id(method + i, "e", "toy-folds", "dan", i + 1),
                method,
                null,
                m == 0 ? Map.of() : Map.of("removed", 0.9),
                new Row.Training(1e-3, 100, 1, 40),
                new Row.Scores(0.9, accuracy, accuracy),
                new Row.Size(10, 10, 10, 10),
                new Row.LatencyQuantiles(none, none, none)));
        correct.put(method + i, Bits.of(set, texts));
      }
    }
    Row.write(run.resolve(Row.FILE), rows);
    Bits.write(run, correct);
    assertThatThrownBy(() -> Run.read(run))
        .hasMessageContaining("expected answers to the same number of texts, found 10 and 11");
    JsonNode folds = Json.mapper().readTree("{\"experiment\": {\"dataset\": {\"folds\": 3}}}");
    Files.writeString(run.resolve("provenance.json"), folds.toString());
    Run read = Run.read(run);
    Effect effect = read.gain(read.summaries().get(1), read.baseline());
    // Folds: (-1/10 + 1/10) / 2, (1/11 - 1/11) / 2, (-1/12 - 1/12) / 2.
    assertThat(effect.mean()).isCloseTo(-1 / 36.0, within(1e-12));
    assertThat(effect.few()).isEqualTo(2);
    assertThat(effect.error()).isCloseTo(1 / 36.0, within(1e-12));
    assertThat(read.texts()).isEqualTo(33);
  }

  @Test
  void bestRatesAtTheEdgeAreTold() throws IOException {
    new Rows("claims-toy-dan").add("baseline", Map.of(), 0, 0.9, 3200).write();
    Path run = folder.resolve("claims-toy-dan");
    Files.writeString(
        run.resolve("provenance.json"),
        """
        {"search": {
          "a": {"best": 0.01, "devAccuracy": {"0.003": 0.8, "0.01": 0.9}},
          "b": {"best": 0.003, "later": "calr", "devAccuracy":
            {"0.001 calr": 0.8, "0.003 calr": 0.9, "0.003 constant": 0.8, "0.01 calr": 0.8}},
          "c": {"best": 0.003, "later": "calr", "devAccuracy":
            {"0.003 calr": 0.9, "0.003 constant": 0.8, "0.01 calr": 0.8}},
          "d": {"best": 0.01, "devAccuracy": {"0.01": 0.9}}}}
        """);
    assertThat(Run.read(run).edges()).containsExactly("a", "c");
    Comparisons.render(folder);
    assertThat(Files.readString(folder.resolve("comparisons.md")))
        .contains("claims-toy-dan 2 of 4 (a, c)");
  }

  @Test
  void methodsWithoutACommonSeedAreNotCompared() throws IOException {
    Rows rows =
        new Rows("claims-toy-dan")
            .add("baseline", Map.of(), 0, 0.9, 3200)
            .add("online", Map.of("removed", 0.9), 2, 0.9, 200);
    rows.rows.removeIf(r -> r.method().equals("online") == (r.seed() == 1));
    rows.write();
    Run run = Run.read(folder.resolve("claims-toy-dan"));
    assertThat(run.gain(run.summaries().get(1), run.baseline()).mean()).isNaN();
  }

  @Test
  void answersOfATrialMayNotBeMissing() throws IOException {
    Rows rows = new Rows("claims-toy-dan").add("baseline", Map.of(), 0, 0.9, 3200);
    rows.correct.remove("baseline{}2");
    rows.write();
    assertThatThrownBy(() -> Run.read(folder.resolve("claims-toy-dan")))
        .hasMessageContaining("correct.csv: expected the answers of trial baseline{}2 of ")
        .hasMessageEndingWith("trials.csv, found none");
  }
}
