package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.experiments.record.History;
import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.record.TrialResult;
import io.github.lowrank.experiments.report.Report;
import io.github.lowrank.experiments.report.Table;
import io.github.lowrank.experiments.run.Devices;
import io.github.lowrank.experiments.run.ExperimentRunner;
import io.github.lowrank.experiments.run.Prepared;
import io.github.lowrank.experiments.run.Progress;
import io.github.lowrank.experiments.run.RunDirectory;
import io.github.lowrank.experiments.run.Workers;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Trial;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.train.Evaluation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options and course of running an experiment. */
final class RunOptions {
  enum Device {
    CPU,
    GPU
  }

  @Mixin private DataOption data;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the results (default: lowrank-out/<experiment>).")
  private Path out;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Repetitions, with seeds 1 to N (default: the experiment's).")
  private Integer seeds;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Processes side by side, each with its share of the cores (default: ${DEFAULT-VALUE}).")
  private int jobs;

  @Option(
      names = "--device",
      paramLabel = "cpu|gpu",
      defaultValue = "cpu",
      description = "Where to compute (default: ${DEFAULT-VALUE}).")
  private Device device;

  @Option(names = "--resume", description = "Go on with the run in --out.")
  private boolean resume;

  @Option(names = "--replace", description = "Delete the run in --out and begin anew.")
  private boolean replace;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Change a setting: steps, batch, evaluate-every, rates (a,b,...), max-length, limit, removed.")
  private List<String> settings = new ArrayList<>();

  /** The options of a run that another command starts; it goes on with what it finds. */
  static RunOptions of(DataOption data, Path out, int jobs, int seeds) {
    RunOptions options = new RunOptions();
    options.data = data;
    options.out = out;
    options.jobs = jobs;
    options.seeds = seeds;
    options.device = Device.CPU;
    options.resume = true;
    return options;
  }

  private Experiment configured(Experiment experiment) {
    Experiment configured = experiment;
    for (String setting : settings) {
      configured = configured.set(setting);
    }
    if (seeds != null) {
      if (seeds < 1) {
        throw new UsageException("--seeds: expected a number of at least 1, found " + seeds);
      }
      configured = configured.withSeeds(seeds);
    }
    return configured;
  }

  /** A share of a phase, in a worker process. */
  void work(Experiment named, Workers.Phase phase) throws IOException {
    Experiment experiment = configured(named);
    RunDirectory directory = new RunDirectory(out(experiment));
    Prepared prepared = Prepared.of(experiment, data.root(), line -> {});
    ExperimentRunner runner =
        new ExperimentRunner(experiment, prepared, directory, Progress.SILENT);
    Workers.work(
        directory,
        phase == Workers.Phase.SEARCH
            ? runner.searchTasks()
            : runner.trialTasks(runner.searchRate()));
  }

  private Path out(Experiment experiment) {
    return out != null ? out : Path.of("lowrank-out", experiment.name());
  }

  void run(Experiment named, List<String> arguments, boolean alwaysReplace, PrintWriter terminal)
      throws IOException {
    if (jobs < 1) {
      throw new UsageException("--jobs: expected a number of at least 1, found " + jobs);
    }
    if (resume && replace) {
      throw new UsageException("--resume and --replace exclude each other");
    }
    Experiment experiment = configured(named);
    if (device == Device.GPU && !Devices.gpu()) {
      throw new IOException("--device gpu: " + Devices.missing());
    }
    boolean gpu = Devices.gpu();
    ConsoleProgress progress = new ConsoleProgress(System.err);
    if (Devices.cudaBuild() && !gpu) {
      progress.log("TensorFlow's CUDA build found no GPU: computing on the CPU");
    }
    DataRoot root = data.root();
    Instant started = Instant.now();
    Map<String, String> configuration = ExperimentRunner.configuration(experiment);
    Prepared prepared = Prepared.of(experiment, root, progress::log);
    RunDirectory directory =
        RunDirectory.open(
            out(experiment), configuration, resume, replace || (alwaysReplace && !resume));

    ExperimentRunner runner = new ExperimentRunner(experiment, prepared, directory, progress);
    Workers.Watch watch = () -> progress.overall(runner.effort());
    if (jobs > 1 && !runner.searchTasks().isEmpty()) {
      Workers.run(Workers.Phase.SEARCH, jobs, directory, worker(experiment), watch);
    }
    double rate = runner.searchRate();
    if (jobs > 1) {
      Workers.run(Workers.Phase.TRIALS, jobs, directory, worker(experiment), watch);
    }
    List<Row> rows = new ArrayList<>();
    Map<String, String> correct = new LinkedHashMap<>();
    Map<String, List<Evaluation>> history = new LinkedHashMap<>();
    for (int seed = 1; seed <= experiment.seeds(); seed++) {
      List<TrialResult> ofSeed = new ArrayList<>();
      for (Trial trial : experiment.trials()) {
        if (trial.seed() == seed) {
          ofSeed.add(runner.run(trial, rate));
          watch.look();
        }
      }
      for (TrialResult result : runner.measure(ofSeed)) {
        rows.add(result.row());
        correct.put(result.row().trial(), result.testCorrect());
        if (result.row().compression().bits() == 32) { // codes come after the training
          history.put(result.row().trial(), result.history());
        }
      }
      History.write(directory.path(), history);
      Report.writeCorrect(directory.path(), correct);
      Row.write(directory.path().resolve("trials.csv"), rows);
    }
    RunDirectory.writeJson(
        directory.path().resolve("provenance.json"),
        Provenance.of(
            arguments,
            configuration,
            settings,
            prepared.checksums(),
            rate,
            gpu ? "gpu" : "cpu",
            started));
    Table table = Report.render(directory.path());
    directory.forgetStages();
    progress.close();
    terminal.println();
    terminal.print(table.text());
    terminal.println();
    terminal.printf(
        "%d trials in %d s with %d thread(s). Rows: %s; report: %s; models: %s%n",
        rows.size(),
        Instant.now().getEpochSecond() - started.getEpochSecond(),
        Sessions.threads(),
        directory.path().resolve("trials.csv"),
        directory.path().resolve("report.html"),
        directory.path().resolve("models"));
    terminal.flush();
  }

  private List<String> worker(Experiment experiment) {
    List<String> arguments = new ArrayList<>(List.of("run", experiment.name()));
    arguments.addAll(data.arguments());
    arguments.addAll(List.of("--out", out(experiment).toString()));
    arguments.addAll(List.of("--seeds", Integer.toString(experiment.seeds())));
    settings.forEach(s -> arguments.addAll(List.of("--set", s)));
    return arguments;
  }
}
