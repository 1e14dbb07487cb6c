package io.github.lowrank.foreign;

import io.github.lowrank.graphdef.GraphScope;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.BundleEntryProto;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** Finds the matrices of a model and what uses them. */
final class Tables {
  static final Set<String> VARIABLES = Set.of("VarHandleOp", "VariableV2", "Variable");

  private static final Set<String> SAME =
      Set.of("Identity", "StopGradient", "Snapshot", "PreventGradient", "Enter", "RefEnter");
  static final Set<String> LOOKUPS =
      Set.of("Gather", "GatherV2", "GatherNd", "ResourceGather", "ResourceGatherNd");
  static final Set<String> SPARSE =
      Set.of(
          "SparseSegmentSum",
          "SparseSegmentMean",
          "SparseSegmentSqrtN",
          "SparseSegmentSumWithNumSegments",
          "SparseSegmentMeanWithNumSegments",
          "SparseSegmentSqrtNWithNumSegments");
  private static final Set<String> HARMLESS =
      Set.of(
          "VarIsInitializedOp",
          "IsVariableInitialized",
          "DisableCopyOnRead",
          "DestroyResourceOp",
          "Rank",
          "SaveV2",
          "Save",
          "SaveSlices",
          "MergeV2Checkpoints",
          "NoOp");

  /** What may make another table of a table, whose rows are then looked up. */
  private static final Set<String> COMPUTES =
      Set.of(
          "Identity",
          "Enter",
          "RefEnter",
          "Cast",
          "Mul",
          "Add",
          "AddV2",
          "Sub",
          "Div",
          "RealDiv",
          "Neg",
          "Square",
          "Sum",
          "Sqrt",
          "Rsqrt",
          "Maximum",
          "Minimum",
          "ClipByValue",
          "Concat",
          "ConcatV2",
          "Pad",
          "PadV2",
          "Slice",
          "StridedSlice",
          "TensorScatterUpdate",
          "SelectV2",
          "Reshape",
          "Transpose");

  private static final Set<String> FORMS = Set.of("Identity", "Cast", "Reshape", "ExpandDims");
  static final Set<String> PRODUCTS =
      Set.of("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3");
  private static final Set<String> SHAPES = Set.of("Shape", "VariableShape", "Size");
  private static final String TRAINING =
      "(Resource)?(Sparse)?(Apply|Scatter(?!Nd$)).*|AssignAdd.*|AssignSub.*|CountUpTo";
  private static final Set<String> STITCHES = Set.of("DynamicStitch", "ParallelDynamicStitch");

  private final ModelGraph model;

  private Tables(ModelGraph model) {
    this.model = model;
  }

  /** All float matrices whose shape is known: those that are looked up first, then by size. */
  static List<EmbeddingSite> of(ModelGraph model) {
    List<EmbeddingSite> sites = new Tables(model).sites();
    sites.sort(
        Comparator.comparing((EmbeddingSite s) -> s.lookups() == 0)
            .thenComparing(s -> -(long) s.rows() * s.columns()));
    return sites;
  }

  private List<EmbeddingSite> sites() {
    Map<String, Part> parts = new LinkedHashMap<>();
    Map<String, Set<String>> copies = copies();
    Set<String> taken = new HashSet<>();
    copies.values().forEach(taken::addAll);
    for (GraphScope scope : model.scopes.values()) {
      for (NodeDef node : scope.nodes()) {
        boolean constant = node.getOp().equals("Const");
        if (!constant && !(scope.isGraph() && VARIABLES.contains(node.getOp()))
            || taken.contains(node.getName()) && scope.isGraph()) {
          continue;
        }
        Part part = part(scope, node);
        if (part != null) {
          part.holders.add(node.getName());
          part.holders.addAll(copies.getOrDefault(node.getName(), Set.of()));
          parts.put(part.name, part);
        }
      }
    }
    for (Part part : parts.values()) {
      keys(part);
      new Trace(part).run();
    }
    return group(new ArrayList<>(parts.values()));
  }

