package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.cli.ExperimentMain;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import java.util.ArrayList;
import java.util.List;

/** The first thing that a new user runs: it needs only data that Maven fetches. */
public final class Quickstart {
  private Quickstart() {}

  /** A comparison that takes a few minutes. */
  public static Experiment experiment() {
    return new Experiment(
        "quickstart",
        "WordNet noun glosses, DAN, BGE-small word pieces: 90 % removed, and down to 1 % of the bytes, with rivals",
        Catalogue.wordNetGlosses(),
        VectorSource.bgeSmall(),
        Dan.ofPaper(),
        new Softmax(),
        methods(),
        Plan.of(8000, 400, List.of(1e-3, 3e-3)),
        1);
  }

  /** Runs the experiment. */
  public static void main(String[] args) {
    ExperimentMain.run(experiment(), args);
  }

  private static List<Method> methods() {
    List<Method> methods = new ArrayList<>(paperMethods());
    methods.add(Method.onlineQuantizationAware(0.01, 4).named("online"));
    return methods;
  }

  /** Baseline, offline compression, fixed point, online factorization. */
  static List<Method> paperMethods() {
    return List.of(
        Method.baseline(),
        Method.offline(0.9),
        Method.fixedPoint(8),
        Method.fixedPoint(4),
        Method.fixedPoint(2),
        Method.online(0.9));
  }
}
