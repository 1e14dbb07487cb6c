package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.experiments.Lowrank;
import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.experiments.Terminal.Outcome;
import io.github.lowrank.experiments.Tiny;
import io.github.lowrank.experiments.catalogue.Experiments;
import io.github.lowrank.experiments.catalogue.Quickstart;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as a user meets it, on real data. One smoke run is shared and not changed. */
class CommandLineTest {
  @TempDir static Path common;
  private static Path smoke;
  private static Outcome smokeRun;

  @TempDir Path folder;

  @BeforeAll
  static void smoke() {
    smoke = common.resolve("smoke");
    smokeRun = run("quickstart", "--smoke", "--out", smoke.toString());
  }

  private static Outcome run(String... args) {
    return Terminal.run(Experiments.all(), args);
  }

  @Test
  void smokeTrainsComparesAndExports() throws IOException {
    assertThat(smokeRun.code()).as(smokeRun.err()).isZero();
    assertThat(smokeRun.out())
        .contains(
            "baseline",
            "offline 90 %",
            "fixed-point 8 bit",
            "online 90 %",
            "online 1 % kept 4 bit",
            "7 trials in");
    for (String file :
        List.of("trials.csv", "provenance.json", "report.md", "report.html", "figures")) {
      assertThat(smoke.resolve(file)).exists();
    }
    assertThat(Files.readString(smoke.resolve("provenance.json")))
        .contains("\"commit\"", "\"plan\"", "data.noun", "\"tensorflow\" : \"2.18");
    try (Stream<Path> files = Files.walk(smoke)) {
      assertThat(files.filter(f -> f.toString().endsWith(".part"))).isEmpty();
    }
  }

  @Test
  void predictsFromRawStrings() {
    InputStream standard = System.in;
    try {
      System.setIn(
          new ByteArrayInputStream(
              "a small furry animal of the forest\n\n".getBytes(StandardCharsets.UTF_8)));
      Outcome outcome = run("predict", smoke.resolve("models/online-90-seed1").toString());
      assertThat(outcome.code()).as(outcome.err()).isZero();
      assertThat(outcome.out().lines().toList())
          .hasSize(2)
          .element(0)
          .asString()
          .matches("\\w+\t[01]\\.\\d{4}\ta small furry animal of the forest");
    } finally {
      System.setIn(standard);
    }
  }

