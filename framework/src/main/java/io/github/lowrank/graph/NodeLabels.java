package io.github.lowrank.graph;

import io.github.lowrank.text.MalformedFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Classes of nodes; a node may have several, or none.
 *
 * @param classes their names
 * @param labels for each node its classes, ascending
 * @param unknown number of labels of nodes that the network does not have
 */
public record NodeLabels(List<String> classes, int[][] labels, int unknown) {
  private static final int LONGEST = 1 << 26;

  /** How labels stand in a file; tokens are separated by tabs or blanks. */
  public enum Layout {
    /** A line is a node and its classes. */
    NODES,
    /** A line is a class, its tokens the nodes; as in files that end in {@code .cmty}. */
    CLASSES;

    /** What the ending of a file's name says. */
    public static Layout of(Path file) {
      return file.toString().matches("(?i).*\\.cmty(\\.gz)?") ? CLASSES : NODES;
    }
  }

  /**
   * Reads the labels of a network's nodes.
   *
   * @throws MalformedFileException if no node of the network has a label, or all have the same
   */
  public static NodeLabels read(Path file, Layout layout, Network network) throws IOException {
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < network.nodes(); i++) {
      numbers.put(network.names().get(i), i);
    }
    List<TreeSet<Integer>> labels = new ArrayList<>();
    for (int i = 0; i < network.nodes(); i++) {
      labels.add(new TreeSet<>());
    }
    Map<String, Integer> classes = new LinkedHashMap<>();
    int[] unknown = new int[1];
    EdgeListFile.lines(
        file,
        LONGEST,
        (line, tokens) -> {
          if (layout == Layout.NODES && tokens.size() < 2) {
            throw new MalformedFileException(
                file, line, "a node and its classes", "'" + tokens.get(0) + "'");
          }
          int own = classes.size();
          for (int t = layout == Layout.NODES ? 1 : 0; t < tokens.size(); t++) {
            String node = tokens.get(layout == Layout.NODES ? 0 : t);
            String name = layout == Layout.NODES ? tokens.get(t) : Integer.toString(own + 1);
            int number = classes.computeIfAbsent(name, unused -> classes.size());
            Integer known = numbers.get(node);
            if (known == null) {
              unknown[0]++;
            } else {
              labels.get(known).add(number);
            }
          }
        });
    long used = labels.stream().flatMap(TreeSet::stream).distinct().count();
    if (used < 2) {
      throw new MalformedFileException(
          file,
          "nodes of the network in at least two classes",
          used == 0 ? "none of its nodes" : "one class");
    }
    return new NodeLabels(
        List.copyOf(classes.keySet()),
        labels.stream().map(set -> set.stream().mapToInt(i -> i).toArray()).toArray(int[][]::new),
        unknown[0]);
  }

  /** Whether a node has a label. */
  public boolean has(int node) {
    return labels[node].length > 0;
  }

  /** The same classes; the labels of some nodes alone. */
  public NodeLabels of(Collection<Integer> nodes) {
    int[][] some = new int[labels.length][0];
    nodes.forEach(i -> some[i] = labels[i]);
    return new NodeLabels(classes, some, unknown);
  }
}
