package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.embedding.TruncatedTable.Penalty;
import io.github.lowrank.embedding.TruncatedTable.Through;
import io.github.lowrank.experiments.cli.ExperimentMain;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Training through the factorization against factorizing a trained table. Every method has its own
 * search for a rate with each of three schedules of the second half, the better of which is to be
 * chosen on dev.
 */
public final class ThroughTheFactorization {
  private static final List<Double> RATES = List.of(1e-3, 3e-3, 1e-2);
  private static final double[] REMOVED = {0.9, 0.95, 0.98};

  private ThroughTheFactorization() {}

  /** All of them: the comparison, and the variants of the method. */
  public static List<Experiment> experiments() {
    return List.of(
        experiment("trec", Catalogue.trec(), Dan.ofPaper(), 1000),
        experiment("sst2", Catalogue.sst2(), Dan.ofPaper(), 1000),
        variants("trec", Catalogue.trec(), Dan.ofPaper(), 1000));
  }

  private static Experiment experiment(
      String data, DatasetSource source, Encoder encoder, long steps) {
    List<Method> methods = new ArrayList<>(retrained(Method.baseline()));
    for (double removed : REMOVED) {
      methods.addAll(retrained(Method.online(removed)));
      methods.addAll(
          retrained(Method.through("through", removed, Through.TRUNCATION, Penalty.NONE, 0)));
    }
    return new Experiment(
        "through-" + data + "-dan",
        "training through the factorization: " + source.name() + ", DAN",
        source,
        VectorSource.sgns300d(),
        encoder,
        new Softmax(),
        methods,
        plan(steps),
        5);
  }

  /** Penalties, and the projector as a constant, where most is removed. */
  private static Experiment variants(
      String data, DatasetSource source, Encoder encoder, long steps) {
    double removed = 0.98;
    return experiment(data, source, encoder, steps)
        .withName("through-variants-" + data + "-dan")
        .withMethods(
            List.of(
                Method.online(removed),
                Method.through("through", removed, Through.TRUNCATION, Penalty.NONE, 0),
                Method.through("through-rows", removed, Through.ROWS, Penalty.NONE, 0),
                Method.through(
                    "through-nuclear-norm", removed, Through.TRUNCATION, Penalty.NUCLEAR_NORM, 0.1),
                Method.through(
                    "through-omitted", removed, Through.TRUNCATION, Penalty.OMITTED, 1)));
  }

  private static Plan plan(long steps) {
    return new Plan(
        steps,
        50,
        (int) (steps / 20),
        Optimizer.adam(),
        Shape.named("constant"),
        Shape.named("one-cycle"),
        RATES,
        40,
        0,
        0,
        0);
  }

  /** The method with each schedule of its second half, and its own rates. */
  private static List<Method> retrained(Method method) {
    List<Method> all = new ArrayList<>();
    for (String name : List.of("constant", "one-cycle", "gentle-calr")) {
      all.add(method.retrained(Shape.named(name), Optimizer.adam()).withRates(RATES));
    }
    return all;
  }

  /** Runs the experiment that the first argument names. */
  public static void main(String[] args) {
    ExperimentMain.run(experiments(), args);
  }
}
