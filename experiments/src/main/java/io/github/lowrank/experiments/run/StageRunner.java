package io.github.lowrank.experiments.run;

import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.embedding.Rank;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.experiments.spec.Stage;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.op.TensorBundle;
import io.github.lowrank.train.Checkpointing;
import io.github.lowrank.train.ClassifierBundle;
import io.github.lowrank.train.Evaluation;
import io.github.lowrank.train.Predictor;
import io.github.lowrank.train.Trainer;
import io.github.lowrank.train.TrainingConfig;
import io.github.lowrank.train.TrainingResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * Runs the stages of methods one after the other. The state after every training stage is stored
 * under a name that all it depends on determines, so methods (and resumed runs) that begin with the
 * same stages compute them once.
 */
final class StageRunner {
  static final String STAGES = "stages";
  static final String CHECKPOINTS = "checkpoints";
  private static final double[] NO_SVD = {-1};

  private final Experiment experiment;
  private final Prepared data;
  private final Path store;
  private final Progress progress;

  StageRunner(Experiment experiment, Prepared data, Path store, Progress progress) {
    this.experiment = experiment;
    this.data = data;
    this.store = store;
    this.progress = progress;
  }

  /**
   * A classifier after some stages.
   *
   * @param classifier the best on dev since the last stage that changed its form
   * @param devAccuracy its dev accuracy
   * @param steps training steps so far
   * @param seconds training time so far
   * @param history looks at dev so far, steps counted through
   * @param svd the last factorization
   */
  record State(
      Classifier classifier,
      double devAccuracy,
      long steps,
      double seconds,
      List<Evaluation> history,
      Optional<Svd> svd) {}

  /**
   * What a factorization recorded.
   *
   * @param relativeError in the Frobenius norm
   * @param singularValues descending
   */
  record Svd(double relativeError, List<Double> singularValues) {}

  /** Runs {@code stages} from the pretrained table, or from the last stored training stage. */
  State run(String what, List<Stage> stages, int seed, double rate) throws IOException {
    List<Optional<Path>> stored = stored(stages, seed, rate);
    int next = stages.size();
    while (next > 0 && !stored.get(next - 1).filter(Files::exists).isPresent()) {
      next--;
    }
    State state =
        next > 0
            ? load(stored.get(next - 1).orElseThrow())
            : new State(
                Classifier.initial(experiment.model(), data.table(), data.labels().size(), seed),
                Double.NaN,
                0,
                0,
                List.of(),
                Optional.empty());
    for (int i = next; i < stages.size(); i++) {
      Optional<Stage.TrainWith> training = training(stages, i);
      state =
          training.isPresent()
              ? train(
                  what,
                  state,
                  training.get(),
                  number(stages, i),
                  seed,
                  rate,
                  stored.get(i).orElseThrow())
              : transform(state, stages.get(i), seed);
    }
    return state;
  }

  /** Steps of the training stages among {@code stages}, by where their results are stored. */
  Map<Path, Long> trainings(List<Stage> stages, int seed, double rate) {
    Map<Path, Long> steps = new LinkedHashMap<>();
    List<Optional<Path>> stored = stored(stages, seed, rate);
    for (int i = 0; i < stages.size(); i++) {
      if (stored.get(i).isPresent()) {
        steps.put(stored.get(i).get(), steps(training(stages, i).orElseThrow()));
      }
    }
    return steps;
  }

  /** Where the state after each training stage is stored; nothing after others. */
  private List<Optional<Path>> stored(List<Stage> stages, int seed, double rate) {
    StringBuilder key =
        new StringBuilder(
            "%s|%s|%s|%s|%d|%s"
                .formatted(
                    experiment.dataset().name(),
                    experiment.vectors().name(),
                    experiment.model(),
                    withoutRates(experiment.plan()),
                    seed,
                    rate));
    List<Optional<Path>> paths = new ArrayList<>();
    for (int i = 0; i < stages.size(); i++) {
      key.append('|').append(stages.get(i));
      paths.add(training(stages, i).map(t -> store.resolve(STAGES).resolve(hash(key.toString()))));
    }
    return paths;
  }

  /** Stage {@code i} with all that it trains with, if it trains. */
  private Optional<Stage.TrainWith> training(List<Stage> stages, int i) {
    if (stages.get(i) instanceof Stage.Train train) {
      Plan plan = experiment.plan();
      Plan.Shape shape = number(stages, i) == 1 ? plan.first() : plan.later();
      return Optional.of(new Stage.TrainWith(train.share(), plan.optimizer(), shape));
    }
    return stages.get(i) instanceof Stage.TrainWith with ? Optional.of(with) : Optional.empty();
  }

  /** Which training stage of its method stage {@code i} is, from 1. */
  private static int number(List<Stage> stages, int i) {
    return (int) stages.subList(0, i + 1).stream().filter(Stage::trains).count();
  }

  private long steps(Stage.TrainWith stage) {
    return Math.max(1, Math.round(experiment.plan().steps() * stage.share()));
  }

  /** The state depends on the rate that is used, not on those that were searched. */
  private static String withoutRates(Plan plan) {
    return plan.toString().replaceAll("rates=\\[[^]]*], ", "");
  }

