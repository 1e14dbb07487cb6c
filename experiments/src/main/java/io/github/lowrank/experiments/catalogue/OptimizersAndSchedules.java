package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.cli.ExperimentMain;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * CALR against the usual schedules, on SST-2 without compression. Each pair of optimizer and
 * schedule has its own search on dev, over the same number of learning rates.
 */
public final class OptimizersAndSchedules {
  private record Candidate(String name, Optimizer optimizer, List<Double> rates) {}

  private static final List<Double> ADAPTIVE = List.of(3e-4, 1e-3, 3e-3, 1e-2);
  private static final Candidate ADAM = new Candidate("adam", Optimizer.adam(), ADAPTIVE);
  private static final Candidate MOMENTUM =
      new Candidate("momentum", Optimizer.momentum(), List.of(1e-2, 3e-2, 1e-1, 3e-1));

  private static final List<Candidate> ALL =
      List.of(
          ADAM,
          new Candidate("rmsprop", Optimizer.rmsProp(), ADAPTIVE),
          new Candidate("adagrad", Optimizer.adaGrad(), List.of(1e-2, 3e-2, 1e-1, 3e-1)),
          MOMENTUM,
          new Candidate("sgd", Optimizer.sgd(), List.of(1e-1, 3e-1, 1.0, 3.0)));

  private static final List<String> USUAL =
      List.of(
          "constant",
          "exponential",
          "triangular",
          "triangular2",
          "exp-range",
          "sgdr",
          "one-cycle",
          "calr");

  private OptimizersAndSchedules() {}

  /** All of them. */
  public static List<Experiment> experiments() {
    return List.of(dan(), lstm(), constantsOfCalr());
  }

  /** Five optimizers, eight schedules, a DAN. */
  public static Experiment dan() {
    return experiment(
        "schedules-sst2-dan",
        "five optimizers, eight schedules: SST-2, DAN, no compression",
        Dan.ofPaper(),
        methods(ALL, USUAL),
        1600,
        5);
  }

  /**
   * Two of the optimizers with an LSTM, three epochs, three rates, three seeds: a step costs
   * fifteen times that of the DAN.
   */
  public static Experiment lstm() {
    return experiment(
        "schedules-sst2-lstm",
        "two optimizers, eight schedules: SST-2, LSTM, no compression",
        Lstm.ofPaper(),
        methods(
            List.of(ADAM, MOMENTUM).stream()
                .map(c -> new Candidate(c.name(), c.optimizer(), c.rates().subList(0, 3)))
                .toList(),
            USUAL),
        420,
        3);
  }

  /** CALR with other constants, and with the Adam of the authors' code: epsilon 0.01. */
  public static Experiment constantsOfCalr() {
    return experiment(
        "calr-sst2-dan",
        "constants of CALR: SST-2, DAN, no compression",
        Dan.ofPaper(),
        methods(
            List.of(
                ADAM,
                new Candidate(
                    "adam_0.01",
                    new Optimizer.Adam(0.9f, 0.999f, 0.01f),
                    List.of(3e-3, 1e-2, 3e-2, 1e-1)),
                MOMENTUM),
            List.of(
                "constant",
                "triangular",
                "one-cycle",
                "calr",
                "calr-authors",
                "calr-halving",
                "calr-root")),
        1600,
        5);
  }

  private static List<Method> methods(List<Candidate> candidates, List<String> shapes) {
    List<Method> methods = new ArrayList<>();
    for (Candidate c : candidates) {
      for (String shape : shapes) {
        methods.add(
            Method.trained(c.name() + "-" + shape, c.optimizer(), Shape.named(shape), c.rates()));
      }
    }
    return methods;
  }

  private static Experiment experiment(
      String name,
      String description,
      Encoder encoder,
      List<Method> methods,
      long steps,
      int seeds) {
    return new Experiment(
        name,
        description,
        Catalogue.sst2(),
        VectorSource.sgns300d(),
        encoder,
        new Softmax(),
        methods,
        Plan.of(steps, (int) (steps / 32), List.of(1e-3)),
        seeds);
  }

  /** Runs the experiment that the first argument names. */
  public static void main(String[] args) {
    ExperimentMain.run(experiments(), args);
  }
}
