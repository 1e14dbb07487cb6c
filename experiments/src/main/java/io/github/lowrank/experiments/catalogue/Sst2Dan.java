package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.cli.ExperimentMain;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import java.util.List;

/** The paper's main table on SST-2 with a DAN. */
public final class Sst2Dan {
  private Sst2Dan() {}

  /** Sentences of SST-2. */
  public static Experiment experiment() {
    return new Experiment(
        "sst2-dan",
        "SST-2 sentences, DAN, sgns-300d vectors: 90 % removed, compared with its rivals",
        Catalogue.sst2(),
        VectorSource.sgns300d(),
        Dan.ofPaper(),
        new Softmax(),
        Quickstart.paperMethods(),
        Plan.of(2800, 70, List.of(3e-4, 1e-3, 3e-3)),
        3);
  }

  /** Runs the experiment. */
  public static void main(String[] args) {
    ExperimentMain.run(experiment(), args);
  }
}