  private Part part(GraphScope scope, NodeDef node) {
    boolean constant = node.getOp().equals("Const");
    DataType type = node.getAttrOrDefault("dtype", AttrValue.getDefaultInstance()).getType();
    AttrValue value =
        node.getAttrOrDefault(constant ? "value" : "shape", AttrValue.getDefaultInstance());
    TensorShapeProto declared = constant ? value.getTensor().getTensorShape() : value.getShape();
    TensorShapeProto shape = constant ? declared : stored(node.getName(), declared);
    if (!Numbers.BYTES.containsKey(type)
        || shape.getDimCount() != 2
        || shape.getDimList().stream()
            .anyMatch(d -> d.getSize() < 2 || d.getSize() > Integer.MAX_VALUE)) {
      return null;
    }
    Part.Kind kind =
        constant
            ? Part.Kind.CONSTANT
            : node.getOp().equals("VarHandleOp") ? Part.Kind.RESOURCE : Part.Kind.REFERENCE;
    return new Part(
        scope.isGraph() ? node.getName() : scope.function() + "/" + node.getName(),
        kind,
        scope.function(),
        (int) shape.getDim(0).getSize(),
        (int) shape.getDim(1).getSize(),
        declared,
        type);
  }

  /** The shape of a variable; from the checkpoint, where the graph leaves it open. */
  private TensorShapeProto stored(String variable, TensorShapeProto declared) {
    ModelGraph.Restored restored = model.restored(variable);
    boolean open =
        declared.getUnknownRank() || declared.getDimList().stream().anyMatch(d -> d.getSize() < 0);
    BundleEntryProto entry =
        open && restored != null && model.checkpoint.isPresent()
            ? model.checkpoint.get().entry(restored.key())
            : null;
    return entry == null ? declared : entry.getShape();
  }

  /** By variable: those that begin as copies of it and are stored with the same numbers. */
  private Map<String, Set<String>> copies() {
    Map<String, Set<String>> copies = new LinkedHashMap<>();
    model
        .aliases()
        .forEach(
            (copy, original) -> {
              ModelGraph.Restored a = model.restored(copy);
              ModelGraph.Restored b = model.restored(original);
              boolean same =
                  a == null
                      || b == null
                      || model.checkpoint.isPresent()
                          && model.checkpoint.get().same(a.key(), b.key());
              if (same && sameShape(copy, original)) {
                copies.computeIfAbsent(original, o -> new LinkedHashSet<>()).add(copy);
              }
            });
    return copies;
  }

  private boolean sameShape(String a, String b) {
    NodeDef x = model.graph().node(a);
    NodeDef y = model.graph().node(b);
    return x.getAttrMap().get("shape") != null
        && x.getAttrMap().get("shape").equals(y.getAttrMap().get("shape"));
  }

  private void keys(Part part) {
    if (part.kind == Part.Kind.CONSTANT) {
      return;
    }
    for (String holder : part.holders) {
      ModelGraph.Restored restored = model.restored(holder);
      if (restored != null) {
        part.keys.add(restored.key());
        part.slice = restored.slice();
      }
    }
    part.objects.addAll(model.objects(part.keys));
    if (part.keys.isEmpty()) {
      part.obstacles.add("nothing restores it from the checkpoint");
    } else if (!part.slice.isEmpty()
        && !part.slice.matches("\\d+ \\d+ \\d{1,9},\\d{1,9}:(0,%d|-)".formatted(part.columns))) {
      part.obstacles.add("it is not partitioned by rows: " + part.slice);
      part.slice = "";
    }
  }

  /** Parts that belong together: slices of one variable, or rows that are stitched together. */
  private List<EmbeddingSite> group(List<Part> parts) {
    Map<String, List<Part>> groups = new LinkedHashMap<>();
    Map<String, String> stitched = new TreeMap<>();
    for (Part part : parts) {
      String group = part.name;
      if (!part.slice.isEmpty()) {
        group = part.keys.iterator().next();
      } else {
        for (Part.Lookup lookup : part.lookups) {
          for (GraphScope.Use use : uses(lookup.scope(), lookup.node())) {
            if (STITCHES.contains(use.node().getOp())) {
              group =
                  stitched.computeIfAbsent(
                      "%s %s %d %s"
                          .formatted(
                              lookup.scope().function(),
                              use.node().getName(),
                              part.columns,
                              part.type),
                      key -> part.name);
            }
          }
        }
      }
      groups.computeIfAbsent(group, g -> new ArrayList<>()).add(part);
    }
    List<EmbeddingSite> sites = new ArrayList<>();
    groups.forEach(
        (name, members) -> {
          members.sort(Comparator.comparing(Part::firstRow));
          sites.add(new EmbeddingSite(name, members));
        });
    return sites;
  }

  /** What uses the only output of {@code node}, identities skipped. */
  private static List<GraphScope.Use> uses(GraphScope scope, String node) {
    List<GraphScope.Use> found = new ArrayList<>();
    for (GraphScope.Use use : scope.uses(scope.value(node, "output", 0))) {
      if (use.node().getOp().equals("Identity")) {
        found.addAll(uses(scope, use.node().getName()));
      } else {
        found.add(use);
      }
    }
    return found;
  }

