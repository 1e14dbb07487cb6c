package io.github.lowrank.export;

import com.google.protobuf.ByteString;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.model.Prototypes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;

/** Reduces graphs to what is needed for serving. */
final class ServingGraph {
  /** Name of the constant that holds the path of the vocabulary. */
  static final String VOCABULARY_PATH = "vocabulary_path";

  /** Name of the constant that holds the SHA-256 of the vocabulary. */
  static final String VOCABULARY_SHA256 = SavedModels.ASSET_SHA256;

  private static final List<String> ROOTS =
      List.of(
          VOCABULARY_SHA256,
          ClassifierDescription.NODE,
          SavedModelWriter.PROBABILITIES,
          SavedModelWriter.LABEL,
          SavedModelWriter.LABELS,
          SavedModelWriter.THRESHOLD,
          SavedModelWriter.VECTOR,
          SavedModelWriter.FARTHEST,
          Prototypes.DISTANCE,
          SavedModelWriter.given(SavedModelWriter.PROBABILITIES),
          SavedModelWriter.given(SavedModelWriter.LABEL),
          SavedModelWriter.given(Prototypes.DISTANCE),
          "initialize_vocabulary",
          "save/control_dependency",
          "save/restore_all");

  private ServingGraph() {}

  /**
   * {@code graph} without the ops that nothing served, saved or restored depends on, and without
   * the path at which the vocabulary happened to be written: loaders feed the path of their own
   * copy.
   */
  static GraphDef of(GraphDef graph) {
    Map<String, NodeDef> nodes = new HashMap<>();
    graph.getNodeList().forEach(node -> nodes.put(node.getName(), node));
    Set<String> kept = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(ROOTS);
    while (!open.isEmpty()) {
      String name = open.pop();
      if (nodes.containsKey(name) && kept.add(name)) { // not every model has all of them
        for (String input : nodes.get(name).getInputList()) {
          open.push(input.replaceFirst("^\\^", "").replaceFirst(":\\d+$", ""));
        }
      }
    }
    GraphDef.Builder reduced = graph.toBuilder().clearNode();
    graph.getNodeList().stream()
        .filter(node -> kept.contains(node.getName()))
        .map(node -> node.getName().equals(VOCABULARY_PATH) ? relative(node) : node)
        .forEach(reduced::addNode);
    return reduced.build();
  }

  private static NodeDef relative(NodeDef path) {
    TensorProto value =
        path.getAttrOrThrow("value").getTensor().toBuilder()
            .clearStringVal()
            .addStringVal(ByteString.copyFromUtf8(SavedModelWriter.VOCABULARY))
            .build();
    return path.toBuilder()
        .putAttr("value", AttrValue.newBuilder().setTensor(value).build())
        .build();
  }
}
