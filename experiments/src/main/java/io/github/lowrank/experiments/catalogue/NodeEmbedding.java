package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.experiments.run.NodeEmbeddings;
import io.github.lowrank.experiments.run.NodeEmbeddings.Choice;
import io.github.lowrank.experiments.run.RunListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Embeddings of the nodes of Cora, PPI and Wikipedia, by fixed and learned proximities. */
public final class NodeEmbedding {
  private static final RunListener LOG =
      new RunListener() {
        @Override
        public void log(String line) {
          System.err.println(line);
        }
      };

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
   * @param args the data root, and if wanted some networks, each with a choice and a split or
   *     without: {@code cora}, {@code ppi:learned}, {@code ppi:learned-classes:2}
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 1) {
      System.err.println("expected the data root");
      System.exit(2);
    }
    DataRoot root = new DataRoot(Path.of(args[0]));
    System.out.println(NodeEmbeddings.Row.HEADING);
    List<String> wanted =
        args.length > 1
            ? List.of(args).subList(1, args.length)
            : experiments().stream().map(NodeEmbeddings::name).toList();
    for (String some : wanted) {
      String[] parts = some.split(":", 3);
      NodeEmbeddings experiment =
          experiments().stream()
              .filter(e -> e.name().equals(parts[0]))
              .findFirst()
              .orElseThrow(() -> new IOException(parts[0] + ": expected cora, ppi or wikipedia"));
      experiment.run(
          root,
          Stream.of(Choice.values())
              .filter(choice -> parts.length < 2 || choice.toString().equals(parts[1]))
              .toList(),
          parts.length < 3
              ? IntStream.rangeClosed(1, experiment.seeds()).boxed().toList()
              : List.of(Integer.valueOf(parts[2])),
          LOG,
          System.out::println);
    }
  }
}
