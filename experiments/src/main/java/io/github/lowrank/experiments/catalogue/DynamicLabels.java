package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.run.NewClasses;
import io.github.lowrank.experiments.run.RunListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Intents that are added to a trained classifier: 50 of CLINC150's, 27 of BANKING77's. */
public final class DynamicLabels {
  private static final List<Integer> SHOTS = List.of(1, 5, 20);

  private DynamicLabels() {}

  /** All of them. */
  public static List<NewClasses> experiments() {
    return List.of(
        new NewClasses(Catalogue.clinc150(), VectorSource.sgns300d(), 50, SHOTS, 6, 300, 5),
        new NewClasses(Catalogue.banking77(), VectorSource.sgns300d(), 27, SHOTS, 6, 300, 5));
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
    System.out.println(NewClasses.Row.HEADING);
    for (NewClasses experiment : experiments()) {
      experiment.run(new DataRoot(Path.of(args[0])), RunListener.NONE, System.out::println);
    }
  }
}
