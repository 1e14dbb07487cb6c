package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.experiments.Lowrank;
import io.github.lowrank.experiments.catalogue.Experiments;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as a user meets it, on real data. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CommandLineTest {
  @TempDir static Path folder;

  private record Outcome(int code, String out, String err) {}

  private static Outcome run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new Cli(Experiments.all())
            .execute(new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new Outcome(code, out.toString(), err.toString());
  }

  private static String accuracies(Path run) throws IOException {
    // All columns but times, which stand under names that say so.
    List<String> lines = Files.readAllLines(run.resolve("trials.csv"));
    List<String> header = List.of(lines.get(0).split(","));
    StringBuilder kept = new StringBuilder();
    for (String line : lines) {
      String[] cells = line.split(",");
      for (int i = 0; i < cells.length; i++) {
        if (!header.get(i).contains("seconds") && !header.get(i).contains("latency")) {
          kept.append(cells[i]).append(' ');
        }
      }
      kept.append('\n');
    }
    return kept.toString();
  }

  @Test
  @Order(1)
  void smokeTrainsComparesAndExports() throws IOException {
    Path out = folder.resolve("smoke");
    Outcome outcome = run("quickstart", "--smoke", "--out", out.toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .contains("baseline", "offline 90 %", "fixed-point 8 bit", "online 90 %", "6 trials in");
    for (String file :
        List.of("trials.csv", "provenance.json", "report.md", "report.html", "figures")) {
      assertThat(out.resolve(file)).exists();
    }
    assertThat(Files.readString(out.resolve("provenance.json")))
        .contains("\"commit\"", "\"plan\"", "data.noun", "\"tensorflow\" : \"2.18");
    try (Stream<Path> files = Files.walk(out)) {
      assertThat(files.filter(f -> f.toString().endsWith(".part"))).isEmpty();
    }
  }

  @Test
  @Order(2)
  void predictsFromRawStrings() {
    InputStream standard = System.in;
    try {
      System.setIn(
          new ByteArrayInputStream(
              "a small furry animal of the forest\n\n".getBytes(StandardCharsets.UTF_8)));
      Outcome outcome = run("predict", folder.resolve("smoke/models/online-90-seed1").toString());
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

  private static List<String> rowsWithoutTimes(Path run) throws IOException {
    List<String> header = List.of(Files.readAllLines(run.resolve("trials.csv")).get(0).split(","));
    return Files.readAllLines(run.resolve("trials.csv")).stream()
        .map(
            line -> {
              String[] cells = line.split(",");
              StringBuilder kept = new StringBuilder();
              for (int i = 0; i < cells.length; i++) {
                String column = header.get(i);
                if (!column.startsWith("latency") && !column.equals("train_seconds")) {
                  kept.append(cells[i]).append(',');
                }
              }
              return kept.toString();
            })
        .toList();
  }

  @Test
  @Order(2)
  void workersFindWhatOneProcessFinds() throws IOException {
    for (String jobs : List.of("1", "2")) {
      Outcome outcome =
          run(
              "run",
              "quickstart",
              "--set",
              "limit=1000",
              "--set",
              "steps=60",
              "--set",
              "rates=1e-3,3e-3",
              "--seeds",
              "2",
              "--jobs",
              jobs,
              "--out",
              folder.resolve("jobs" + jobs).toString());
      assertThat(outcome.code()).as(outcome.err()).isZero();
    }
    assertThat(rowsWithoutTimes(folder.resolve("jobs2")))
        .hasSize(13)
        .isEqualTo(rowsWithoutTimes(folder.resolve("jobs1")));
    assertThat(folder.resolve("jobs2/history.csv"))
        .hasSameTextualContentAs(folder.resolve("jobs1/history.csv"));
    assertThat(folder.resolve("jobs2/state/claims")).doesNotExist();
    assertThat(folder.resolve("jobs2/state/stages")).doesNotExist();
  }

  @Test
  @Order(3)
  void reportsAgainFromRows() {
    Outcome outcome = run("report", folder.resolve("smoke").toString());
    assertThat(outcome.code()).isZero();
    assertThat(outcome.out()).contains("online 90 %");
  }

  @Test
  @Order(3)
  void rerunsARowToTheSameFigures() {
    Outcome outcome = run("rerun", folder.resolve("smoke").toString(), "online-90-seed1");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out().lines().toList())
        .hasSize(5)
        .allSatisfy(line -> assertThat(line).endsWith("difference 0.0"));
    Outcome unknown = run("rerun", folder.resolve("smoke").toString(), "no-such-trial");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("has no trial 'no-such-trial'", "baseline-seed1");
  }

  @Test
  @Order(4)
  void runsAreKeptUnlessAskedOtherwise() {
    String out = folder.resolve("smoke").toString();
    Outcome again = run("run", "quickstart", "--out", out);
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("already holds a run", "--resume", "--replace");
    Outcome other = run("run", "quickstart", "--out", out, "--resume");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("of another configuration", "plan was ");
    Outcome foreign = run("quickstart", "--smoke", "--out", folder.toString());
    assertThat(foreign.code()).isEqualTo(2);
    assertThat(foreign.err()).contains("is not empty and holds no run");
  }

  @Test
  @Order(5)
  void killedRunResumesToTheSameRows() throws Exception {
    Path killed = folder.resolve("killed");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-cp",
                System.getProperty("java.class.path"),
                Lowrank.class.getName(),
                "quickstart",
                "--smoke",
                "--out",
                killed.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("killed.log").toFile())
            .start();
    Path firstResult = killed.resolve("state/trials/baseline-seed1.json");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!Files.exists(firstResult) && process.isAlive() && System.nanoTime() < end) {
      Thread.sleep(20);
    }
    process.destroyForcibly().waitFor();
    assertThat(firstResult).exists();
    assertThat(killed.resolve("trials.csv")).doesNotExist();

    Outcome resumed = run("quickstart", "--smoke", "--resume", "--out", killed.toString());
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(accuracies(killed)).isEqualTo(accuracies(folder.resolve("smoke")));
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
  void listsExperimentsAndData() {
    assertThat(run("list").out()).contains("quickstart", "sst2-dan", "online-90");
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
  }

  @Test
  void failuresAreExitCode1WithOneLine() throws IOException {
    Outcome model = run("predict", folder.resolve("nowhere").toString());
    assertThat(model.code()).isEqualTo(1);
    assertThat(model.err()).contains("nowhere is not a SavedModel").hasLineCount(1);
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