  /** Follows one matrix. */
  private final class Trace {
    private final Part part;
    private final Deque<Value> open = new ArrayDeque<>();
    private final Set<String> seen = new HashSet<>();

    /**
     * A value that is the matrix.
     *
     * @param source itself, or what it was before a cast
     */
    private record Value(
        GraphScope scope, String name, boolean resource, DataType type, String source) {}

    Trace(Part part) {
      this.part = part;
    }

    private void push(
        GraphScope scope, String name, boolean resource, DataType type, String source) {
      if (seen.add(scope.function() + "\n" + name)) {
        open.add(new Value(scope, name, resource, type, source));
      }
    }

    void run() {
      boolean resource = part.kind == Part.Kind.RESOURCE;
      GraphScope home = model.scopes.get(part.scope);
      for (String holder : part.holders) {
        String value = home.value(holder, "output", 0);
        push(home, value, resource, part.type, value);
      }
      List<ModelGraph.Argument> bound = model.bound(part.objects);
      for (ModelGraph.Argument argument : bound) {
        GraphScope scope = model.scopes.get(argument.function());
        push(scope, argument.name(), true, part.type, argument.name());
        argument(scope, argument.name(), true);
      }
      while (!open.isEmpty()) {
        Value value = open.pop();
        returned(value);
        for (GraphScope.Use use : value.scope().uses(value.name())) {
          use(value, use.node(), use.index());
        }
      }
      conflicts(bound);
      part.whole.forEach(this::derived);
      for (SignatureDef signature : model.meta.getSignatureDefMap().values()) {
        for (TensorInfo output : signature.getOutputsMap().values()) {
          if (seen.contains("\n" + model.graph().canonical(output.getName()))) {
            part.obstacles.add("a signature gives out the whole table");
          }
        }
      }
    }

    private void argument(GraphScope scope, String name, boolean resource) {
      part.arguments.put(
          new Part.Argument(scope.function(), scope.arguments().indexOf(name), resource), true);
    }

    private void returned(Value value) {
      GraphScope scope = value.scope();
      for (Map.Entry<String, String> output : scope.returns().entrySet()) {
        if (!output.getValue().equals(value.name())) {
          continue;
        }
        int index = scope.outputs().indexOf(output.getKey());
        boolean loop = false;
        for (ModelGraph.Caller caller : model.callers(scope.function())) {
          if (caller.call().kind() == ModelGraph.Kind.LOOP_BODY) {
            loop = true;
            NodeDef node = caller.scope().node(caller.node());
            String input = index < node.getInputCount() ? node.getInput(index) : "";
            if (!seen.contains(
                caller.scope().function() + "\n" + caller.scope().canonical(input))) {
              part.obstacles.add("a loop changes it: " + caller.node());
            }
            // What goes in unchanged comes out unchanged.
            String out = caller.scope().value(caller.node(), "output", index);
            push(caller.scope(), out, value.resource(), value.type(), out);
          }
        }
        if (!loop && value.resource()) {
          part.obstacles.add("function " + scope.function() + " returns it");
        } else if (!loop) {
          part.whole.add(new Part.Use(scope, null, -1, output.getKey(), value.type()));
        }
      }
    }

