package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.experiments.record.Bits;
import io.github.lowrank.experiments.record.History;
import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Rates;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.record.TrialResult;
import io.github.lowrank.experiments.report.Report;
import io.github.lowrank.experiments.report.Table;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.TrialSpec;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.FolderLock;
import io.github.lowrank.io.Json;
import io.github.lowrank.train.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A run of an experiment, from the search for rates to the report. It can be killed at any moment
 * and resumed; rows, models and report are then the same, except for times.
 *
 * <pre>{@code
 * ExperimentRun.Result result =
 *     new ExperimentRun(experiment, new DataRoot(data), out)
 *         .existing(Store.Existing.RESUME)
 *         .executor(new WorkerProcesses(2))
 *         .run();
 * }</pre>
 */
public final class ExperimentRun {
  private final Experiment experiment;
  private final DataRoot root;
  private final Store store;
  private Store.Existing existing = Store.Existing.REFUSE;
  private Executor executor = Executor.here();
  private RunListener listener = RunListener.NONE;
  private List<String> command = List.of();
  private List<String> settings = List.of();
  private boolean gpu;

  /**
   * The result of a run.
   *
   * @param directory where it is stored
   * @param rows one per trial, seed by seed
   * @param table the comparison
   */
  public record Result(Path directory, List<Row> rows, Table table) {}

  /** A run in this process, without a listener, into a folder that contains no run yet. */
  public ExperimentRun(Experiment experiment, DataRoot root, Path out) {
    this.experiment = experiment;
    this.root = root;
    this.store = new Store(out);
  }

  /** What to do with a run that is already in the folder. */
  public ExperimentRun existing(Store.Existing value) {
    existing = value;
    return this;
  }

  /** Where tasks are executed. */
  public ExperimentRun executor(Executor value) {
    executor = value;
    return this;
  }

  /** The listener. */
  public ExperimentRun listener(RunListener value) {
    listener = value;
    return this;
  }

  /**
   * What the provenance records about the request: the command line, and the settings that it
   * changed.
   */
  public ExperimentRun asked(List<String> commandLine, List<String> changed) {
    command = List.copyOf(commandLine);
    settings = List.copyOf(changed);
    return this;
  }

  /** Whether a GPU is used. */
  public ExperimentRun gpu(boolean value) {
    gpu = value;
    return this;
  }

  /** Executes the run. */
  public Result run() throws IOException {
    Instant started = Instant.now();
    Search search = new Search(experiment);
    Prepared data = Prepared.of(Prepared.Request.of(search.trials(1).get(0)), root, listener);
    try (FolderLock lock = store.open(experiment, existing, listener)) {
      TaskRunner here = new TaskRunner(store, root, listener, data);
      Executor.Context context =
          new Executor.Context(store, root, here, () -> listener.progress(effort(search)));
      search.run(executor, context, listener);
      executor.run(search.trialTasks(), context);
      List<Row> rows = collect(search, here, data);
      AtomicFiles.write(
          store.path().resolve(Provenance.FILE), Json.pretty(provenance(search, data, started)));
      Table table = Report.render(store.path());
      store.finished();
      return new Result(store.path(), rows, table);
    }
  }

  private List<Row> collect(Search search, TaskRunner here, Prepared data) throws IOException {
    List<Row> rows = new ArrayList<>();
    Map<String, String> correct = new LinkedHashMap<>();
    Map<String, List<Evaluation>> history = new LinkedHashMap<>();
    Map<String, double[]> rates = new LinkedHashMap<>();
    for (int seed = 1; seed <= experiment.seeds(); seed++) {
      List<TrialSpec> trials = search.trials(seed);
      List<TrialResult> results = measure(trials, here, data);
      Set<List<Evaluation>> trained = new HashSet<>();
      for (int i = 0; i < results.size(); i++) {
        TrialResult result = results.get(i);
        Optional<String> later = search.later(experiment.methods().get(i));
        Row row = result.row();
        row = later.isPresent() ? row.with("later_schedule", later.get()) : row;
        rows.add(row);
        correct.put(row.trial(), result.testCorrect());
        // Codes of several widths are forms of one training.
        if (trained.add(result.history()) || row.number("bits").isEmpty()) {
          history.put(row.trial(), result.history());
          if (seed == 1) {
            rates.put(row.trial(), trials.get(i).stepRates());
          }
        }
      }
    }
    History.write(store.path(), history);
    Rates.write(store.path(), rates);
    Bits.write(store.path(), correct);
    Row.write(store.path().resolve(Row.FILE), rows);
    return rows;
  }

