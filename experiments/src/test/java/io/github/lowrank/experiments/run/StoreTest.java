package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.experiments.Lowrank;
import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.experiments.Tiny;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.State;
import io.github.lowrank.experiments.spec.TrialSpec;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.FolderLock;
import io.github.lowrank.io.Json;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.train.Checkpointing;
import io.github.lowrank.train.Classification;
import io.github.lowrank.train.TrainingConfig;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is damaged, half there or somebody else's; a run that was never touched says what is due.
 */
class StoreTest {
  @TempDir static Path common;
  private static Experiment experiment;
  private static DataRoot root;

  /** Finished. */
  private static Path whole;

  /** Stopped when all trials were done, before the rows were written. */
  private static Path stopped;

  private static Map<String, Object> due;

  @TempDir Path folder;
  private Path run;

  @BeforeAll
  static void runs() throws IOException {
    experiment = Tiny.experiment(common, "tiny");
    root = new DataRoot(common);
    whole = common.resolve("whole");
    new ExperimentRun(experiment, root, whole).run();
    due = Tiny.found(whole);
    stopped = common.resolve("stopped");
    Executor stopping =
        (tasks, context) -> {
          Executor.here().run(tasks, context);
          if (!tasks.get(0).search()) {
            throw new IOException("stopped");
          }
        };
    assertThatThrownBy(() -> new ExperimentRun(experiment, root, stopped).executor(stopping).run())
        .hasMessage("stopped");
  }

  @BeforeEach
  void name() {
    run = folder.resolve("run");
  }

