package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.cli.ExperimentMain;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import java.util.List;
import java.util.stream.Stream;

/** When to factorize, in how many rounds, with which split of the singular values; 90 % removed. */
public final class CutTime {
  private static final double REMOVED = 0.9;
  private static final List<Double> RATES = List.of(3e-4, 1e-3, 3e-3);

  private CutTime() {}

  /** All of them. */
  public static List<Experiment> experiments() {
    return List.of(experiment());
  }

  /**
   * On SST-2 with a DAN. Offline compression factorizes after 0 % of the budget, the online method
   * after 50 %.
   */
  public static Experiment experiment() {
    return new Experiment(
        "cut-sst2-dan",
        "when to factorize, in how many rounds, with which split: SST-2, DAN, 90 % removed",
        Catalogue.sst2(),
        VectorSource.sgns300d(),
        Dan.ofPaper(),
        new Softmax(),
        Stream.of(
                Method.baseline(),
                Method.offline(REMOVED),
                Method.cutAfter(0.25, REMOVED),
                Method.online(REMOVED),
                Method.cutAfter(0.75, REMOVED),
                Method.cutAtEnd(REMOVED),
                Method.rounds(2, REMOVED),
                Method.rounds(4, REMOVED),
                Method.onlinePaperSplit(REMOVED))
            .map(m -> m.withRates(RATES))
            .toList(),
        Plan.of(2800, 70, RATES),
        5);
  }

  /** Runs the experiment that the first argument names. */
  public static void main(String[] args) {
    ExperimentMain.run(experiments(), args);
  }
}
