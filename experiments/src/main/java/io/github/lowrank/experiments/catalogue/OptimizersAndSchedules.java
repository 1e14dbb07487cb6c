package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.cli.ExperimentMain;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Factorize;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.experiments.spec.Train;
import io.github.lowrank.experiments.spec.TrainAt;
import io.github.lowrank.experiments.spec.TrainWith;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * CALR against the usual schedules and against Schedule-Free learning: as training without
 * compression ({@code schedules-*}), and as retraining after the factorization at 90 % ({@code
 * retraining-*}), at half of a budget, at the budget and at four times the budget. Each pair of
 * optimizer and schedule has its own search on dev, which begins with the same number of rates and
 * ends inside of what it tried. With the DAN, CALR has as many sets of constants as there are other
 * schedules: that of the framework, that of the authors, and seven more; with the LSTM it has four.
 *
 * <p>What would take too long is left out: half and four times the budget with three optimizers
 * only, four times as training on the two small data sets and as retraining on TREC; the LSTM with
 * two optimizers.
 *
 * <p>{@code calr-untuned-*} is the paper's comparison without any search.
 */
public final class OptimizersAndSchedules {
  private static final double REMOVED = 0.9;

  /** Of the first half of a retraining, which is the same for all. */
  private static final double FIRST_RATE = 1e-3;

  /** Of CALR in the authors' code. */
  private static final double AUTHORS_RATE = 1e-3;

  private static final int EVALUATIONS = 32;
  private static final int SEEDS = 5;

  /**
   * An optimizer.
   *
   * @param usual rate that libraries have as their default, or that is usual where they have none
   * @param rates where a search begins
   */
  private record Candidate(Optimizer optimizer, double usual, List<Double> rates) {}

  private static final Candidate ADAM =
      new Candidate(Optimizer.adam(), 1e-3, List.of(1e-3, 3e-3, 1e-2, 3e-2));

  /** The Adam of the authors' code. */
  private static final Candidate ADAM_001 =
      new Candidate(new Optimizer.Adam(0.9f, 0.999f, 0.01f), 1e-3, List.of(1e-2, 3e-2, 1e-1, 3e-1));

  private static final Candidate MOMENTUM =
      new Candidate(Optimizer.momentum(), 1e-2, List.of(3e-2, 1e-1, 3e-1, 1.0));

  /** Those that CALR is said to be ahead with. */
  private static final List<Candidate> ALL =
      List.of(
          new Candidate(Optimizer.sgd(), 1e-2, List.of(1e-1, 3e-1, 1.0, 3.0)),
          MOMENTUM,
          new Candidate(Optimizer.adaGrad(), 1e-2, List.of(1e-1, 3e-1, 1.0, 3.0)),
          new Candidate(Optimizer.rmsProp(), 1e-3, List.of(1e-3, 3e-3, 1e-2, 3e-2)),
          ADAM,
          ADAM_001);

  private static final List<Candidate> FEW = List.of(MOMENTUM, ADAM, ADAM_001);

  /** Their rates are higher than those of the optimizers whose steps they take. */
  private static final List<Candidate> SCHEDULE_FREE =
      List.of(
          new Candidate(Optimizer.scheduleFreeSgd(), 1, List.of(3e-1, 1.0, 3.0, 10.0)),
          new Candidate(Optimizer.scheduleFreeAdamW(), 2.5e-3, List.of(1e-3, 3e-3, 1e-2, 3e-2)));

  private static final List<Shape> USUAL =
      named(
          "constant",
          "exponential",
          "triangular",
          "triangular2",
          "sgdr",
          "one-cycle",
          "linear-to-zero",
          "warmup-stable-decay",
          "warmup-cosine");

  private static final List<Shape> FEW_CALR =
      named("calr", "calr-authors", "calr-halving", "calr-root");

  /** As many as the others. Its mean rate is low, so most of the five added keep it higher. */
  private static final List<Shape> CALR =
      Stream.concat(
              FEW_CALR.stream(),
              Stream.of(
                  new Shape.Calr("calr-once", 1e-3, 0.1, 3, 1, 0),
                  new Shape.Calr("calr-twice", 0.01, 0.1, 2, 1, 0),
                  new Shape.Calr("calr-slow", 0.03, 0.7, 10, 1, 0),
                  new Shape.Calr("calr-high", 0.1, 0.5, 4, 1, 0),
                  new Shape.Calr("calr-restarts", 0.1, 0.5, 8, 1, 0)))
          .toList();

  /**
   * A data set.
   *
   * @param epoch steps of an epoch
   * @param epochs of the budget
   */
  private record Data(String name, DatasetSource source, Encoder encoder, long epoch, int epochs) {
    long budget() {
      return epochs * epoch;
    }
  }

  private static final Data TREC = new Data("trec", Catalogue.trec(), Dan.ofPaper(), 98, 12);
  private static final Data SST2 = new Data("sst2", Catalogue.sst2(), Dan.ofPaper(), 139, 12);
  private static final List<Data> DATA =
      List.of(
          SST2,
          TREC,
          new Data("snips", Catalogue.snips(), Dan.ofPaper(), 262, 6),
          new Data("clinc150", Catalogue.clinc150(), PaperComparison.WIDE_DAN, 300, 8));

  private OptimizersAndSchedules() {}

