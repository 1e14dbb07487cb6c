package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.experiments.run.NodeEmbeddings;
import io.github.lowrank.experiments.run.RunListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Embeddings of the nodes of Cora, PPI and Wikipedia, by fixed and learned proximities. */
public final class NodeEmbedding {
  private NodeEmbedding() {}

  /** All of them. */
  public static List<NodeEmbeddings> experiments() {
    return List.of(
        new NodeEmbeddings(
            "cora", "graphs/cora_edgelist.txt", "graphs/cora_labels.txt", 1e-5, 128, 2),
        new NodeEmbeddings("ppi", "graphs/PPI.ungraph", "graphs/PPI.cmty", 1e-5, 128, 2),
        new NodeEmbeddings(
            "wikipedia", "graphs/wikipedia.ungraph", "graphs/wikipedia.cmty", 1e-5, 128, 2));
  }

  /**
   * Prints the rows.
   *
   * @param args the data root, and if wanted the names of some networks
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 1) {
      System.err.println("expected the data root");
      System.exit(2);
    }
    List<String> wanted = List.of(args).subList(1, args.length);
    System.out.println(NodeEmbeddings.Row.HEADING);
    for (NodeEmbeddings experiment : experiments()) {
      if (wanted.isEmpty() || wanted.contains(experiment.name())) {
        experiment.run(new DataRoot(Path.of(args[0])), RunListener.NONE, System.out::println);
      }
    }
  }
}
