package io.github.lowrank.foreign;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * Splits functions that look up rows and that one caller calls with different variables: each gets
 * a copy, which can be rewritten for its table.
 */
final class SharedFunctions {
  private static final Set<String> CALLS = Set.of("PartitionedCall", "StatefulPartitionedCall");

  private final Map<String, FunctionDef> functions = new LinkedHashMap<>();
  private int copies;

  private SharedFunctions(GraphDef.Builder graph) {
    graph.getLibrary().getFunctionList().forEach(f -> functions.put(name(f), f));
  }

  private static String name(FunctionDef function) {
    return function.getSignature().getName();
  }

  /** Splits what has to be split in {@code graph} and its functions. */
  static void split(GraphDef.Builder graph) {
    SharedFunctions shared = new SharedFunctions(graph);
    shared.split(graph.getNodeList(), nodes -> graph.clearNode().addAllNode(nodes));
    for (String name : new ArrayList<>(shared.functions.keySet())) {
      FunctionDef function = shared.functions.get(name);
      shared.split(
          function.getNodeDefList(),
          nodes ->
              shared.functions.put(
                  name, function.toBuilder().clearNodeDef().addAllNodeDef(nodes).build()));
    }
    graph.getLibraryBuilder().clearFunction().addAllFunction(shared.functions.values());
  }

  private void split(List<NodeDef> nodes, Consumer<List<NodeDef>> changed) {
    Map<String, Map<List<String>, String>> calls = new HashMap<>();
    for (NodeDef node : nodes) {
      FunctionDef callee = callee(node);
      if (callee != null && looksUp(callee, new HashSet<>())) {
        calls
            .computeIfAbsent(name(callee), c -> new LinkedHashMap<>())
            .put(variables(node, callee), "");
      }
    }
    calls.values().removeIf(variables -> variables.size() < 2);
    if (calls.isEmpty()) {
      return;
    }
    calls.forEach(
        (callee, variables) ->
            variables.replaceAll(
                (v, none) -> copy(callee, "_lowrank" + ++copies, new HashSet<>())));
    List<NodeDef> result = new ArrayList<>();
    for (NodeDef node : nodes) {
      FunctionDef callee = callee(node);
      Map<List<String>, String> variables = callee == null ? null : calls.get(name(callee));
      result.add(
          variables == null ? node : calling(node, "f", variables.get(variables(node, callee))));
    }
    changed.accept(result);
  }

  private FunctionDef callee(NodeDef node) {
    return CALLS.contains(node.getOp())
        ? functions.get(
            node.getAttrOrDefault("f", AttrValue.getDefaultInstance()).getFunc().getName())
        : null;
  }

  private static List<String> variables(NodeDef node, FunctionDef callee) {
    List<String> variables = new ArrayList<>();
    for (int i = 0; i < callee.getSignature().getInputArgCount(); i++) {
      if (callee.getSignature().getInputArg(i).getType() == DataType.DT_RESOURCE
          && i < node.getInputCount()) {
        variables.add(node.getInput(i));
      }
    }
    return variables;
  }

  private boolean looksUp(FunctionDef function, Set<String> seen) {
    if (!seen.add(name(function))) {
      return false;
    }
    for (NodeDef node : function.getNodeDefList()) {
      if (Tables.LOOKUPS.contains(node.getOp()) || Tables.SPARSE.contains(node.getOp())) {
        return true;
      }
      for (AttrValue value : node.getAttrMap().values()) {
        FunctionDef inner = value.hasFunc() ? functions.get(value.getFunc().getName()) : null;
        if (inner != null && looksUp(inner, seen)) {
          return true;
        }
      }
    }
    return false;
  }

  /** A copy of a function and of all that it calls. */
  private String copy(String name, String suffix, Set<String> open) {
    FunctionDef function = functions.get(name);
    if (function == null || !open.add(name)) {
      return name;
    }
    FunctionDef.Builder copy = function.toBuilder();
    copy.getSignatureBuilder().setName(name + suffix);
    copy.clearNodeDef();
    for (NodeDef node : function.getNodeDefList()) {
      NodeDef calling = node;
      for (Map.Entry<String, AttrValue> attribute : node.getAttrMap().entrySet()) {
        if (attribute.getValue().hasFunc()) {
          String inner = attribute.getValue().getFunc().getName();
          String copied =
              functions.containsKey(inner + suffix) ? inner + suffix : copy(inner, suffix, open);
          calling = calling(calling, attribute.getKey(), copied);
        }
      }
      copy.addNodeDef(calling);
    }
    functions.put(name + suffix, copy.build());
    return name + suffix;
  }

  private static NodeDef calling(NodeDef node, String attribute, String function) {
    AttrValue.Builder value = node.getAttrOrThrow(attribute).toBuilder();
    value.getFuncBuilder().setName(function);
    return node.toBuilder().putAttr(attribute, value.build()).build();
  }
}