  /**
   * The results of one seed, with the latencies of the first seeds. Afterwards the SavedModels of
   * seeds after the first are deleted, so one per method is kept.
   */
  private List<TrialResult> measure(List<TrialSpec> trials, TaskRunner here, Prepared data)
      throws IOException {
    List<TrialResult> results = new ArrayList<>();
    for (TrialSpec trial : trials) {
      results.add(here.result(trial, experiment.name()));
    }
    int seed = trials.get(0).seed();
    if (seed <= Latency.SEEDS && !results.stream().allMatch(r -> r.row().measured())) {
      listener.log("measuring latency, seed " + seed);
      // Of a seed that gave up its models before, what was computed again.
      List<Integer> there = new ArrayList<>();
      for (int i = 0; i < trials.size(); i++) {
        if (Files.exists(store.model(trials.get(i).trial()))) {
          there.add(i);
        }
      }
      List<Row.LatencyQuantiles> latencies =
          Latency.measure(
              there.stream().map(i -> store.model(trials.get(i).trial())).toList(),
              data.testTexts(),
              seed);
      for (int i = 0; i < latencies.size(); i++) {
        results.set(there.get(i), results.get(there.get(i)).withLatency(latencies.get(i)));
      }
      for (int i : there) {
        store.store(trials.get(i), results.get(i));
      }
    }
    for (TrialSpec trial : trials) {
      if (trial.seed() > 1) {
        AtomicFiles.delete(store.model(trial.trial()));
      }
    }
    return results;
  }

  private RunListener.Effort effort(Search search) {
    long steps = 0;
    long allSteps = 0;
    for (Map.Entry<String, Search.Training> entry : search.outline().trainings().entrySet()) {
      Search.Training training = entry.getValue();
      allSteps += training.steps();
      // A finished run keeps what its trials found and gives up the states, which a further trial
      // with the same first steps computes again.
      boolean done =
          store.has(entry.getKey()) || training.trials().stream().allMatch(store::hasFound);
      steps += done ? training.steps() : 0;
    }
    Set<String> trials = search.outline().trials().keySet();
    int done = (int) trials.stream().filter(store::hasResult).count();
    return new RunListener.Effort(steps, allSteps, done, trials.size());
  }

  /**
   * Number of training steps of a whole run, including the search as far as it is known before it;
   * shared steps count once.
   */
  public static long steps(Experiment experiment) {
    return new Search(experiment)
        .outline().trainings().values().stream().mapToLong(Search.Training::steps).sum();
  }

  private Provenance provenance(Search search, Prepared data, Instant started) throws IOException {
    Map<String, Provenance.Trial> trials = new LinkedHashMap<>();
    for (int seed = 1; seed <= experiment.seeds(); seed++) {
      for (TrialSpec trial : search.trials(seed)) {
        String model =
            store
                .result(trial, listener)
                .map(TrialResult::modelSha256)
                .orElseThrow(() -> new IOException(trial.trial() + " has no result"));
        trials.put(
            trial.trial(), new Provenance.Trial(trial.id(), trial.rate(), trial.seed(), model));
      }
    }
    return Provenance.of(
        command,
        Json.mapper().valueToTree(experiment),
        settings,
        Json.mapper().valueToTree(search.found()),
        data.checksums(),
        gpu ? "gpu" : "cpu",
        started,
        trials);
  }
}
