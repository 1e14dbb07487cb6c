package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.run.PropagatedLabels;
import io.github.lowrank.experiments.run.RunListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Labels from 5 exemplars a class, with neighbourhoods of the classifier's vectors or others. */
public final class LabelPropagation {
  private LabelPropagation() {}

  /** All of them. */
  public static List<PropagatedLabels> experiments() {
    List<PropagatedLabels> all = new ArrayList<>();
    for (DatasetSource dataset :
        List.of(Catalogue.clinc150(), Catalogue.banking77(), Catalogue.snips(), Catalogue.trec())) {
      for (VectorSource near : List.of(VectorSource.sgns300d(), VectorSource.bgeSentences())) {
        all.add(experiment(dataset, near, PropagatedLabels.Learner.SOFTMAX));
      }
    }
    for (DatasetSource dataset : List.of(Catalogue.clinc150(), Catalogue.banking77())) {
      all.add(experiment(dataset, VectorSource.bgeSentences(), PropagatedLabels.Learner.DAN));
    }
    return all;
  }

  private static PropagatedLabels experiment(
      DatasetSource dataset, VectorSource near, PropagatedLabels.Learner learner) {
    return new PropagatedLabels(dataset, VectorSource.sgns300d(), near, 5, 6, 0.8, learner, 5);
  }

  /**
   * Prints the rows.
   *
   * @param args the data root
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("expected the data root");
      System.exit(2);
    }
    System.out.println(PropagatedLabels.Row.HEADING);
    for (PropagatedLabels experiment : experiments()) {
      experiment.run(new DataRoot(Path.of(args[0])), RunListener.NONE, System.out::println);
    }
  }
}