  private List<String> resume() throws IOException {
    List<String> warnings = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void warn(String line) {
            warnings.add(line);
          }
        };
    new ExperimentRun(experiment, root, run)
        .existing(Store.Existing.RESUME)
        .listener(listener)
        .run();
    return warnings;
  }

  private static void damage(Path file, boolean truncate) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (truncate) {
      Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    } else {
      bytes[2 * bytes.length / 3] ^= 1;
      Files.write(file, bytes);
    }
  }

  private void assertNamedAndMended(List<String> warnings, Path damaged) throws IOException {
    Path aside = run.resolve("state/damaged").resolve(run.relativize(damaged).toString());
    assertThat(warnings)
        .singleElement()
        .asString()
        .startsWith(damaged + " is damaged")
        .endsWith("; set aside as " + aside + ", computing it again")
        .doesNotContain("\n");
    assertThat(aside).exists();
    assertThat(Tiny.found(run)).isEqualTo(due);
  }

  private static TrialSpec trial(String name) {
    // Both rates were searched; the trials are at the better one.
    return Stream.of(1e-3, 3e-3)
        .flatMap(
            rate ->
                experiment.methods().stream()
                    .flatMap(m -> Stream.of(1, 2).map(seed -> experiment.trial(m, seed, rate))))
        .filter(t -> t.trial().equals(name))
        .filter(t -> Files.exists(whole.resolve("state/trials").resolve(t.id())))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void anInterruptedRunResumesToTheSame() throws IOException {
    AtomicFiles.copy(stopped, run);
    assertThat(resume()).isEmpty();
    assertThat(Tiny.found(run)).isEqualTo(due);
    // And a finished one, where nothing is left to do.
    assertThat(resume()).isEmpty();
    assertThat(Tiny.found(run)).isEqualTo(due);
    assertThat(run.resolve("state/states")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "scores, true", "scores, false",
    "trials, true", "trials, false",
    "states, true", "states, false",
    "experiment, true", "experiment, false"
  })
  void aDamagedStateFileIsComputedAgain(String kind, boolean truncate) throws IOException {
    AtomicFiles.copy(stopped, run);
    Path state = run.resolve("state");
    Path file;
    switch (kind) {
      case "scores" -> {
        try (Stream<Path> files = Files.list(state.resolve("scores"))) {
          file = files.sorted().findFirst().orElseThrow();
        }
      }
      case "trials" -> file = state.resolve("trials").resolve(trial("online-90-seed2").id());
      case "states" -> {
        // States are read where a trial has no result.
        AtomicFiles.delete(state.resolve("trials"));
        AtomicFiles.delete(run.resolve("models"));
        file = state.resolve("states").resolve(trial("online-90-seed1").id(3));
      }
      default -> file = state.resolve("experiment");
    }
    damage(file, truncate);
    assertNamedAndMended(resume(), file);
  }

  @ParameterizedTest
  @CsvSource({"saved_model.pb", "assets/vocabulary.txt", "variables/variables.data-00000-of-00001"})
  void aChangedModelIsComputedAgain(String name) throws IOException {
    AtomicFiles.copy(whole, run);
    Path model = run.resolve("models/online-90-seed1");
    damage(model.resolve(name), false);
    assertNamedAndMended(resume(), model);
  }

  @Test
  void aModelThatLacksAFileIsComputedAgain() throws IOException {
    AtomicFiles.copy(whole, run);
    Path model = run.resolve("models/fixed-point-4bit-seed1");
    Files.delete(model.resolve("assets/vocabulary.txt"));
    assertNamedAndMended(resume(), model);
  }

  @Test
  void aModelThatIsGoneIsComputedAgain() throws IOException {
    AtomicFiles.copy(whole, run);
    Path model = run.resolve("models/baseline-seed1");
    AtomicFiles.delete(model);
    assertThat(resume()).containsExactly(model + " is gone, computing it again");
    assertThat(Tiny.found(run)).isEqualTo(due);
  }

  /** Of seeds after the first no models are left to measure beside. */
  @Test
  void aDamagedResultOfALaterSeedOfAFinishedRunIsComputedAgain() throws IOException {
    AtomicFiles.copy(whole, run);
    Path file = run.resolve("state/trials").resolve(trial("online-90-seed2").id());
    damage(file, false);
    assertNamedAndMended(resume(), file);
  }

  private void writeCheckpoint(TrialSpec trial, Path file) throws IOException {
    Prepared data = Prepared.of(Prepared.Request.of(trial), root, RunListener.NONE);
    State before =
        State.initial(
            Classifier.initial(
                trial.encoder(), trial.head(), data.table(), data.labels().size(), trial.seed()));
    TrainingListener crash =
        new TrainingListener() {
          @Override
          public void stepped(long step, float loss, float rate, int texts) {
            if (step == 15) {
              throw new IllegalStateException("crash");
            }
          }
        };
    TrainingConfig config =
        new TrainingConfig(
            trial.plan().optimizer(),
            trial.plan().first().schedule(trial.rate(), 20),
            20,
            trial.plan().batch(),
            trial.plan().evaluateEvery(),
            0,
            trial.seed() * 1000L + 1);
    assertThatThrownBy(
            () ->
                Classification.train(
                    before.classifier(),
                    data.train(),
                    data.dev(),
                    config,
                    crash,
                    Optional.of(new Checkpointing(file, Duration.ZERO))))
        .hasMessage("crash");
    assertThat(file).exists();
  }

  @Test
  void checkpointsAreGoneOnFromAndDamagedOnesSetAside() throws IOException {
    TrialSpec trial = trial("baseline-seed2");
    Path genuine = folder.resolve("checkpoint");
    writeCheckpoint(trial, genuine);
    for (String how : List.of("whole", "flipped", "of another training")) {
      run = folder.resolve(how);
      AtomicFiles.copy(stopped, run);
      for (TrialSpec t :
          List.of(trial, trial("online-90-seed2"), trial("fixed-point-4bit-seed2"))) {
        AtomicFiles.delete(run.resolve("state/trials").resolve(t.id()));
        AtomicFiles.delete(run.resolve("models").resolve(t.trial()));
        for (int i = 1; i <= t.method().steps().size(); i++) {
          AtomicFiles.delete(run.resolve("state/states").resolve(t.id(i)));
        }
      }
      Path checkpoint = run.resolve("state/checkpoints").resolve(trial.id(1));
      Files.createDirectories(checkpoint.getParent());
      Files.copy(genuine, checkpoint);
      if (how.equals("flipped")) {
        damage(checkpoint, false);
      } else if (how.equals("of another training")) {
        Files.delete(checkpoint);
        TrialSpec lowRank =
            new Experiment(
                    "other",
                    "",
                    experiment.dataset(),
                    experiment.vectors(),
                    new io.github.lowrank.model.Dan(List.of(7), 0.1),
                    experiment.head(),
                    experiment.methods(),
                    experiment.plan(),
                    1)
                .trial(experiment.methods().get(0), 2, trial.rate());
        writeCheckpoint(lowRank, checkpoint);
      }
      long[] first = {-1};
      List<String> warnings = new ArrayList<>();
      RunListener listener =
          new RunListener() {
            @Override
            public void warn(String line) {
              warnings.add(line);
            }

            @Override
            public TrainingListener training(String what) {
              return new TrainingListener() {
                @Override
                public void started(long step, long steps) {
                  first[0] = first[0] < 0 ? step : first[0];
                }
              };
            }
          };
      new ExperimentRun(experiment, root, run)
          .existing(Store.Existing.RESUME)
          .listener(listener)
          .run();
      if (how.equals("whole")) {
        assertThat(warnings).isEmpty();
        assertThat(first[0]).isEqualTo(10);
      } else {
        assertThat(warnings)
            .as(how)
            .singleElement()
            .asString()
            .startsWith(checkpoint.toString())
            .contains("set aside as " + run.resolve("state/damaged/state/checkpoints"))
            .doesNotContain("\n");
        assertThat(first[0]).as(how).isZero();
        assertThat(run.resolve("state/damaged/state/checkpoints").resolve(trial.id(1))).exists();
      }
      assertThat(Tiny.found(run)).as(how).isEqualTo(due);
    }
  }

  /** Everything in a folder but the lock, by name. */
  private static Map<String, String> contents(Path of) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(of)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.endsWith("state/lock")) {
          contents.put(of.relativize(file).toString(), AtomicFiles.checksum(file));
        }
      }
    }
    return contents;
  }

  private void refused(Store.Existing existing, String message) throws IOException {
    Map<String, String> before = contents(run);
    assertThatThrownBy(() -> new ExperimentRun(experiment, root, run).existing(existing).run())
        .isInstanceOf(Store.InUseException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("--out");
    assertThat(contents(run)).isEqualTo(before);
  }

  @Test
  void whatIsNotThisRunIsNeitherReplacedNorEntered() throws IOException {
    // Somebody's files, even where folders are called as ours.
    for (String file : List.of("notes.txt", "state/of/the/art", "models/online-90-seed1/x")) {
      run = folder.resolve("strange" + file.length());
      AtomicFiles.write(run.resolve(file), "precious");
      for (Store.Existing existing : Store.Existing.values()) {
        refused(existing, "is not empty and holds no run");
      }
    }
    // Another experiment's run.
    run = folder.resolve("other");
    AtomicFiles.copy(whole, run);
    assertThatThrownBy(
            () ->
                new ExperimentRun(Tiny.experiment(common, "other"), root, run)
                    .existing(Store.Existing.REPLACE)
                    .run())
        .isInstanceOf(Store.InUseException.class)
        .hasMessageContaining("holds a run of tiny, which a run of other does not replace");
    assertThat(contents(run)).isEqualTo(contents(whole));
    refused(Store.Existing.REFUSE, "already holds a run");
    // A run that is damaged where it says of what.
    damage(run.resolve("state/experiment"), true);
    refused(Store.Existing.REFUSE, "already holds a run");
    refused(Store.Existing.REPLACE, "holds a run of an unknown experiment");
  }

  @Test
  void anotherConfigurationIsNotResumed() throws IOException {
    AtomicFiles.copy(whole, run);
    assertThatThrownBy(
            () ->
                new ExperimentRun(experiment.set("steps=50").withSeeds(3), root, run)
                    .existing(Store.Existing.RESUME)
                    .run())
        .isInstanceOf(Store.InUseException.class)
        .hasMessageContaining("of another configuration")
        .hasMessageContaining("plan was {")
        .hasMessageContaining("seeds was 2, now 3");
    assertThat(contents(run)).isEqualTo(contents(whole));
  }

  @Test
  void aRunGainsMethods() throws IOException {
    Experiment one = experiment.withMethods(experiment.methods().subList(0, 1));
    new ExperimentRun(one, root, run).run();
    long seconds =
        Double.doubleToLongBits(Row.read(run.resolve(Row.FILE)).get(0).training().seconds());
    List<RunListener.Effort> efforts = new ArrayList<>();
    new ExperimentRun(experiment, root, run)
        .existing(Store.Existing.RESUME)
        .listener(
            new RunListener() {
              @Override
              public void progress(Effort effort) {
                efforts.add(effort);
              }
            })
        .run();
    long before = ExperimentRun.steps(one);
    // But for the first halves of two seeds, whose states the other methods need again.
    assertThat(efforts.get(0).steps()).isEqualTo(before - 2 * 40);
    assertThat(efforts.get(0).allSteps()).isGreaterThan(before);
    List<Row> rows = Row.read(run.resolve(Row.FILE));
    List<Row> expected = Row.read(whole.resolve(Row.FILE));
    assertThat(rows).hasSameSizeAs(expected);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i).trial()).isEqualTo(expected.get(i).trial());
      assertThat(rows.get(i).scores()).isEqualTo(expected.get(i).scores());
    }
    // What was there was not trained again.
    assertThat(Double.doubleToLongBits(rows.get(0).training().seconds())).isEqualTo(seconds);
  }

  @Test
  void replacingDeletesTheRunAndNothingElse() throws IOException {
    AtomicFiles.copy(whole, run);
    List<String> strange =
        List.of("notes.txt", "models/mine/x", "figures/mine.png", "state/mine", "events/mine");
    for (String file : strange) {
      AtomicFiles.write(run.resolve(file), "precious");
    }
    AtomicFiles.write(run.resolve("models/cut-seed9/x"), "of the former run");
    Experiment changed = experiment.set("steps=20").withSeeds(1);
    new ExperimentRun(changed, root, run).existing(Store.Existing.REPLACE).run();
    for (String file : strange) {
      assertThat(run.resolve(file)).hasContent("precious");
    }
    assertThat(run.resolve("models/cut-seed9")).doesNotExist();
    try (Stream<Path> trials = Files.list(run.resolve("state/trials"))) {
      assertThat(trials).hasSize(3);
    }
    Path fresh = folder.resolve("fresh");
    new ExperimentRun(changed, root, fresh).run();
    assertThat(Tiny.rows(run)).isEqualTo(Tiny.rows(fresh));
  }

  @Test
  void aRunThatWasKilledAtOnceLeavesAFolderThatCanBeUsed() throws IOException {
    AtomicFiles.write(run.resolve("state/lock"), "process 1 since long ago");
    AtomicFiles.write(run.resolve("state/.experiment.0123abcd.part"), "half");
    new ExperimentRun(experiment, root, run).run();
    assertThat(Tiny.found(run)).isEqualTo(due);
    assertThat(run.resolve("state/.experiment.0123abcd.part")).doesNotExist();
  }

  @Test
  void theFolderOfARunningRunIsRefusedWithExitCode1() throws IOException {
    Path json = Files.writeString(folder.resolve("tiny.json"), Json.pretty(experiment));
    AtomicFiles.copy(whole, run);
    for (String existing : List.of("--resume", "--replace")) {
      try (FolderLock lock = FolderLock.take(run.resolve("state/lock"), run)) {
        Terminal.Outcome outcome =
            Terminal.run(List.of(), "run", json.toString(), existing, "--out", run.toString());
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err().lines().filter(l -> l.startsWith("lowrank: ")))
            .singleElement()
            .asString()
            .contains(run + " is being written by process " + ProcessHandle.current().pid());
      }
    }
    assertThat(contents(run)).isEqualTo(contents(whole));
  }

  @Test
  @Timeout(120)
  void ofTwoRunsInOneFolderOneWorks() throws Exception {
    Path json = Files.writeString(folder.resolve("tiny.json"), Json.pretty(experiment));
    String[] command = {"run", json.toString(), "--out", run.toString(), "--resume"};
    Path log = folder.resolve("log");
    Process first = Terminal.start(Lowrank.class, log, command);
    try {
      Path file = run.resolve("state/experiment");
      while (first.isAlive() && !Files.exists(file)) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      // Held where it is, so that it cannot end before the second has tried.
      signal("-STOP", first);
      Terminal.Outcome second = Terminal.run(List.of(), command);
      signal("-CONT", first);
      assertThat(second.code()).isEqualTo(1);
      assertThat(second.err())
          .contains(run + " is being written by process " + first.pid() + " since ")
          .doesNotContain("\tat ");
      assertThat(first.waitFor()).as(Files.readString(log)).isZero();
    } finally {
      first.destroyForcibly();
    }
    assertThat(Tiny.found(run)).isEqualTo(due);
  }

  private static void signal(String name, Process process) throws Exception {
    assertThat(
            new ProcessBuilder("kill", name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
  }

  /** Workers find damage too, and tell it on standard error, which is that of their run. */
  @Test
  @Timeout(120)
  void damageThatAWorkerFindsIsTold() throws Exception {
    AtomicFiles.copy(stopped, run);
    TrialSpec trial = trial("online-90-seed1");
    Path file = run.resolve("state/trials").resolve(trial.id());
    damage(file, true);
    Path log = folder.resolve("log");
    Process worker = Terminal.start(WorkerProcesses.class, log, run.toString(), common.toString());
    try (Writer tasks = worker.outputWriter()) {
      tasks.write(Json.canonical(new Task("one", "tiny", false, List.of(trial))) + "\n");
    }
    assertThat(worker.waitFor()).as(Files.readString(log)).isZero();
    List<String> lines = Files.readAllLines(log);
    assertThat(lines)
        .filteredOn(line -> line.contains("is damaged"))
        .singleElement()
        .asString()
        .startsWith(file.toString())
        .contains("set aside as");
    assertThat(lines).filteredOn(line -> line.equals("done")).hasSize(1);
    assertThat(resume()).isEmpty();
    assertThat(Tiny.found(run)).isEqualTo(due);
  }
}
