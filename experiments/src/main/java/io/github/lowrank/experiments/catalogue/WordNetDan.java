package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.experiments.cli.ExperimentMain;
import io.github.lowrank.experiments.spec.Experiment;

/** The quickstart's comparison with three seeds. */
public final class WordNetDan {
  private WordNetDan() {}

  /** Noun glosses of WordNet. */
  public static Experiment experiment() {
    Experiment q = Quickstart.experiment();
    return new Experiment(
        "wordnet-dan",
        "the quickstart's comparison with 3 seeds",
        q.dataset(),
        q.vectors(),
        q.encoder(),
        q.head(),
        q.methods(),
        q.plan(),
        3);
  }

  /** Runs the experiment. */
  public static void main(String[] args) {
    ExperimentMain.run(experiment(), args);
  }
}
