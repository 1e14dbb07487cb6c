package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.experiments.spec.Experiment;
import java.util.List;
import java.util.stream.Stream;

/** All experiments. To add one, write a small class and add a line here. */
public final class Experiments {
  private Experiments() {}

  /** In the order of {@code lowrank list}. */
  public static List<Experiment> all() {
    return Stream.of(
            List.of(Quickstart.experiment(), WordNetDan.experiment(), Sst2Dan.experiment()),
            PaperComparison.experiments(),
            UnknownWords.experiments(),
            CutTime.experiments(),
            OptimizersAndSchedules.experiments(),
            OnePercent.experiments(),
            ThroughTheFactorization.experiments(),
            OwnText.experiments())
        .flatMap(List::stream)
        .toList();
  }
}