  private static String hash(String key) {
    try {
      return HexFormat.of()
          .formatHex(
              java.security.MessageDigest.getInstance("SHA-256")
                  .digest(key.getBytes(StandardCharsets.UTF_8)))
          .substring(0, 20);
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private State train(
      String what,
      State before,
      Stage.TrainWith stage,
      int number,
      int seed,
      double rate,
      Path stored)
      throws IOException {
    Plan plan = experiment.plan();
    long steps = steps(stage);
    TrainingConfig config =
        new TrainingConfig(
            stage.optimizer(),
            stage.shape().schedule(rate, steps),
            steps,
            plan.batch(),
            plan.evaluateEvery(),
            0,
            seed * 1000L + number);
    Path checkpoint = store.resolve(CHECKPOINTS).resolve(stored.getFileName());
    long start = System.nanoTime();
    TrainingResult result =
        Trainer.train(
            before.classifier(),
            data.train(),
            data.dev(),
            config,
            progress.training("%s, stage %d".formatted(what, number)),
            Optional.of(Checkpointing.in(checkpoint)));
    List<Evaluation> history = new ArrayList<>(before.history());
    for (Evaluation e : result.history()) {
      history.add(new Evaluation(before.steps() + e.step(), e.loss(), e.rate(), e.devAccuracy()));
    }
    State after =
        new State(
            result.best(),
            result.devAccuracy(),
            before.steps() + steps,
            before.seconds() + (System.nanoTime() - start) / 1e9,
            history,
            before.svd());
    save(stored, after);
    AtomicFiles.delete(checkpoint);
    return after;
  }

  private void save(Path stored, State state) throws IOException {
    Files.createDirectories(stored.getParent());
    TensorBundle bundle = new TensorBundle();
    ClassifierBundle.put(bundle, "", state.classifier());
    bundle.put("numbers", new double[] {state.devAccuracy(), state.steps(), state.seconds()}, 3);
    double[] history =
        state.history().stream()
            .flatMapToDouble(e -> DoubleStream.of(e.step(), e.loss(), e.rate(), e.devAccuracy()))
            .toArray();
    bundle.put("history", history, state.history().size(), 4);
    double[] svd =
        state
            .svd()
            .map(
                d ->
                    DoubleStream.concat(
                            DoubleStream.of(d.relativeError()),
                            d.singularValues().stream().mapToDouble(v -> v))
                        .toArray())
            .orElse(NO_SVD);
    bundle.put("svd", svd, svd.length);
    bundle.save(stored);
  }

  private State load(Path stored) throws IOException {
    TensorBundle.Loaded bundle = TensorBundle.load(stored);
    double[] numbers = bundle.doubles("numbers");
    double[] h = bundle.doubles("history");
    double[] svd = bundle.doubles("svd");
    List<Evaluation> history = new ArrayList<>();
    for (int i = 0; i < h.length; i += 4) {
      history.add(new Evaluation((long) h[i], h[i + 1], h[i + 2], h[i + 3]));
    }
    return new State(
        ClassifierBundle.get(bundle, "", experiment.model(), data.labels().size()),
        numbers[0],
        (long) numbers[1],
        numbers[2],
        history,
        svd.length == 1
            ? Optional.empty()
            : Optional.of(new Svd(svd[0], DoubleStream.of(svd).skip(1).boxed().toList())));
  }

  private State transform(State before, Stage stage, int seed) {
    Classifier classifier = before.classifier();
    EmbeddingTable table = classifier.table();
    Optional<Svd> svd = before.svd();
    Classifier changed;
    if (stage instanceof Stage.Factorize factorize) {
      TruncatedSvd decomposition =
          TruncatedSvd.of(
              table.toMatrix(),
              Rank.of(table.vocabulary(), table.dimension(), factorize.removed()));
      svd = Optional.of(svd(decomposition));
      changed =
          classifier.withTable(EmbeddingTable.LowRank.of(decomposition.factors(factorize.split())));
    } else if (stage instanceof Stage.Project project) {
      // As many dimensions as fit into the same bytes, without a second factor.
      int k = Math.max(1, (int) Math.floor((1 - project.removed()) * table.dimension() + 1e-9));
      TruncatedSvd decomposition = TruncatedSvd.of(table.toMatrix(), k);
      svd = Optional.of(svd(decomposition));
      changed =
          Classifier.initial(
              classifier.model(),
              new EmbeddingTable.Dense(decomposition.us()),
              classifier.classes(),
              seed);
    } else if (stage instanceof Stage.Quantize quantize) {
      changed =
          classifier.withTable(
              table instanceof EmbeddingTable.LowRank lowRank
                  ? new EmbeddingTable.LowRank(quantized(lowRank.wa(), quantize), lowRank.wb())
                  : quantized(table, quantize));
    } else {
      throw new AssertionError(stage);
    }
    double accuracy =
        Predictor.accuracy(
            Predictor.classes(Predictor.scores(changed, data.dev())), data.dev().labels());
    return new State(changed, accuracy, before.steps(), before.seconds(), before.history(), svd);
  }

  private static EmbeddingTable quantized(EmbeddingTable table, Stage.Quantize stage) {
    return new EmbeddingTable.FixedPoint(
        PackedCodes.quantize(table.toMatrix(), stage.bits(), stage.granularity()));
  }

  private static Svd svd(TruncatedSvd decomposition) {
    return new Svd(
        decomposition.relativeError(),
        DoubleStream.of(decomposition.singularValues()).boxed().toList());
  }
}