  /** All of them. */
  public static List<Experiment> experiments() {
    List<Experiment> all = new ArrayList<>();
    for (Data data : DATA) {
      all.add(training(data, "half", 0.5, methods(FEW, USUAL, CALR)));
      all.add(training(data, "one", 1, methods(ALL, USUAL, CALR)));
      all.add(retraining(data, "half", 0.5, methods(FEW, USUAL, CALR)));
      all.add(retraining(data, "one", 1, methods(ALL, USUAL, CALR)));
      all.add(untuned(data));
    }
    all.add(training(SST2, "four", 4, methods(FEW, USUAL, CALR)));
    all.add(training(TREC, "four", 4, methods(FEW, USUAL, CALR)));
    all.add(retraining(TREC, "four", 4, methods(FEW, USUAL, CALR)));
    all.add(lstm());
    return all;
  }

  private static List<Shape> named(String... names) {
    return Stream.of(names).map(Shape::named).toList();
  }

  private static Method method(Candidate c, Shape shape) {
    return Method.trained(
        c.optimizer().name() + "-" + shape.name(), c.optimizer(), shape, c.rates());
  }

  private static List<Method> methods(
      List<Candidate> candidates, List<Shape> usual, List<Shape> calr) {
    List<Method> methods = new ArrayList<>();
    for (Candidate c : candidates) {
      Stream.concat(usual.stream(), calr.stream()).forEach(s -> methods.add(method(c, s)));
    }
    SCHEDULE_FREE.forEach(c -> methods.add(method(c, Shape.named("warmup-constant"))));
    return methods;
  }

  private static Experiment training(Data data, String budget, double times, List<Method> methods) {
    return experiment(
        "schedules-%s-dan-%s".formatted(data.name(), budget),
        "optimizers and schedules: %s, DAN, no compression, %s times the budget"
            .formatted(data.source().name(), times),
        data,
        methods,
        Math.round(times * data.budget()),
        SEEDS);
  }

  /** The same as retraining: the first half and the factorization are the same for all. */
  private static Experiment retraining(
      Data data, String budget, double times, List<Method> methods) {
    TrainAt first = new TrainAt(0.5, Optimizer.adam(), Shape.named("constant"), FIRST_RATE);
    List<Method> retrained = new ArrayList<>();
    retrained.add(new Method("baseline", List.of(first, new Train(0.5)), ADAM.rates()));
    for (Method m : methods) {
      TrainWith last = (TrainWith) m.steps().get(0);
      retrained.add(
          new Method(
              m.name(),
              List.of(
                  first,
                  new Factorize(REMOVED, TruncatedSvd.Split.BALANCED),
                  new TrainWith(0.5, last.optimizer(), last.shape())),
              m.rates()));
    }
    return experiment(
        "retraining-%s-dan-%s".formatted(data.name(), budget),
        "optimizers and schedules after the factorization: %s, DAN, 90 %% removed, %s times the budget"
            .formatted(data.source().name(), times),
        data,
        retrained,
        Math.round(times * data.budget()),
        SEEDS);
  }

  /**
   * Two of the optimizers and fewer schedules with an LSTM, three epochs, three rates, three seeds:
   * a step costs fifteen times that of the DAN.
   */
  private static Experiment lstm() {
    Data data = new Data("sst2", Catalogue.sst2(), Lstm.ofPaper(), 139, 3);
    List<Shape> usual =
        named(
            "constant",
            "sgdr",
            "one-cycle",
            "linear-to-zero",
            "warmup-stable-decay",
            "warmup-cosine");
    return experiment(
        "schedules-sst2-lstm-one",
        "two optimizers and their schedules: SST-2, LSTM, no compression",
        data,
        methods(List.of(ADAM, MOMENTUM), usual, FEW_CALR).stream()
            .map(m -> m.withRates(m.rates().subList(0, 3)))
            .toList(),
        data.budget(),
        3);
  }

  /**
   * The authors' constants and rate for CALR, with an annealing after every epoch; every optimizer
   * at its usual rate; no search. Twice the budget, so that the authors' triangle of 2,000 steps
   * fits.
   */
  private static Experiment untuned(Data data) {
    int epochs = 2 * data.epochs();
    Shape authors = new Shape.Calr("calr-authors", 1e-5, 0.1, epochs, 0, 1000);
    List<Method> methods = new ArrayList<>();
    for (Candidate c : ALL) {
      methods.add(method(c, Shape.named("constant")).withRates(List.of(c.usual())));
      methods.add(method(c, authors).withRates(List.of(AUTHORS_RATE)));
    }
    return experiment(
        "calr-untuned-%s-dan".formatted(data.name()),
        "the paper's setting for CALR, untuned: %s, DAN, no compression"
            .formatted(data.source().name()),
        data,
        methods,
        epochs * data.epoch(),
        SEEDS);
  }

  private static Experiment experiment(
      String name, String description, Data data, List<Method> methods, long steps, int seeds) {
    return new Experiment(
        name,
        description,
        data.source(),
        VectorSource.sgns300d(),
        data.encoder(),
        new Softmax(),
        methods,
        Plan.of(steps, (int) (steps / EVALUATIONS), List.of(FIRST_RATE))
            .choosing(Shape.named("constant")) // with a choice of one: only rates go on
            .wordsOfTrain(),
        seeds);
  }

  /** Runs the experiment that the first argument names. */
  public static void main(String[] args) {
    ExperimentMain.run(experiments(), args);
  }
}
