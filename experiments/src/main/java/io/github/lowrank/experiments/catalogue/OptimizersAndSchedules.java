package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.Experiment;
import io.github.lowrank.experiments.Method;
import io.github.lowrank.experiments.Plan;
import io.github.lowrank.model.Dan;
import io.github.lowrank.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * CALR against the usual: five optimizers, eight schedules, without compression. Each pair has its
 * own search over four learning rates on dev.
 */
public final class OptimizersAndSchedules {
  private OptimizersAndSchedules() {}

  private record Candidate(String name, Optimizer optimizer, List<Double> rates) {}

  /** On SST-2 with a DAN. */
  public static Experiment experiment() {
    List<Double> adaptive = List.of(3e-4, 1e-3, 3e-3, 1e-2);
    List<Candidate> candidates =
        List.of(
            new Candidate("adam", Optimizer.adam(), adaptive),
            new Candidate("rmsprop", Optimizer.rmsProp(), adaptive),
            new Candidate("adagrad", Optimizer.adaGrad(), List.of(1e-2, 3e-2, 1e-1, 3e-1)),
            new Candidate("momentum", Optimizer.momentum(), List.of(1e-2, 3e-2, 1e-1, 3e-1)),
            new Candidate("sgd", Optimizer.sgd(), List.of(1e-1, 3e-1, 1.0, 3.0)));
    List<Method> methods = new ArrayList<>();
    for (Candidate c : candidates) {
      for (Plan.Shape shape : Plan.Shape.values()) {
        if (shape != Plan.Shape.GENTLE_CALR) {
          String schedule = shape.name().toLowerCase(Locale.ROOT).replace('_', '-');
          methods.add(Method.trained(c.name() + "-" + schedule, c.optimizer(), shape, c.rates()));
        }
      }
    }
    return new Experiment(
        "schedules-sst2-dan",
        "five optimizers, eight schedules: SST-2, DAN, no compression",
        Catalogue.sst2(),
        VectorSource.sgns300d(),
        Dan.ofPaper(),
        methods,
        Plan.of(1600, 50, List.of(1e-3)),
        5);
  }
}
