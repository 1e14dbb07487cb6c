package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.run.RareIntents;
import io.github.lowrank.experiments.run.RunListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Rare intents found with 5 exemplars and 100 answers, right ones or some of them wrong. */
public final class RareIntentSearch {
  private RareIntentSearch() {}

  /** All of them. */
  public static List<RareIntents> experiments() {
    List<RareIntents> all = new ArrayList<>();
    for (DatasetSource dataset : List.of(Catalogue.clinc150(), Catalogue.banking77())) {
      for (VectorSource vectors : List.of(VectorSource.sgns300d(), VectorSource.bgeSentences())) {
        for (double wrong : new double[] {0, 0.05}) {
          all.add(new RareIntents(dataset, vectors, 20, 5, 100, 10, 200, wrong, 5));
        }
      }
    }
    return all;
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
    System.out.println(RareIntents.Row.HEADING);
    for (RareIntents experiment : experiments()) {
      experiment.run(new DataRoot(Path.of(args[0])), RunListener.NONE, System.out::println);
    }
  }
}
