package io.github.lowrank.experiments.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lowrank.cost.Cost;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.experiments.record.Bits;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.record.TrialResult;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Stage;
import io.github.lowrank.experiments.spec.Trial;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.train.Predictor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Runs the trials of one experiment in this process and stores their results. */
public final class ExperimentRunner {
  private static final String RATE_OF_ALL = "rate";
  private static final List<Stage> FIRST_HALF = List.of(new Stage.Train(0.5));

  private final Experiment experiment;
  private final Prepared data;
  private final RunDirectory directory;
  private final Progress progress;
  private final StageRunner stages;

  /** A runner that stores into {@code directory}. */
  public ExperimentRunner(
      Experiment experiment, Prepared data, RunDirectory directory, Progress progress) {
    this.experiment = experiment;
    this.data = data;
    this.directory = directory;
    this.progress = progress;
    this.stages = new StageRunner(experiment, data, directory.state(), progress);
  }

  /** All that the results of {@code experiment} depend on, for comparison with a former run. */
  public static Map<String, String> configuration(Experiment experiment) {
    Map<String, String> configuration = new LinkedHashMap<>();
    configuration.put("experiment", experiment.name());
    configuration.put("dataset", experiment.dataset().name());
    configuration.put("vectors", experiment.vectors().name());
    configuration.put("model", experiment.model().toString());
    configuration.put("methods", experiment.methods().toString());
    configuration.put("plan", experiment.plan().toString());
    configuration.put("seeds", Integer.toString(experiment.seeds()));
    return configuration;
  }

  /**
   * A piece of work that any worker may do; what it finds is stored.
   *
   * @param id unique among the tasks of a phase, fit for a file name
   * @param work does it
   */
  public record Task(String id, Work work) {
    /** Something that reads and writes files. */
    public interface Work {
      /** Does it. */
      void run() throws IOException;
    }
  }

  /**
   * The trainings of the search, ahead of {@link #searchRate}: each learning rate with each group
   * of methods that begin alike.
   */
  public List<Task> searchTasks() {
    List<Task> tasks = new ArrayList<>();
    for (Search search : searches()) {
      if (search.rates().size() > 1) {
        for (double rate : search.rates()) {
          tasks.add(
              new Task(
                  "search-%s-%s".formatted(search.name(), rate),
                  () -> {
                    for (List<Stage> searched : search.stages()) {
                      stages.run(search.name() + " " + rate, searched, 1, rate);
                    }
                  }));
        }
      }
    }
    return tasks;
  }

  /** The trials of all seeds, in groups that share a beginning; after {@link #searchRate}. */
  public List<Task> trialTasks(double rateOfAll) {
    List<Task> tasks = new ArrayList<>();
    for (int seed = 1; seed <= experiment.seeds(); seed++) {
      int s = seed;
      for (List<Method> group : groups()) {
        tasks.add(
            new Task(
                "trials-%s-seed%d".formatted(group.get(0).id(), seed),
                () -> {
                  for (Method method : group) {
                    run(new Trial(method, s), rateOfAll);
                  }
                }));
      }
    }
    return tasks;
  }

  /** Methods whose stages are the same up to the first training, the largest group first. */
  private List<List<Method>> groups() {
    Map<List<Stage>, List<Method>> groups = new LinkedHashMap<>();
    for (Method method : experiment.methods()) {
      int first = 0;
      while (first < method.stages().size() && !method.stages().get(first).trains()) {
        first++;
      }
      groups
          .computeIfAbsent(
              method.stages().subList(0, Math.min(first + 1, method.stages().size())),
              p -> new ArrayList<>())
          .add(method);
    }
    List<List<Method>> sorted = new ArrayList<>(groups.values());
    sorted.sort((a, b) -> Integer.compare(b.size(), a.size()));
    return sorted;
  }

  /** Trainings that a search for a learning rate compares. */
  private record Search(String name, List<Double> rates, List<List<Stage>> stages) {}

