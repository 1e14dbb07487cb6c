package io.github.lowrank.foreign;

import io.github.lowrank.embedding.Rank;
import io.github.lowrank.graphdef.Safety;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorShapeProto;

/**
 * What a SavedModel holds, read from its protocol buffer without running it; anybody's, not only
 * ours.
 *
 * @param bytes of all files
 * @param signatures by name
 * @param variables the largest first
 * @param opTypes how many nodes of each type, functions included
 * @param unsafe ops that could reach more than the model, by type, with their places
 */
public record ModelInspection(
    long bytes,
    Map<String, SignatureDef> signatures,
    List<VariableInfo> variables,
    Map<String, Integer> opTypes,
    Map<String, List<String>> unsafe) {
  private static final Set<String> VARIABLE_OPS = Set.of("VarHandleOp", "VariableV2", "Variable");

  /**
   * A variable.
   *
   * @param name of its node
   * @param type element type
   * @param shape sizes; -1 where unknown
   */
  public record VariableInfo(String name, String type, List<Long> shape) {
    /** Number of elements. */
    public long size() {
      return shape.stream().reduce(1L, (a, b) -> a * b);
    }

    /**
     * Parameters that a factorisation which removes {@code removed} would leave; -1 where the
     * variable is no float matrix or the factorisation would save nothing.
     */
    public long factorised(double removed) {
      if (shape.size() != 2
          || !type.equals("DT_FLOAT")
          || shape.stream().anyMatch(s -> s < 1 || s > Integer.MAX_VALUE)) {
        return -1;
      }
      int rows = shape.get(0).intValue();
      int columns = shape.get(1).intValue();
      try {
        return Rank.parameters(rows, columns, Rank.of(rows, columns, removed));
      } catch (IllegalArgumentException e) {
        return -1;
      }
    }
  }

  /**
   * Inspects the SavedModel in {@code directory}.
   *
   * @throws IOException if there is none, or its bytes are no SavedModel
   */
  public static ModelInspection of(Path directory) throws IOException {
    MetaGraphDef graph = SavedModels.metaGraph(directory);
    List<VariableInfo> variables = new ArrayList<>();
    Map<String, Integer> types = new TreeMap<>();
    for (NodeDef node : graph.getGraphDef().getNodeList()) {
      types.merge(node.getOp(), 1, Integer::sum);
      if (VARIABLE_OPS.contains(node.getOp())) {
        variables.add(
            new VariableInfo(
                node.getName(),
                node.getAttrOrDefault("dtype", AttrValue.getDefaultInstance()).getType().name(),
                node
                    .getAttrOrDefault("shape", AttrValue.getDefaultInstance())
                    .getShape()
                    .getDimList()
                    .stream()
                    .map(TensorShapeProto.Dim::getSize)
                    .toList()));
      }
    }
    graph
        .getGraphDef()
        .getLibrary()
        .getFunctionList()
        .forEach(
            function ->
                function
                    .getNodeDefList()
                    .forEach(node -> types.merge(node.getOp(), 1, Integer::sum)));
    variables.sort(Comparator.comparing(VariableInfo::size).reversed());
    return new ModelInspection(
        AtomicFiles.size(directory),
        graph.getSignatureDefMap(),
        variables,
        types,
        Safety.problems(graph));
  }
}
