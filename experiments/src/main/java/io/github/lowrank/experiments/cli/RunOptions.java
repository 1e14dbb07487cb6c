package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.run.Devices;
import io.github.lowrank.experiments.run.Executor;
import io.github.lowrank.experiments.run.ExecutorSource;
import io.github.lowrank.experiments.run.ExperimentRun;
import io.github.lowrank.experiments.run.Store.Existing;
import io.github.lowrank.experiments.run.WorkerProcesses;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.op.Sessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of running an experiment. */
final class RunOptions {
  enum Device {
    CPU,
    GPU
  }

  private static final String LOCAL = "local";

  @Mixin private DataOption data;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the results (default: lowrank-out/<experiment>).")
  private Path out;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Number of repetitions, with seeds 1 to N (default: the experiment's).")
  private Integer seeds;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Number of worker processes, each with its share of the cores (default: ${DEFAULT-VALUE}).")
  private int jobs;

  @Option(
      names = "--executor",
      paramLabel = "local|spark",
      defaultValue = LOCAL,
      description = "Where the trials run (default: ${DEFAULT-VALUE}, this process or --jobs).")
  private String executor = LOCAL;

  @Option(
      names = "--master",
      paramLabel = "URL",
      description = {
        "With --executor spark: the cluster, which must see --out and --data under the same paths "
            + "(default: --jobs tasks at a time on this machine)."
      })
  private String master;

  @Option(
      names = "--device",
      paramLabel = "cpu|gpu",
      description = "Where to compute (default: on a GPU with the CUDA build, else on the CPU).")
  private Device device;

  @Option(
      names = "--resume",
      description = "Continue the run in --out, which may have had other methods.")
  private boolean resume;

  @Option(names = "--replace", description = "Delete the run in --out and start again.")
  private boolean replace;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = {
        "Change a setting of the experiment; may be repeated. Keys:",
        "steps, batch, evaluate-every: training steps per method, texts per step, steps between "
            + "evaluations on dev",
        "max-length, limit: words read from a text, number of training texts used (0: all)",
        "rates: learning rates to choose from on dev, as a,b,...",
        "laters: schedules of later trainings to choose from on dev, as a,b,...",
        "pairs, words: how often pairs of words and words that have rows occur in the training "
            + "texts (0: no pairs, words of all splits)",
        "shrunk: share by which rows of words without a vector start shorter, 0 to 1",
        "spans: spans of each training text that a teacher labels",
        "removed: fraction of the embedding that methods remove",
        "optimizer: sgd, momentum, adagrad, rmsprop, adam, schedule-free-sgd or "
            + "schedule-free-adamw",
        "first, later: schedules of the first and of later trainings: constant, exponential, "
            + "triangular, triangular2, exp-range, sgdr, one-cycle, linear-to-zero, "
            + "warmup-constant, warmup-stable-decay, warmup-cosine, calr, calr-authors, "
            + "calr-halving, calr-root or gentle-calr",
        "Optimizers and schedules may also be JSON with their own constants, as in "
            + "'later={\"type\": \"one-cycle\", \"warmup\": 0.1}'."
      })
  private List<String> settings = new ArrayList<>();

  private static void checkJobs(int jobs) {
    if (jobs < 1) {
      throw new UsageException("--jobs: expected a number of at least 1, found " + jobs);
    }
  }

  /** The options of a run that another command starts, which resumes what is already there. */
  static RunOptions of(DataOption data, Path out, int jobs) {
    checkJobs(jobs);
    RunOptions options = new RunOptions();
    options.data = data;
    options.out = out;
    options.jobs = jobs;
    options.device = Device.CPU;
    options.resume = true;
    return options;
  }

  private Executor executor() {
    if (!executor.equals(LOCAL)) {
      List<ExecutorSource> sources =
          ServiceLoader.load(ExecutorSource.class).stream()
              .map(ServiceLoader.Provider::get)
              .toList();
      return Services.named("--executor", executor, List.of(LOCAL), sources, ExecutorSource::name)
          .executor(Optional.ofNullable(master), jobs);
    }
    if (master != null) {
      throw new UsageException("--master: expected --executor spark beside it");
    }
    return jobs > 1 ? new WorkerProcesses(jobs) : Executor.here();
  }

  private Experiment configured(Experiment experiment) {
    Experiment configured = experiment;
    for (String setting : settings) {
      configured = configured.set(setting);
    }
    if (seeds != null && seeds < 1) {
      throw new UsageException("--seeds: expected a number of at least 1, found " + seeds);
    }
    return seeds == null ? configured : configured.withSeeds(seeds);
  }

  /**
   * Runs {@code named} and prints its table.
   *
   * @param alwaysReplace whether an earlier run is replaced without {@code --replace}
   */
  ExperimentRun.Result run(
      Experiment named, List<String> arguments, boolean alwaysReplace, PrintWriter terminal)
      throws IOException {
    checkJobs(jobs);
    if (resume && replace) {
      throw new UsageException("--resume and --replace exclude each other");
    }
    Experiment experiment = configured(named);
    Executor chosen = executor();
    if (device == Device.CPU) {
      System.setProperty(Sessions.DEVICE, "cpu");
    }
    boolean gpu = device != Device.CPU && Devices.gpu();
    if (device == Device.GPU && !gpu) {
      throw new IOException("--device gpu: " + Devices.missing());
    }
    ConsoleListener listener = new ConsoleListener(System.err);
    if (device == null && Devices.cudaBuild() && !gpu) {
      listener.log("TensorFlow's CUDA build found no GPU: computing on the CPU");
    }
    Instant started = Instant.now();
    ExperimentRun.Result result =
        new ExperimentRun(
                experiment,
                data.root(),
                out != null ? out : Path.of("lowrank-out", experiment.name()))
            .existing(
                resume
                    ? Existing.RESUME
                    : replace || alwaysReplace ? Existing.REPLACE : Existing.REFUSE)
            .executor(chosen)
            .listener(listener)
            .asked(arguments, settings)
            .gpu(gpu)
            .run();
    listener.close();
    terminal.println();
    terminal.print(result.table().text());
    terminal.println();
    terminal.printf(
        "%d trials in %d s with %d thread(s). Rows: %s; report: %s; models: %s%n",
        result.rows().size(),
        Duration.between(started, Instant.now()).toSeconds(),
        Sessions.threads(),
        result.directory().resolve(Row.FILE),
        result.directory().resolve("report.html"),
        result.directory().resolve("models"));
    terminal.flush();
    return result;
  }
}