    private void use(Value value, NodeDef node, int index) {
      GraphScope scope = value.scope();
      String op = node.getOp();
      String name = node.getName();
      List<ModelGraph.Call> calls = model.calls(node);
      if (!calls.isEmpty()) {
        for (ModelGraph.Call call : calls) {
          GraphScope callee = model.scopes.get(call.function());
          int argument = index - call.first();
          if (callee == null || argument < 0 || argument >= callee.arguments().size()) {
            part.obstacles.add("it is used by %s (%s)".formatted(name, op));
            continue;
          }
          String inner = callee.arguments().get(argument);
          push(callee, inner, value.resource(), value.type(), inner);
          argument(callee, inner, value.resource());
          if (call.kind() == ModelGraph.Kind.LOOP_BODY) {
            part.loops.add(new Part.Place(scope, name, index));
          }
        }
      } else if (SAME.contains(op) || op.equals("Switch") || op.equals("RefSwitch")) {
        carry(value, node, index);
      } else if (op.equals("IdentityN")) {
        part.carriers.add(new Part.Place(scope, name, index));
        String out = scope.value(name, "output", index);
        push(scope, out, value.resource(), value.type(), value.source());
      } else if (op.equals("ReadVariableOp") && value.resource()) {
        String out = scope.value(name, "value", 0);
        part.carriers.add(new Part.Place(scope, name, 0));
        push(scope, out, false, value.type(), out);
      } else if (op.equals("Cast")) {
        DataType to = node.getAttrOrDefault("DstT", AttrValue.getDefaultInstance()).getType();
        if (Numbers.BYTES.containsKey(to)) {
          part.carriers.add(new Part.Place(scope, name, 0));
          push(scope, scope.value(name, "y", 0), false, to, value.source());
        } else {
          part.whole.add(new Part.Use(scope, name, index, null, value.type()));
        }
      } else if (LOOKUPS.contains(op) && index == 0) {
        String problem = rowsProblem(scope, node);
        if (problem.isEmpty()) {
          part.lookups.add(new Part.Lookup(scope, name, value.resource(), value.source(), false));
        } else {
          part.derived.add(new Part.Place(scope, name, index));
          part.whole.add(new Part.Use(scope, name, index, null, value.type()));
        }
      } else if (SPARSE.contains(op) && index == 0) {
        part.lookups.add(new Part.Lookup(scope, name, false, value.source(), true));
      } else if (SHAPES.contains(op)) {
        part.shapes.add(new Part.Place(scope, name, index));
      } else if (op.equals("AssignVariableOp") || op.equals("Assign")) {
        assigned(value, node, index);
      } else if (HARMLESS.contains(op)) {
        return;
      } else if (index == 0 && op.matches(TRAINING)) {
        String advice =
            model.meta.hasObjectGraphDef()
                ? "save the model without its function %s".formatted(scope.function())
                : "--strip leaves training out";
        part.obstacles.add("%s (%s) trains it: %s".formatted(name, op, advice));
      } else if (value.resource()) {
        part.obstacles.add("it is used by %s (%s)".formatted(name, op));
      } else {
        part.whole.add(new Part.Use(scope, name, index, null, value.type()));
      }
    }

    /**
     * Finds what looks up rows of something that {@code use} computes, without leaving its scope.
     */
    private void derived(Part.Use use) {
      NodeDef user = use.node() == null ? null : use.scope().node(use.node());
      if (user == null) {
        return;
      }
      if (PRODUCTS.contains(user.getOp()) && use.input() == 1 && oneHot(use.scope(), user)) {
        part.derived.add(new Part.Place(use.scope(), user.getName(), 1));
      }
      Set<String> reached = new HashSet<>();
      Deque<NodeDef> computed = new ArrayDeque<>(List.of(user));
      while (!computed.isEmpty()) {
        NodeDef node = computed.pop();
        if (!COMPUTES.contains(node.getOp()) || !reached.add(node.getName())) {
          continue;
        }
        for (GraphScope.Use next : use.scope().consumers(node.getName())) {
          String op = next.node().getOp();
          if (next.index() == 0 && (LOOKUPS.contains(op) || SPARSE.contains(op))) {
            part.derived.add(new Part.Place(use.scope(), next.node().getName(), 0));
          } else {
            computed.push(next.node());
          }
        }
      }
    }

    private boolean oneHot(GraphScope scope, NodeDef product) {
      NodeDef node = scope.producer(scope.canonical(product.getInput(0)));
      while (node != null && FORMS.contains(node.getOp())) {
        node = scope.producer(scope.canonical(node.getInput(0)));
      }
      return node != null && node.getOp().equals("OneHot");
    }

    private void carry(Value value, NodeDef node, int index) {
      GraphScope scope = value.scope();
      String op = node.getOp();
      if (index > 0) {
        part.whole.add(new Part.Use(scope, node.getName(), index, null, value.type()));
        return;
      }
      part.carriers.add(new Part.Place(scope, node.getName(), 0));
      if (op.endsWith("Switch")) {
        for (int i = 0; i < 2; i++) {
          String out =
              scope.isGraph()
                  ? node.getName() + ":" + i
                  : node.getName() + (i == 0 ? ":output_false:0" : ":output_true:0");
          push(scope, out, value.resource(), value.type(), out);
        }
        return;
      }
      String out = scope.value(node.getName(), "output", 0);
      // Inside a loop of TensorFlow 1 the value outside cannot be used.
      boolean enter = op.endsWith("Enter");
      if (enter && !node.getAttrOrDefault("is_constant", AttrValue.getDefaultInstance()).getB()) {
        part.obstacles.add("a loop changes it: " + node.getName());
      }
      boolean cast = !value.source().equals(value.name());
      push(scope, out, value.resource(), value.type(), cast && !enter ? value.source() : out);
    }

