package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.run.NewClasses;
import io.github.lowrank.experiments.run.RunListener;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Intents that are added to a trained classifier: 50 of CLINC150's, 27 of BANKING77's. */
public final class DynamicLabels {
  private static final List<Integer> SHOTS = List.of(1, 5, 20);

  private DynamicLabels() {}

  /** The layout of CLINC150's domains.json. */
  private static final class Domains extends TreeMap<String, List<String>> {
    private static final long serialVersionUID = 1L;
  }

  /**
   * All of them.
   *
   * @param domains intents of each of CLINC150's domains, three of which are added together
   */
  public static List<NewClasses> experiments(Map<String, List<String>> domains) {
    return List.of(
        of(Catalogue.clinc150(), Map.of(), 50),
        of(Catalogue.banking77(), Map.of(), 27),
        of(Catalogue.clinc150(), domains, 3));
  }

  private static NewClasses of(DatasetSource dataset, Map<String, List<String>> groups, int added) {
    return new NewClasses(dataset, VectorSource.sgns300d(), groups, added, SHOTS, 6, 300, 5);
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
    Path root = Path.of(args[0]);
    Domains domains = Json.read(root.resolve("clinc150").resolve("domains.json"), Domains.class);
    for (NewClasses experiment : experiments(domains)) {
      experiment.run(new DataRoot(root), RunListener.NONE, System.out::println);
    }
  }
}
