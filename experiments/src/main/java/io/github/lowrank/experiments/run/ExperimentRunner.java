package io.github.lowrank.experiments.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lowrank.cost.Cost;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.experiments.Experiment;
import io.github.lowrank.experiments.Method;
import io.github.lowrank.experiments.Stage;
import io.github.lowrank.experiments.Trial;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.op.TensorBundle;
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
    return search("rate", experiment.plan().rates(), List.of(new Stage.Train(0.5)));
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
    Path stored = directory.state().resolve(what + ".rate.json");
    if (Files.exists(stored)) {
      return new ObjectMapper().readTree(stored.toFile()).get("best").asDouble();
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
    RunDirectory.writeJson(stored, Map.of("best", best, "dev_accuracy", scores));
    progress.log("%s: learning rate %s by dev accuracy %s".formatted(what, best, scores));
    return best;
  }

  /** Runs {@code trial}, or finds its result. */
  public TrialResult run(Trial trial, double rateOfAll) throws IOException {
    Optional<TrialResult> done = directory.result(trial.id());
    if (done.isPresent() && (done.get().measured() || Files.exists(directory.model(trial.id())))) {
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
            trial.id(),
            experiment.name(),
            experiment.dataset().name(),
            experiment.model().name(),
            trial.method().name(),
            trial.method().removed(),
            rank(classifier.table()),
            trial.method().bits(),
            trial.seed(),
            rate,
            state.steps(),
            state.devAccuracy(),
            Predictor.accuracy(predicted, data.test().labels()),
            cost.embeddingParameters(),
            cost.embeddingBytes(),
            bytes(directory.model(trial.id())),
            cost.flopsPerSentence(),
            state.svd().map(StageRunner.Svd::relativeError).orElse(0.0),
            state.svd().map(StageRunner.Svd::singularValues).orElse(List.of()),
            state.seconds(),
            Double.NaN,
            Double.NaN,
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
    if (!ofOneSeed.stream().allMatch(TrialResult::measured)) {
      progress.log("measuring latency, seed " + ofOneSeed.get(0).seed());
      List<Latency.Medians> medians =
          Latency.measure(
              ofOneSeed.stream().map(r -> directory.model(r.trial())).toList(), data.testTexts());
      measured = new ArrayList<>();
      for (int i = 0; i < medians.size(); i++) {
        TrialResult result =
            ofOneSeed.get(i).withLatency(medians.get(i).batch1(), medians.get(i).batch64());
        directory.store(result);
        measured.add(result);
      }
    }
    for (TrialResult result : measured) {
      if (result.seed() > 1) {
        TensorBundle.deleteTree(directory.model(result.trial()));
      }
    }
    return measured;
  }
}
