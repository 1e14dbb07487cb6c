package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.experiments.spec.Experiment;
import java.util.ArrayList;
import java.util.List;

/** All experiments. A new one is a small class and a line here. */
public final class Experiments {
  private Experiments() {}

  /** In the order of {@code lowrank list}. */
  public static List<Experiment> all() {
    List<Experiment> all =
        new ArrayList<>(
            List.of(Quickstart.experiment(), WordNetDan.experiment(), Sst2Dan.experiment()));
    all.addAll(PaperGrid.experiments());
    all.add(CutTime.experiment());
    all.add(CutTime.retraining());
    all.add(OptimizersAndSchedules.dan());
    all.add(OptimizersAndSchedules.lstm());
    all.add(OptimizersAndSchedules.constantsOfCalr());
    return all;
  }
}