  private List<Search> searches() {
    List<Search> searches = new ArrayList<>();
    if (experiment.methods().stream().anyMatch(m -> m.rates().isEmpty())) {
      searches.add(new Search(RATE_OF_ALL, experiment.plan().rates(), List.of(FIRST_HALF)));
    }
    for (List<Method> group : groups()) {
      Map<List<Double>, List<List<Stage>>> byRates = new LinkedHashMap<>();
      for (Method method : group) {
        if (!method.rates().isEmpty()) {
          byRates.computeIfAbsent(method.rates(), r -> new ArrayList<>()).add(method.stages());
        }
      }
      byRates.forEach((rates, some) -> searches.add(new Search(group.get(0).id(), rates, some)));
    }
    return searches;
  }

  /**
   * Training steps of the whole experiment and those whose results are stored. Before the search
   * has ended, the first rate stands for the one that it will find.
   */
  public Effort effort() throws IOException {
    Map<Path, Long> steps = new LinkedHashMap<>();
    for (Search search : searches()) {
      if (search.rates().size() > 1) {
        for (double rate : search.rates()) {
          search.stages().forEach(s -> steps.putAll(stages.trainings(s, 1, rate)));
        }
      }
    }
    double rateOfAll = chosen(RATE_OF_ALL).orElse(experiment.plan().rates().get(0));
    int trials = 0;
    for (Trial trial : experiment.trials()) {
      Method method = trial.method();
      double rate =
          method.rates().isEmpty() ? rateOfAll : chosen(method.id()).orElse(method.rates().get(0));
      steps.putAll(stages.trainings(method.stages(), trial.seed(), rate));
      if (directory.result(trial.id()).isPresent()) {
        trials++;
      }
    }
    long all = steps.values().stream().mapToLong(s -> s).sum();
    long done =
        steps.entrySet().stream()
            .filter(e -> Files.exists(e.getKey()))
            .mapToLong(Map.Entry::getValue)
            .sum();
    return new Effort(done, all, trials, experiment.trials().size());
  }

  /**
   * How much of an experiment is done.
   *
   * @param steps training steps whose results are stored
   * @param allSteps of the whole experiment
   * @param trials with a result
   * @param allTrials of the whole experiment
   */
  public record Effort(long steps, long allSteps, int trials, int allTrials) {}

  /**
   * The learning rate of all methods: the best on dev, after half of the budget, of the
   * uncompressed model with seed 1; the smallest of equals.
   */
  public double searchRate() throws IOException {
    for (Method method : experiment.methods()) {
      rate(method, Double.NaN);
    }
    if (experiment.methods().stream().noneMatch(m -> m.rates().isEmpty())) {
      return experiment.plan().rates().get(0);
    }
    return search(RATE_OF_ALL, experiment.plan().rates(), FIRST_HALF);
  }

  /** The learning rate of {@code method}: its own search over as many rates, or the rate of all. */
  private double rate(Method method, double rateOfAll) throws IOException {
    return method.rates().isEmpty()
        ? rateOfAll
        : search(method.id(), method.rates(), method.stages());
  }

  private double search(String what, List<Double> rates, List<Stage> searched) throws IOException {
    if (rates.size() == 1) {
      return rates.get(0);
    }
    Optional<Double> found = chosen(what);
    if (found.isPresent()) {
      return found.get();
    }
    Map<String, Double> scores = new LinkedHashMap<>();
    double best = rates.get(0);
    for (double rate : rates) {
      double score = stages.run(what + " " + rate, searched, 1, rate).devAccuracy();
      scores.put(Double.toString(rate), score);
      if (score > scores.get(Double.toString(best))) {
        best = rate;
      }
    }
    RunDirectory.writeJson(stored(what), Map.of("best", best, "dev_accuracy", scores));
    progress.log("%s: learning rate %s by dev accuracy %s".formatted(what, best, scores));
    return best;
  }

  private Path stored(String what) {
    return directory.state().resolve(what + ".rate.json");
  }

