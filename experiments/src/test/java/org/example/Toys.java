package org.example;

import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.catalogue.Quickstart;
import io.github.lowrank.experiments.cli.ExperimentMain;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Train;
import io.github.lowrank.experiments.spec.TrainWith;
import java.util.List;

/** An experiment with everything that this package adds. */
public final class Toys {
  private Toys() {}

  static Experiment experiment() {
    Experiment quickstart =
        Quickstart.experiment().set("limit=1000").set("steps=60").set("evaluate-every=10");
    Train half = new Train(0.5);
    return new Experiment(
        "toys",
        "what is added from outside, on the quickstart's data",
        quickstart.dataset(),
        VectorSource.none(),
        new MeanOfWords(16),
        new Centroids(4),
        List.of(
            Method.baseline(),
            new Method("hashed", half, new HashedRows.Hash(0.9), half),
            new Method("noisy", half, half, new Noise(0.1)),
            new Method(
                "signs",
                List.of(new TrainWith(1, new SignDescent(), new Staircase(3, 0.5))),
                List.of(3e-4))),
        quickstart.plan().at(3e-3),
        1);
  }

  /** Runs it. */
  public static void main(String[] args) {
    ExperimentMain.run(experiment(), args);
  }
}
