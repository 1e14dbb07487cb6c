package io.github.lowrank.experiments.run;

import io.github.lowrank.cost.Cost;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.experiments.record.Bits;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.record.TrialResult;
import io.github.lowrank.experiments.spec.State;
import io.github.lowrank.experiments.spec.TrialSpec;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.train.Predictor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Executes tasks, in whatever process it is, and stores their results. Reads data once for tasks
 * that share it.
 */
public final class TaskRunner {
  /** Number of data sets kept in memory: the folds of one. */
  private static final int KEPT = 10;

  private final Store store;
  private final DataRoot root;
  private final RunListener listener;
  private final Map<Prepared.Request, Prepared> data =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Prepared.Request, Prepared> eldest) {
          return size() > KEPT;
        }
      };

  /** A runner that stores into {@code store}. */
  public TaskRunner(Store store, DataRoot root, RunListener listener) {
    this.store = store;
    this.root = root;
    this.listener = listener;
  }

  /** The same with data that has already been read. */
  TaskRunner(Store store, DataRoot root, RunListener listener, Prepared data) {
    this(store, root, listener);
    this.data.put(data.request(), data);
  }

  private Prepared data(TrialSpec trial) throws IOException {
    Prepared.Request request = Prepared.Request.of(trial);
    Prepared known = data.get(request);
    if (known == null) {
      known = Prepared.of(request, root, listener);
      data.put(request, known);
    }
    return known;
  }

  /** Executes what is not done yet. */
  public void run(Task task) throws IOException {
    for (TrialSpec trial : task.trials()) {
      if (task.search()) {
        score(trial);
      } else {
        result(trial, task.experiment());
      }
    }
  }

  /** The dev accuracy of a trial; 0 if a training of it diverges. */
  double score(TrialSpec trial) throws IOException {
    Optional<Double> known = store.score(trial, listener);
    if (known.isPresent()) {
      return known.get();
    }
    State state = new TrialRunner(trial, data(trial), store, listener).run();
    double score = state.measured().containsKey(TrialResult.DIVERGED) ? 0 : state.devAccuracy();
    store.store(trial, score);
    return score;
  }

  /** The result of a trial. */
  public TrialResult result(TrialSpec trial, String experiment) throws IOException {
    Optional<TrialResult> known = store.result(trial, listener);
    if (known.isPresent()) {
      return known.get();
    }
    Prepared data = data(trial);
    State state = new TrialRunner(trial, data, store, listener).run();
    if (state.measured().containsKey(TrialResult.DIVERGED)) {
      listener.warn(
          "%s: a training diverged at step %s, the learning rate %s may be too high; its best so far counts"
              .formatted(trial.trial(), state.measured().get(TrialResult.DIVERGED), trial.rate()));
    }
    Classifier classifier = state.classifier();
    Path model = store.model(trial.trial());
    SavedModelWriter.write(
        new TextModel(
            classifier,
            data.tokenizer(),
            data.vocabulary(),
            data.labels(),
            data.prior(),
            trial.plan().maxLength()),
        model);
    EventFile.write(store.events(trial.trial()), state.history());

    // The test texts are used here and nowhere else, after all selection, with the form that is
    // exported.
    int[] predicted = Predictor.classes(classifier.folded(), data.test());
    int meanLength =
        (int)
            Math.round(
                data.test().size() == 0 ? 1 : data.test().words() / (double) data.test().size());
    Cost cost = Cost.of(classifier, meanLength);
    Map<String, Object> parameters = new LinkedHashMap<>(trial.method().parameters());
    parameters.putAll(trial.encoder().columns());
    parameters.putAll(trial.head().columns());
    parameters.putAll(classifier.table().columns());
    parameters.put("weight_bytes", classifier.folded().bytes());
    parameters.put(
        "vocabulary_bytes",
        Files.size(model.resolve("assets").resolve(SavedModelWriter.VOCABULARY)));
    state
        .measured()
        .forEach(
            (name, value) -> {
              if (value instanceof Number || value instanceof String) {
                parameters.put(name, value);
              }
            });
    Row row =
        new Row(
            new Row.Id(
                trial.trial(),
                experiment,
                trial.dataset().name(),
                trial.encoder().name(),
                trial.seed()),
            trial.method().name(),
            trial.method().label(),
            parameters,
            new Row.Training(
                trial.rate(),
                state.steps(),
                state.seconds(),
                TrialResult.stepsTo99(state.history())),
            new Row.Scores(
                state.devAccuracy(),
                Predictor.accuracy(predicted, data.test()),
                data.accuracyUnseen(predicted)),
            new Row.Size(
                cost.embeddingParameters(),
                cost.embeddingBytes(),
                AtomicFiles.size(model),
                cost.flopsPerSentence()),
            Row.LatencyQuantiles.NONE);
    TrialResult result =
        new TrialResult(
            row,
            state.measured(),
            state.history(),
            Bits.of(Predictor.right(predicted, data.test()), data.test().size()),
            AtomicFiles.checksum(model));
    store.store(trial, result);
    return result;
  }
}