  /** The rate that a former search found. */
  private Optional<Double> chosen(String what) throws IOException {
    return Files.exists(stored(what))
        ? Optional.of(new ObjectMapper().readTree(stored(what).toFile()).get("best").asDouble())
        : Optional.empty();
  }

  /** Runs {@code trial}, or finds its result. */
  public TrialResult run(Trial trial, double rateOfAll) throws IOException {
    Optional<TrialResult> done = directory.result(trial.id());
    if (done.isPresent()
        && (done.get().row().measured() || Files.exists(directory.model(trial.id())))) {
      return done.get();
    }
    double rate = rate(trial.method(), rateOfAll);
    StageRunner.State state =
        stages.run(
            trial.method().id() + " seed " + trial.seed(),
            trial.method().stages(),
            trial.seed(),
            rate);
    Classifier classifier = state.classifier();
    SavedModelWriter.write(
        new TextModel(
            classifier,
            data.tokenizer(),
            data.vocabulary(),
            data.labels(),
            data.prior(),
            experiment.plan().maxLength()),
        prepare(directory.model(trial.id())));
    EventFile.write(directory.events(trial.id()), state.history());

    // Test is touched here and nowhere else, after everything is selected.
    int[] predicted = Predictor.classes(Predictor.scores(classifier, data.test()));
    int meanLength =
        (int)
            Math.round(
                Stream.of(data.test().ids()).mapToInt(ids -> ids.length).average().orElse(1));
    Cost cost = Cost.of(classifier, meanLength);
    TrialResult result =
        new TrialResult(
            new Row(
                new Row.Id(
                    trial.id(),
                    experiment.name(),
                    experiment.dataset().name(),
                    experiment.model().name(),
                    trial.seed()),
                new Row.Compression(
                    trial.method().name(),
                    trial.method().removed(),
                    rank(classifier.table()),
                    trial.method().bits(),
                    state.svd().map(StageRunner.Svd::relativeError).orElse(0.0)),
                new Row.Training(
                    rate, state.steps(), state.seconds(), TrialResult.stepsTo99(state.history())),
                new Row.Scores(
                    state.devAccuracy(),
                    Predictor.accuracy(predicted, data.test().labels()),
                    data.accuracyUnseen(predicted)),
                new Row.Size(
                    cost.embeddingParameters(),
                    cost.embeddingBytes(),
                    bytes(directory.model(trial.id())),
                    cost.flopsPerSentence()),
                Row.LatencyQuantiles.NONE),
            state.svd().map(StageRunner.Svd::singularValues).orElse(List.of()),
            state.history(),
            Bits.of(predicted, data.test().labels()));
    directory.store(result);
    return result;
  }

  private static Path prepare(Path model) throws IOException {
    Files.createDirectories(model.getParent());
    return model;
  }

  private static int rank(EmbeddingTable table) {
    return table instanceof EmbeddingTable.LowRank lowRank ? lowRank.rank() : 0;
  }

  private static long bytes(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
    }
  }

  /**
   * Measures the latency of the methods of one seed, side by side, and stores it. Seeds after the
   * first give up their SavedModels then: one a method is kept.
   */
  public List<TrialResult> measure(List<TrialResult> ofOneSeed) throws IOException {
    List<TrialResult> measured = ofOneSeed;
    if (!ofOneSeed.stream().allMatch(r -> r.row().measured())) {
      progress.log("measuring latency, seed " + ofOneSeed.get(0).row().seed());
      List<Row.LatencyQuantiles> latencies =
          Latency.measure(
              ofOneSeed.stream().map(r -> directory.model(r.row().trial())).toList(),
              data.testTexts());
      measured = new ArrayList<>();
      for (int i = 0; i < latencies.size(); i++) {
        TrialResult result = ofOneSeed.get(i).withLatency(latencies.get(i));
        directory.store(result);
        measured.add(result);
      }
    }
    for (TrialResult result : measured) {
      if (result.row().seed() > 1) {
        AtomicFiles.delete(directory.model(result.row().trial()));
      }
    }
    return measured;
  }
}
