package io.github.lowrank.foreign;

import io.github.lowrank.graphdef.GraphScope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorShapeProto;

/**
 * A float matrix of a graph and everything that uses it, traced through identities, reads and calls
 * of functions.
 *
 * @param name name of its node
 * @param kind type of the node
 * @param rows number of rows
 * @param columns number of columns
 * @param gathers where rows are looked up
 * @param whole uses of the whole matrix, other than assigning and saving it
 * @param assigned where it is assigned
 * @param obstacles why it cannot be replaced; empty if it can
 */
record EmbeddingSite(
    String name,
    Kind kind,
    int rows,
    int columns,
    List<Place> gathers,
    List<Place> whole,
    List<Place> assigned,
    List<String> obstacles) {

  /** What holds the matrix. */
  enum Kind {
    /** A resource variable. */
    RESOURCE,
    /** A variable of TensorFlow 1. */
    REFERENCE,
    /** A constant. */
    CONSTANT
  }

  /**
   * A use of the matrix.
   *
   * @param scope graph or function
   * @param node the user
   * @param input number of the input
   * @param resource whether the input is the handle, not the values
   */
  record Place(GraphScope scope, NodeDef node, int input, boolean resource) {}

  private static final Map<String, Kind> HOLDERS =
      Map.of(
          "VarHandleOp", Kind.RESOURCE,
          "VariableV2", Kind.REFERENCE,
          "Variable", Kind.REFERENCE,
          "Const", Kind.CONSTANT);
  private static final Set<String> GATHERS = Set.of("Gather", "GatherV2");
  private static final Set<String> HARMLESS =
      Set.of(
          "VarIsInitializedOp",
          "IsVariableInitialized",
          "SaveV2",
          "Save",
          "SaveSlices",
          "Shape",
          "VariableShape",
          "MergeV2Checkpoints");

  /**
   * All float matrices of {@code graph} whose shape is known: those that are looked up come first,
   * larger ones before smaller ones.
   */
  static List<EmbeddingSite> all(GraphDef graph, Map<String, GraphScope> scopes) {
    List<EmbeddingSite> sites = new ArrayList<>();
    for (NodeDef node : scopes.get("").nodes()) {
      Kind kind = HOLDERS.get(node.getOp());
      if (kind == null || node.getAttrOrThrow("dtype").getType() != DataType.DT_FLOAT) {
        continue;
      }
      TensorShapeProto shape =
          kind == Kind.CONSTANT
              ? node.getAttrOrThrow("value").getTensor().getTensorShape()
              : node.getAttrOrThrow("shape").getShape();
      if (shape.getDimCount() == 2 && shape.getDimList().stream().allMatch(d -> d.getSize() > 1)) {
        sites.add(trace(node, kind, shape, graph, scopes));
      }
    }
    sites.sort(
        Comparator.comparing((EmbeddingSite s) -> s.gathers().isEmpty())
            .thenComparing(s -> -(long) s.rows() * s.columns()));
    return sites;
  }

  private record Value(String scope, String name, boolean resource) {}

  private static EmbeddingSite trace(
      NodeDef holder,
      Kind kind,
      TensorShapeProto shape,
      GraphDef graph,
      Map<String, GraphScope> scopes) {
    EmbeddingSite site =
        new EmbeddingSite(
            holder.getName(),
            kind,
            Math.toIntExact(shape.getDim(0).getSize()),
            Math.toIntExact(shape.getDim(1).getSize()),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    Map<String, List<String>> arguments = new LinkedHashMap<>();
    graph
        .getLibrary()
        .getFunctionList()
        .forEach(
            f ->
                arguments.put(
                    f.getSignature().getName(),
                    f.getSignature().getInputArgList().stream().map(a -> a.getName()).toList()));
    Deque<Value> open = new ArrayDeque<>();
    Set<Value> seen = new HashSet<>();
    Map<Value, String> elsewhere = new LinkedHashMap<>();
    open.add(new Value("", holder.getName() + ":0", kind == Kind.RESOURCE));
    while (!open.isEmpty()) {
      Value value = open.pop();
      if (!seen.add(value)) {
        continue;
      }
      GraphScope scope = scopes.get(value.scope());
      if (scope.returned(value.name())) {
        site.obstacles().add("function " + scope.function() + " returns it");
      }
      for (GraphScope.Use use : scope.uses(value.name())) {
        NodeDef node = use.node();
        Place place = new Place(scope, node, use.index(), value.resource());
        String callee = callee(node, arguments.keySet());
        if (callee != null) {
          open.add(new Value(callee, arguments.get(callee).get(use.index()), value.resource()));
          others(node, use.index(), callee, value, scopes, elsewhere);
        } else if (node.getOp().equals("Identity") || node.getOp().equals("ReadVariableOp")) {
          boolean read = node.getOp().equals("ReadVariableOp");
          open.add(
              new Value(
                  value.scope(),
                  scope.value(node.getName(), read ? "value" : "output", 0),
                  value.resource() && !read));
        } else if (node.getOp().equals("ResourceGather") && use.index() == 0
            || GATHERS.contains(node.getOp()) && use.index() == 0) {
          site.gathers().add(place);
        } else if (node.getOp().startsWith("Assign") && use.index() == 0) {
          site.assigned().add(place);
        } else if (value.resource() && !HARMLESS.contains(node.getOp())) {
          site.obstacles().add("it is used by %s (%s)".formatted(node.getName(), node.getOp()));
        } else if (!HARMLESS.contains(node.getOp())) {
          site.whole().add(place);
        }
      }
    }
    elsewhere.forEach(
        (value, callee) -> {
          if (!seen.contains(value)) {
            site.obstacles().add("function " + callee + " is also called with something else");
          }
        });
    return site;
  }

  /** The function that {@code node} calls, or null. */
  private static String callee(NodeDef node, Set<String> functions) {
    if (functions.contains(node.getOp())) {
      return node.getOp();
    }
    return node.getOp().endsWith("PartitionedCall")
        ? node.getAttrOrThrow("f").getFunc().getName()
        : null;
  }

  /**
   * What other calls of {@code callee} pass at the same position: a function cannot be rewritten
   * for two different matrices.
   */
  private static void others(
      NodeDef call,
      int input,
      String callee,
      Value value,
      Map<String, GraphScope> scopes,
      Map<Value, String> elsewhere) {
    for (GraphScope scope : scopes.values()) {
      for (NodeDef node : scope.nodes()) {
        if (!node.equals(call)
            && callee.equals(callee(node, scopes.keySet()))
            && node.getInputCount() > input) {
          elsewhere.put(
              new Value(scope.function(), scope.canonical(node.getInput(input)), value.resource()),
              callee);
        }
      }
    }
  }
}
