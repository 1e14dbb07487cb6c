package io.github.lowrank.export;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/** Reduces graphs to what serving needs. */
final class ServingGraph {
  private static final List<String> ROOTS =
      List.of(
          SavedModelWriter.PROBABILITIES,
          SavedModelWriter.LABEL,
          SavedModelWriter.LABELS,
          "initialize_vocabulary",
          "save/control_dependency",
          "save/restore_all");

  private ServingGraph() {}

  /** {@code graph} without the ops that nothing served, saved or restored depends on. */
  static GraphDef withoutSetters(GraphDef graph) {
    Map<String, NodeDef> nodes = new HashMap<>();
    graph.getNodeList().forEach(node -> nodes.put(node.getName(), node));
    Set<String> kept = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(ROOTS);
    while (!open.isEmpty()) {
      String name = open.pop();
      if (kept.add(name)) {
        for (String input : nodes.get(name).getInputList()) {
          open.push(input.replaceFirst("^\\^", "").replaceFirst(":\\d+$", ""));
        }
      }
    }
    GraphDef.Builder reduced = graph.toBuilder().clearNode();
    graph.getNodeList().stream()
        .filter(node -> kept.contains(node.getName()))
        .forEach(reduced::addNode);
    return reduced.build();
  }
}