    private void assigned(Value value, NodeDef node, int index) {
      GraphScope scope = value.scope();
      if (index == 1) {
        String target = model.holder(scope, node.getInput(0));
        if (target == null || !part.holders.contains(target)) {
          part.whole.add(new Part.Use(scope, node.getName(), index, null, value.type()));
        }
        return;
      }
      if (node.getOp().equals("Assign")) {
        // It also gives the variable on.
        part.carriers.add(new Part.Place(scope, node.getName(), 0));
        push(
            scope, scope.value(node.getName(), "output_ref", 0), false, value.type(), value.name());
      }
      String origin = ModelGraph.origin(scope, node.getInput(1));
      NodeDef producer = scope.producer(origin);
      if (producer != null && producer.getOp().equals("RestoreV2")) {
        restoring(scope, node.getInput(1));
        return;
      }
      String source =
          producer != null && producer.getOp().equals("ReadVariableOp")
              ? model.holder(scope, producer.getInput(0))
              : null;
      if (source == null || !part.holders.contains(source)) {
        part.firstValues.add(new Part.Place(scope, node.getName(), 1));
      }
    }

    /** The ops from the one that reads the checkpoint to the assignment. */
    private void restoring(GraphScope scope, String value) {
      NodeDef node = scope.producer(scope.canonical(value));
      while (node != null) {
        part.carriers.add(new Part.Place(scope, node.getName(), 0));
        node =
            node.getOp().equals("Identity")
                ? scope.producer(scope.canonical(node.getInput(0)))
                : null;
      }
    }

    private String rowsProblem(GraphScope scope, NodeDef node) {
      String op = node.getOp();
      if (node.getAttrOrDefault("batch_dims", AttrValue.getDefaultInstance()).getI() != 0) {
        return "%s has batch dimensions".formatted(node.getName());
      }
      if (op.equals("GatherV2")) {
        NodeDef axis =
            node.getInputCount() < 3
                ? null
                : scope.producer(ModelGraph.origin(scope, node.getInput(2)));
        if (axis == null
            || !axis.getOp().equals("Const")
            || integer(axis) != 0 && integer(axis) != -2) {
          return "%s looks up something else than rows".formatted(node.getName());
        }
      }
      if (op.endsWith("GatherNd")) {
        var shapes =
            node.getAttrOrDefault("_output_shapes", AttrValue.getDefaultInstance())
                .getList()
                .getShapeList();
        if (shapes.isEmpty()
            || shapes.get(0).getUnknownRank()
            || shapes.get(0).getDimCount() == 0
            || shapes.get(0).getDim(shapes.get(0).getDimCount() - 1).getSize() != part.columns) {
          return "%s may look up single numbers (%s)".formatted(node.getName(), op);
        }
      }
      return "";
    }

    /** Functions that are also called with something else cannot be rewritten for the table. */
    private void conflicts(List<ModelGraph.Argument> bound) {
      for (Part.Argument argument : new ArrayList<>(part.arguments.keySet())) {
        GraphScope scope = model.scopes.get(argument.function());
        String name = scope.arguments().get(argument.index());
        boolean matters = !scope.uses(name).isEmpty() || scope.returns().containsValue(name);
        if (!matters) {
          continue;
        }
        for (ModelGraph.Caller caller : model.callers(argument.function())) {
          NodeDef call = caller.scope().node(caller.node());
          int input = argument.index() + caller.call().first();
          String given =
              input < call.getInputCount() ? caller.scope().canonical(call.getInput(input)) : "";
          if (!seen.contains(caller.scope().function() + "\n" + given)) {
            part.obstacles.add(
                "function %s is also called with something else (%s)"
                    .formatted(argument.function(), given));
          }
        }
        if (argument.resource() && model.boundToOthers(argument.function(), name, bound)) {
          part.obstacles.add(
              "function %s is also called with something else".formatted(argument.function()));
        }
      }
    }
  }

  /** The first number in a constant of integers; -1 if there is none that can be an axis. */
  static long integer(NodeDef constant) {
    TensorProto value =
        constant.getAttrOrDefault("value", AttrValue.getDefaultInstance()).getTensor();
    if (value.getIntValCount() > 0) {
      return value.getIntVal(0);
    }
    if (value.getInt64ValCount() > 0) {
      return value.getInt64Val(0);
    }
    ByteBuffer content = value.getTensorContent().asReadOnlyByteBuffer();
    content.order(ByteOrder.LITTLE_ENDIAN);
    boolean wide = value.getDtype() == DataType.DT_INT64;
    if (content.remaining() < (wide ? Long.BYTES : Integer.BYTES)) {
      return content.remaining() == 0 && value.getTensorShape().getDimCount() == 0 ? 0 : -1;
    }
    return wide ? content.getLong() : content.getInt();
  }
}