  @Test
  void twoProcessesFindWhatOneFinds() throws IOException {
    Path out = folder.resolve("jobs");
    Outcome outcome = run("quickstart", "--smoke", "--jobs", "2", "--out", out.toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(Tiny.rows(out)).hasSize(7);
    assertThat(Tiny.found(out)).isEqualTo(Tiny.found(smoke));
    assertThat(out.resolve("state/states")).doesNotExist();
  }

  /** With a search and several seeds. */
  @Test
  void twoProcessesSearchAndRepeatAsOneDoes() throws IOException {
    Path json = Files.writeString(folder.resolve("tiny.json"), tiny("tiny"));
    for (String jobs : List.of("1", "2")) {
      Outcome outcome =
          run("run", json.toString(), "--jobs", jobs, "--out", folder.resolve(jobs).toString());
      assertThat(outcome.code()).as(outcome.err()).isZero();
    }
    assertThat(Tiny.rows(folder.resolve("2"))).hasSize(6);
    assertThat(Tiny.found(folder.resolve("2"))).isEqualTo(Tiny.found(folder.resolve("1")));
  }

  @Test
  void showsAccuracyAgainstBytesOfRuns() throws IOException {
    Path out = common.resolve("fronts");
    Outcome outcome = run("fronts", smoke.toString(), "--out", out.toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("best on dev", "accuracy-against-bytes.html");
    assertThat(Files.readString(out.resolve("accuracy-against-bytes.html")))
        .contains("\"label\":\"offline 90 %\"", "\"label\":\"online 90 %\"")
        .doesNotContain("http");
    assertThat(run("fronts", smoke.toString()).code()).isEqualTo(2);
    String file = out.resolve("accuracy-against-bytes.md").toString();
    Outcome wrong = run("fronts", smoke.toString(), "--out", file);
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("expected a folder, found a file");
  }

  @Test
  void reportsAgainFromRows() throws IOException {
    Path copy = folder.resolve("copy");
    for (String file : List.of("trials.csv", "history.csv", "correct.csv", "provenance.json")) {
      AtomicFiles.copy(smoke.resolve(file), copy.resolve(file));
    }
    Outcome outcome = run("report", copy.toString());
    assertThat(outcome.code()).isZero();
    assertThat(outcome.out()).contains("online 90 %");
    assertThat(copy.resolve("report.md")).hasSameTextualContentAs(smoke.resolve("report.md"));
  }

  @Test
  void rerunsARowToTheSameFigures() {
    Outcome outcome = run("rerun", smoke.toString(), "online-90-seed1");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    List<String> lines = outcome.out().lines().toList();
    assertThat(lines).hasSize(6);
    assertThat(lines.subList(0, 5)).allSatisfy(line -> assertThat(line).endsWith("difference 0.0"));
    assertThat(lines.get(5)).matches("SavedModel files +equal");
    Outcome unknown = run("rerun", smoke.toString(), "no-such-trial");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("has no trial 'no-such-trial'", "baseline-seed1");
  }

  @Test
  void runsAreKeptUnlessAskedOtherwise() {
    String out = smoke.toString();
    Outcome again = run("run", "quickstart", "--out", out);
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("already holds a run", "--resume", "--replace");
    Outcome other = run("run", "quickstart", "--out", out, "--resume");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("of another configuration", "plan was ");
  }

  private String tiny(String name) throws IOException {
    return Json.pretty(Tiny.experiment(folder, name));
  }

  /** {@code quickstart} replaces a former quickstart without being asked, and nothing else. */
  @Test
  void quickstartDeletesNothingButAQuickstart() throws IOException {
    Experiment quickstart = Tiny.experiment(folder, "quickstart").withSeeds(1);
    List<Experiment> known = List.of(quickstart);
    Path out = folder.resolve("out");
    String[] command = {"quickstart", "--out", out.toString()};

    AtomicFiles.write(out.resolve("notes.txt"), "precious");
    AtomicFiles.write(out.resolve("models/online-90-seed1/mine"), "precious");
    String before = AtomicFiles.checksum(out);
    Outcome foreign = Terminal.run(known, command);
    assertThat(foreign.code()).isEqualTo(2);
    assertThat(foreign.err()).contains("is not empty and holds no run");
    assertThat(AtomicFiles.checksum(out)).isEqualTo(before);

    AtomicFiles.delete(out);
    Path json = Files.writeString(folder.resolve("other.json"), tiny("other"));
    Outcome other = run("run", json.toString(), "--seeds", "1", "--out", out.toString());
    assertThat(other.code()).as(other.err()).isZero();
    List<String> rows = Tiny.rows(out);
    Outcome refused = Terminal.run(known, command);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("holds a run of other, which a run of quickstart does not");
    assertThat(Tiny.rows(out)).isEqualTo(rows);

    AtomicFiles.delete(out);
    assertThat(Terminal.run(known, command).code()).isZero();
    rows = Tiny.rows(out);
    AtomicFiles.write(out.resolve("notes.txt"), "precious");
    Outcome again = Terminal.run(known, command);
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(Tiny.rows(out)).isEqualTo(rows);
    assertThat(out.resolve("notes.txt")).hasContent("precious");
  }

  @Test
  @Timeout(240)
  void killedRunResumesToTheSameRows() throws Exception {
    Path killed = folder.resolve("killed");
    Process process =
        Terminal.start(
            Lowrank.class,
            folder.resolve("log"),
            "quickstart",
            "--smoke",
            "--out",
            killed.toString());
    Path results = killed.resolve("state/trials");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!Files.exists(results) && process.isAlive() && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    process.destroyForcibly().waitFor();
    assertThat(results).exists();
    assertThat(killed.resolve("trials.csv")).doesNotExist();

    Outcome resumed = run("quickstart", "--smoke", "--resume", "--out", killed.toString());
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(Tiny.found(killed)).isEqualTo(Tiny.found(smoke));
  }

  /** An experiment of the catalogue is a class that runs. */
  @Test
  @Timeout(120)
  void aClassOfTheCatalogueRunsByItsMain() throws Exception {
    Path out = folder.resolve("main");
    Path log = folder.resolve("log");
    Process process =
        Terminal.start(
            Quickstart.class,
            log,
            "--set",
            "limit=500",
            "--set",
            "steps=40",
            "--set",
            "rates=1e-3",
            "--out",
            out.toString());
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
    assertThat(Row.read(out.resolve(Row.FILE)).stream().map(Row::trial))
        .containsExactly(
            "baseline-seed1",
            "offline-90-seed1",
            "fixed-point-8bit-seed1",
            "fixed-point-4bit-seed1",
            "fixed-point-2bit-seed1",
            "online-90-seed1",
            "online-1kept-4bit-seed1");
    assertThat(Files.readString(log)).contains("7 trials in");
    Process wrong = Terminal.start(Quickstart.class, log, "--seeds", "0");
    assertThat(wrong.waitFor()).isEqualTo(2);
    assertThat(Files.readString(log)).contains("--seeds: expected a number of at least 1, found 0");
  }

  @Test
  void helpHasExamplesOnEveryVerb() {
    assertThat(run("--help").out()).contains("Examples:", "lowrank quickstart");
    for (String verb :
        List.of(
            "quickstart",
            "run",
            "predict",
            "list",
            "datasets",
            "report",
            "rerun",
            "convert",
            "reproduce",
            "train",
            "evaluate",
            "inspect")) {
      Outcome outcome = run(verb, "--help");
      assertThat(outcome.code()).isZero();
      assertThat(outcome.out()).as(verb).containsPattern("Examples?:");
    }
  }

  @Test
  void theListHasALineForEachExperiment() {
    Outcome list = run("list");
    assertThat(list.code()).isZero();
    List<String> lines = list.out().lines().toList();
    assertThat(lines).hasSize(2 + Experiments.all().size() + 2); // a head and a foot
    assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(130));
    for (Experiment e : Experiments.all()) {
      assertThat(lines)
          .as(e.name())
          .filteredOn(line -> line.matches("\\W*" + e.name() + "\\s.*"))
          .hasSize(1);
    }
  }

  @Test
  void oneExperimentIsDescribedWithAllItsMethods() {
    for (Experiment e : Experiments.all()) {
      Outcome outcome = run("list", e.name());
      assertThat(outcome.code()).isZero();
      assertThat(outcome.out()).startsWith(e.name() + ": " + e.description());
      for (var method : e.methods()) {
        assertThat(outcome.out()).contains("\n  " + method.label() + " ");
      }
    }
    assertThat(run("list", "no-such-experiment").code()).isEqualTo(2);
    assertThat(run("list", "--json").code()).isEqualTo(2);
  }

  @Test
  void whatListPrintsAsJsonIsTheExperiment() throws IOException {
    for (Experiment e : Experiments.all()) {
      Outcome json = run("list", e.name(), "--json");
      assertThat(json.code()).isZero();
      assertThat(Json.parse(json.out(), e.name(), Experiment.class)).isEqualTo(e);
    }
  }

  @Test
  void anExperimentThatNoCodeKnowsRunsFromJson() throws IOException {
    // As a user makes one: printed, edited, listed, run.
    Path file =
        Files.writeString(
            folder.resolve("mine.json"),
            run("list", "quickstart", "--json")
                .out()
                .replace("\"name\" : \"quickstart\"", "\"name\" : \"mine\"")
                .replaceFirst("\"vectors\" : \"[^\"]*\"", "\"vectors\" : \"none\"")
                .replace("\"steps\" : 8000", "\"steps\" : 30")
                .replaceFirst("\"limit\" : 0", "\"limit\" : 300")
                .replaceFirst("\"rates\" : \\[ ?0.001, 0.003 ?]", "\"rates\" : [ 0.002 ]"));
    Outcome listed = run("list", file.toString());
    assertThat(listed.code()).as(listed.err()).isZero();
    assertThat(listed.out()).startsWith("mine: ").contains("30 steps of 50 texts", "rates [0.002]");
    Path out = folder.resolve("out");
    Outcome ran = run("run", file.toString(), "--out", out.toString());
    assertThat(ran.code()).as(ran.err()).isZero();
    List<Row> rows = Row.read(out.resolve(Row.FILE));
    assertThat(rows).hasSize(7).allSatisfy(r -> assertThat(r.id().experiment()).isEqualTo("mine"));
    assertThat(rows.get(0).training().steps()).isEqualTo(30);
    // A row reruns from the run's own record.
    Outcome again = run("rerun", out.toString(), "online-90-seed1");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.out().lines().limit(5))
        .allSatisfy(line -> assertThat(line).endsWith("difference 0.0"));

    Files.writeString(file, Files.readString(file).replace("\"methods\"", "\"method\""));
    Outcome wrong = run("run", file.toString(), "--out", folder.resolve("wrong").toString());
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err())
        .startsWith("lowrank: " + file + ", line ")
        .contains("methods")
        .hasLineCount(1);
    assertThat(folder.resolve("wrong")).doesNotExist();
    assertThat(run("run", folder.resolve("none.json").toString()).err())
        .contains("none.json does not exist: expected a JSON file");
  }

  @Test
  void listsAndVerifiesData() {
    Outcome data = run("datasets", "list");
    assertThat(data.code()).isZero();
    assertThat(data.out()).contains("wordnet-glosses", "here", "sha256", "licence");
    Outcome verified = run("datasets", "verify", "wordnet-glosses");
    assertThat(verified.code()).isZero();
    assertThat(verified.out()).contains("wordnet-glosses: ok, ", "26 classes");
  }

  @Test
  void missingDataFailsWithOneLine() {
    Outcome outcome =
        run(
            "run",
            "sst2-dan",
            "--data",
            folder.toString(),
            "--out",
            folder.resolve("none").toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err().lines()).hasSize(1);
    assertThat(outcome.err()).contains("stsa.binary.train does not exist", "--data");
    assertThat(folder.resolve("none")).doesNotExist();
    assertThat(run("datasets", "verify", "sst2", "--data", folder.toString()).code()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "run",
        "run no-such-experiment",
        "run quickstart --seeds 0",
        "run quickstart --seeds x",
        "run quickstart --jobs 0",
        "reproduce --jobs 0",
        "run quickstart --set removed=1.5",
        "run quickstart --set nothing=1",
        "run quickstart --resume --replace",
        "run quickstart --data no-such-folder",
        "run quickstart --device tpu",
        "datasets",
        "datasets verify no-such-set",
        "predict"
      })
  void badUsageIsExitCode2(String line) {
    Outcome outcome = run(line.isEmpty() ? new String[0] : line.split(" "));
    assertThat(outcome.code()).as(line).isEqualTo(2);
    assertThat(outcome.err()).isNotBlank().doesNotContain("\tat ");
    assertThat(outcome.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "run quickstart --seeds x | Invalid value for option '--seeds': 'x' is not an int | lowrank run",
        "train --train a.csv | Missing required option: '--out=DIR' | lowrank train",
        "predict m --top | Unknown option: '--top' (similar: --top-k) | lowrank predict",
        "trian | Unmatched argument at index 0: 'trian' (similar: train, factorize) | lowrank"
      })
  void badUsageIsTwoLines(String line, String message, String command) {
    Outcome outcome = run(line.split(" "));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err().lines())
        .containsExactly("lowrank: " + message, "See " + command + " --help");
  }

  @Test
  void failuresAreExitCode1WithOneLine() throws IOException {
    String nowhere = folder.resolve("nowhere.lrk").toString();
    for (String command :
        List.of("predict ", "evaluate --test x ", "inspect ", "export --format onnx --out y ")) {
      Outcome model = run((command + nowhere).split(" "));
      assertThat(model.code()).isEqualTo(1);
      assertThat(model.err())
          .contains("nowhere.lrk does not exist: expected the folder of a SavedModel")
          .hasLineCount(1);
    }
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThat(run("inspect", file.toString()).err())
        .contains("file is no folder: expected the folder of a SavedModel")
        .hasLineCount(1);
    Path empty = Files.createDirectories(folder.resolve("empty"));
    Outcome report = run("report", empty.toString());
    assertThat(report.code()).isEqualTo(1);
    assertThat(report.err()).contains("trials.csv does not exist").hasLineCount(1);
    Outcome gpu =
        run("run", "quickstart", "--device", "gpu", "--out", folder.resolve("g").toString());
    assertThat(gpu.code()).isEqualTo(1);
    assertThat(gpu.err()).contains("no GPU found: looked for").hasLineCount(1);
  }
}
