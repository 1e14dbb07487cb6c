package io.github.lowrank.graphdef;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Whether a graph holds together: every node has the inputs and attributes that its op is defined
 * with, every input, function and signature names something that exists and has the right type, and
 * only loops go round. TensorFlow takes some of this for granted, and ends the whole process where
 * it is not so.
 *
 * <p>Ops that this TensorFlow does not know are taken as they are: it refuses them itself.
 */
public final class GraphCheck {
  /** What ends up as one argument or result; more is a damaged number. */
  private static final long MOST_VALUES = 1 << 20;

  /** Fewer than what a size in bytes can be calculated for. */
  private static final long MOST_ELEMENTS = 1L << 40;

  private static final int MOST_DIMENSIONS = 254;

  private static final Map<DataType, Integer> WIDTHS =
      Map.ofEntries(
          Map.entry(DataType.DT_BOOL, 1),
          Map.entry(DataType.DT_INT8, 1),
          Map.entry(DataType.DT_UINT8, 1),
          Map.entry(DataType.DT_INT16, 2),
          Map.entry(DataType.DT_UINT16, 2),
          Map.entry(DataType.DT_HALF, 2),
          Map.entry(DataType.DT_BFLOAT16, 2),
          Map.entry(DataType.DT_INT32, 4),
          Map.entry(DataType.DT_UINT32, 4),
          Map.entry(DataType.DT_FLOAT, 4),
          Map.entry(DataType.DT_INT64, 8),
          Map.entry(DataType.DT_UINT64, 8),
          Map.entry(DataType.DT_DOUBLE, 8));

  /** Inputs that must have one dimension, or none: TensorFlow's optimizer believes constants. */
  private static final Map<String, List<Integer>> VECTORS =
      Map.ofEntries(
          Map.entry("BroadcastTo", List.of(1)),
          Map.entry("Fill", List.of(0)),
          Map.entry("Reshape", List.of(1)),
          Map.entry("ReverseV2", List.of(1)),
          Map.entry("Slice", List.of(1, 2)),
          Map.entry("SplitV", List.of(1)),
          Map.entry("StridedSlice", List.of(1, 2, 3)),
          Map.entry("Tile", List.of(1)),
          Map.entry("Transpose", List.of(1)));

  private static final Map<String, List<Integer>> SCALARS =
      Map.of(
          "ArgMax", List.of(1),
          "ArgMin", List.of(1),
          "Cumsum", List.of(1),
          "Fill", List.of(1),
          "GatherV2", List.of(2),
          "Range", List.of(0, 1, 2),
          "Split", List.of(0),
          "SplitV", List.of(2));

  private static final Map<String, OpDef> OPS =
      TensorFlow.registeredOpList().getOpList().stream()
          .collect(Collectors.toUnmodifiableMap(OpDef::getName, Function.identity()));

  private final Object file;
  private final MetaGraphDef meta;
  private final Map<String, OpDef> functions = new HashMap<>();

  private GraphCheck(Object file, MetaGraphDef meta) {
    this.file = file;
    this.meta = meta;
  }

  /**
   * Checks a graph, its functions and what refers to them.
   *
   * @param file for messages
   * @throws IOException that names the node, what was expected and what was found
   */
  public static void check(Object file, MetaGraphDef meta) throws IOException {
    new GraphCheck(file, meta).check();
  }

  private void check() throws IOException {
    GraphDef graph = meta.getGraphDef();
    for (FunctionDef function : graph.getLibrary().getFunctionList()) {
      String name = function.getSignature().getName();
      if (name.isEmpty()
          || OPS.containsKey(name)
          || functions.put(name, function.getSignature()) != null) {
        throw damaged("functions", "names of their own", "'" + name + "'");
      }
    }
    Scope whole = new Scope("");
    whole.addAll(graph.getNodeList());
    for (FunctionDef function : graph.getLibrary().getFunctionList()) {
      function(function);
    }
    recursion();
    references(whole);
  }

  private IOException damaged(String where, String expected, String found) {
    String line =
        "%s is damaged: %s: expected %s, found %s".formatted(file, where, expected, found);
    return new IOException(line.replaceAll("[\\p{Cc}\\u2028\\u2029]", " "));
  }

  /** The values that the nodes of the graph, or of a function, can take as inputs. */
  private final class Scope {
    private final String function;
    private final Map<String, NodeDef> nodes = new HashMap<>();

    /** Types of the outputs of a node or argument, by name; null if the op is unknown. */
    private final Map<String, Map<String, List<DataType>>> values = new LinkedHashMap<>();

    Scope(String function) {
      this.function = function;
    }

    String place(NodeDef node) {
      return "node %s (%s)%s"
          .formatted(
              node.getName(), node.getOp(), function.isEmpty() ? "" : " of function " + function);
    }

    void add(String name, Map<String, List<DataType>> outputs, String place) throws IOException {
      if (name.isEmpty() || values.containsKey(name)) {
        throw damaged(place, "a name of its own", "'" + name + "'");
      }
      values.put(name, outputs);
    }

    void addAll(List<NodeDef> all) throws IOException {
      for (NodeDef node : all) {
        nodes.put(node.getName(), node);
        OpDef op = op(node);
        values(node.getAttrMap(), place(node));
        if (op != null) {
          attributes(node, op, place(node));
        }
        Map<String, List<DataType>> outputs = null;
        if (op != null) {
          outputs = new LinkedHashMap<>();
          for (OpDef.ArgDef output : op.getOutputArgList()) {
            outputs.put(output.getName(), types(output, node, op, place(node)));
          }
        }
        add(node.getName(), outputs, place(node));
      }
      for (NodeDef node : all) {
        inputs(node);
        calls(node);
        ranks(node, VECTORS, 1);
        ranks(node, SCALARS, 0);
        gather(node);
      }
      circles();
    }

    private void inputs(NodeDef node) throws IOException {
      List<DataType> found = new ArrayList<>();
      boolean control = false;
      for (String input : node.getInputList()) {
        if (input.startsWith("^")) {
          control = true;
          if (!values.containsKey(input.substring(1))) {
            throw damaged(place(node), "inputs that exist", "'" + input + "'");
          }
        } else if (control) {
          throw damaged(place(node), "control inputs after all others", "'" + input + "'");
        } else {
          found.add(type(input, place(node)));
        }
      }
      OpDef op = op(node);
      if (op == null) {
        return;
      }
      List<DataType> expected = new ArrayList<>();
      for (OpDef.ArgDef input : op.getInputArgList()) {
        List<DataType> types = types(input, node, op, place(node));
        if (types == null) {
          return; // given when the function is called
        }
        expected.addAll(types);
      }
      same(place(node) + ", inputs", expected, found);
    }

    /**
     * The type of a value; null if it is not known.
     *
     * @throws IOException if there is no such value
     */
    DataType type(String value, String place) throws IOException {
      String[] parts = value.split(":", -1);
      int index = 0;
      boolean known = values.containsKey(parts[0]) && parts.length <= 3;
      if (known && parts.length > 1) {
        String number = parts[parts.length - 1];
        known = number.matches("\\d{1,9}");
        index = known ? Integer.parseInt(number) : 0;
      }
      if (known && values.get(parts[0]) == null) {
        return null;
      }
      List<DataType> types = List.of();
      if (known) {
        Map<String, List<DataType>> outputs = values.get(parts[0]);
        if (parts.length == 3) {
          known = !function.isEmpty() && outputs.containsKey(parts[1]);
          types = known ? outputs.get(parts[1]) : List.of();
        } else {
          types = all(outputs);
        }
      }
      if (types == null) {
        return null;
      }
      if (!known || index >= types.size()) {
        throw damaged(place, "inputs that exist", "'" + value + "'");
      }
      return types.get(index);
    }

    /** Null if not all are known. */
    private List<DataType> all(Map<String, List<DataType>> outputs) {
      List<DataType> all = new ArrayList<>();
      for (List<DataType> types : outputs.values()) {
        if (types == null) {
          return null;
        }
        all.addAll(types);
      }
      return all;
    }

    /** Functions that ops call get and give what the ops say. */
    private void calls(NodeDef node) throws IOException {
      String place = place(node);
      for (AttrValue value : node.getAttrMap().values()) {
        List<NameAttrList> called = new ArrayList<>(value.getList().getFuncList());
        if (value.hasFunc()) {
          called.add(value.getFunc());
        }
        for (NameAttrList function : called) {
          if (!functions.containsKey(function.getName()) && !OPS.containsKey(function.getName())) {
            throw damaged(place, "functions that exist", "'" + function.getName() + "'");
          }
        }
      }
      switch (node.getOp()) {
        case "PartitionedCall", "StatefulPartitionedCall" ->
            call(node, function(node, "f"), "Tin", "Tout");
        case "While", "StatelessWhile" -> {
          call(node, function(node, "body"), "T", "T");
          call(node, function(node, "cond"), "T", "");
        }
        case "If", "StatelessIf" -> {
          call(node, function(node, "then_branch"), "Tin", "Tout");
          call(node, function(node, "else_branch"), "Tin", "Tout");
        }
        case "Case", "StatelessCase" -> {
          List<NameAttrList> branches = node.getAttrOrThrow("branches").getList().getFuncList();
          if (branches.isEmpty()) {
            throw damaged(place, "branches", "none");
          }
          for (NameAttrList branch : branches) {
            call(node, branch, "Tin", "Tout");
          }
        }
        default -> {
          // its function has no fixed arguments
        }
      }
    }

    private NameAttrList function(NodeDef node, String attribute) {
      return node.getAttrOrThrow(attribute).getFunc();
    }

    private void call(NodeDef node, NameAttrList called, String in, String out) throws IOException {
      String place = place(node) + ", function " + called.getName();
      OpDef signature = functions.get(called.getName());
      if (signature == null) {
        throw damaged(place, "a function of the model", "an op");
      }
      NodeDef as = NodeDef.newBuilder().putAllAttr(called.getAttrMap()).build();
      same(place, node.getAttrOrThrow(in), arguments(signature.getInputArgList(), as, signature));
      List<DataType> results = arguments(signature.getOutputArgList(), as, signature);
      if (!out.isEmpty()) {
        same(place + ", results", node.getAttrOrThrow(out), results);
      } else if (results.size() != 1) {
        throw damaged(place, "one result", Integer.toString(results.size()));
      }
    }

    private List<DataType> arguments(List<OpDef.ArgDef> list, NodeDef node, OpDef op)
        throws IOException {
      List<DataType> all = new ArrayList<>();
      for (OpDef.ArgDef argument : list) {
        List<DataType> types = types(argument, node, op, "function " + op.getName());
        all.addAll(types == null ? Collections.singletonList(null) : types);
      }
      return all;
    }

    private void same(String place, AttrValue expected, List<DataType> found) throws IOException {
      if (expected.getPlaceholder().isEmpty()) {
        same(place, expected.getList().getTypeList(), found);
      }
    }

    private void same(String place, List<DataType> expected, List<DataType> found)
        throws IOException {
      boolean same = expected.size() == found.size();
      for (int i = 0; same && i < expected.size(); i++) {
        same = fits(expected.get(i), found.get(i));
      }
      if (!same) {
        throw damaged(place, describe(expected), describe(found));
      }
    }

    private String describe(List<DataType> types) {
      return types.stream()
          .map(
              t ->
                  t == null
                      ? "any"
                      : t.name().replaceFirst("^DT_", "").toLowerCase(java.util.Locale.ROOT))
          .collect(Collectors.joining(", ", "(", ")"));
    }

    private void ranks(NodeDef node, Map<String, List<Integer>> inputs, int rank)
        throws IOException {
      for (int input : inputs.getOrDefault(node.getOp(), List.of())) {
        NodeDef from = nodes.get(node.getInput(input).replaceFirst(":.*", ""));
        if (from != null && from.getOp().equals("Const")) {
          int found = from.getAttrOrThrow("value").getTensor().getTensorShape().getDimCount();
          if (found != rank) {
            throw damaged(
                "%s, input %s".formatted(place(node), from.getName()),
                rank + " dimensions",
                Integer.toString(found));
          }
        }
      }
    }

    /** TensorFlow calculates a rank from batch_dims before it compares them with the axis. */
    private void gather(NodeDef node) throws IOException {
      if (node.getOp().equals("GatherV2")) {
        long batch = attribute(node, OPS.get("GatherV2"), "batch_dims").getI();
        NodeDef axis = nodes.get(node.getInput(2).replaceFirst(":.*", ""));
        long most = MOST_DIMENSIONS;
        if (axis != null && axis.getOp().equals("Const")) {
          long value = first(axis.getAttrOrThrow("value").getTensor());
          most = value < 0 ? most : Math.min(value, most);
        }
        if (batch < -MOST_DIMENSIONS || batch > most) {
          throw damaged(place(node), "batch_dims of at most its axis", Long.toString(batch));
        }
      }
    }

    /** Only a loop of TensorFlow 1, from NextIteration to Merge, may go round. */
    private void circles() throws IOException {
      Map<String, Integer> waiting = new HashMap<>();
      Map<String, List<String>> consumers = new HashMap<>();
      for (NodeDef node : nodes.values()) {
        Set<String> needed = new HashSet<>();
        for (String input : node.getInputList()) {
          String producer = input.replaceFirst("^\\^", "").replaceFirst(":.*", "");
          boolean back =
              node.getOp().endsWith("Merge")
                  && nodes.containsKey(producer)
                  && nodes.get(producer).getOp().endsWith("NextIteration");
          if (nodes.containsKey(producer) && !back && needed.add(producer)) {
            consumers.computeIfAbsent(producer, p -> new ArrayList<>()).add(node.getName());
          }
        }
        waiting.put(node.getName(), needed.size());
      }
      Deque<String> ready = new ArrayDeque<>();
      waiting.forEach(
          (name, count) -> {
            if (count == 0) {
              ready.add(name);
            }
          });
      int done = 0;
      for (; !ready.isEmpty(); done++) {
        for (String consumer : consumers.getOrDefault(ready.pop(), List.of())) {
          if (waiting.merge(consumer, -1, Integer::sum) == 0) {
            ready.add(consumer);
          }
        }
      }
      if (done < nodes.size()) {
        NodeDef one =
            nodes.values().stream()
                .filter(n -> waiting.get(n.getName()) > 0)
                .findFirst()
                .orElseThrow();
        throw damaged(place(one), "no circle", "that it or what it needs depends on itself");
      }
    }
  }

  /** The first number of a constant of whole numbers. */
  private static long first(TensorProto tensor) {
    if (tensor.getTensorContent().size() >= Integer.BYTES) {
      return tensor
          .getTensorContent()
          .asReadOnlyByteBuffer()
          .order(ByteOrder.LITTLE_ENDIAN)
          .getInt(0);
    }
    return tensor.getIntValCount() > 0
        ? tensor.getIntVal(0)
        : tensor.getInt64ValCount() > 0 ? tensor.getInt64Val(0) : 0;
  }

  /** The definition of a node's op, or null. */
  private OpDef op(NodeDef node) {
    OpDef function = functions.get(node.getOp());
    return function == null ? OPS.get(node.getOp()) : function;
  }

  /** References of TensorFlow 1 to variables have types of their own. */
  private static boolean fits(DataType expected, DataType found) {
    return expected == null || found == null || base(expected) == base(found);
  }

  private static int base(DataType type) {
    return type == DataType.UNRECOGNIZED ? -1 : type.getNumber() % 100;
  }

  private static AttrValue attribute(NodeDef node, OpDef op, String name) {
    AttrValue given = node.getAttrMap().get(name);
    if (given != null) {
      return given;
    }
    return op.getAttrList().stream()
        .filter(a -> a.getName().equals(name))
        .findFirst()
        .map(OpDef.AttrDef::getDefaultValue)
        .orElse(AttrValue.getDefaultInstance());
  }

  private void attributes(NodeDef node, OpDef op, String place) throws IOException {
    for (OpDef.AttrDef expected : op.getAttrList()) {
      AttrValue found = node.getAttrMap().get(expected.getName());
      if (found == null ? expected.hasDefaultValue() : found.hasPlaceholder()) {
        continue;
      }
      if (found == null || !isOf(found, expected.getType())) {
        throw damaged(
            place,
            "an attribute %s of the kind %s".formatted(expected.getName(), expected.getType()),
            found == null ? "none" : "the kind " + found.getValueCase());
      }
      allowed(expected, found, place);
    }
    if (node.getOp().equals("Const")) {
      DataType type = node.getAttrOrThrow("dtype").getType();
      DataType found = node.getAttrOrThrow("value").getTensor().getDtype();
      if (type != found) {
        throw damaged(place, "a value of the type " + type, found.toString());
      }
    }
  }

  private void allowed(OpDef.AttrDef attribute, AttrValue found, String place) throws IOException {
    AttrValue.ListValue allowed = attribute.getAllowedValues().getList();
    boolean fits =
        (allowed.getSCount() == 0 || !found.hasS() || allowed.getSList().contains(found.getS()))
            && (allowed.getTypeCount() == 0
                || !found.hasType()
                || allowed.getTypeList().contains(found.getType()));
    if (!fits
        || attribute.getHasMinimum() && found.hasI() && found.getI() < attribute.getMinimum()) {
      throw damaged(
          place,
          "an attribute %s that the op allows".formatted(attribute.getName()),
          found.toString().strip());
    }
  }

  /** Shapes and tensors whose sizes can be calculated with. */
  private void values(Map<String, AttrValue> attributes, String place) throws IOException {
    for (Map.Entry<String, AttrValue> e : attributes.entrySet()) {
      String where = place + ", attribute " + e.getKey();
      shape(e.getValue().getShape(), -1, where);
      for (TensorShapeProto shape : e.getValue().getList().getShapeList()) {
        shape(shape, -1, where);
      }
      tensor(e.getValue().getTensor(), where);
      for (TensorProto tensor : e.getValue().getList().getTensorList()) {
        tensor(tensor, where);
      }
    }
  }

  /** The number of elements; of those of known size, if sizes may be open. */
  private long shape(TensorShapeProto shape, int least, String place) throws IOException {
    long elements = 1;
    for (TensorShapeProto.Dim dim : shape.getDimList()) {
      if (dim.getSize() < least || dim.getSize() > MOST_ELEMENTS / Math.max(1, elements)) {
        throw damaged(
            place,
            "sizes of %d to %d elements".formatted(least, MOST_ELEMENTS),
            shape.getDimList().stream().map(TensorShapeProto.Dim::getSize).toList().toString());
      }
      elements *= Math.max(1, dim.getSize());
    }
    return shape.getDimList().stream().anyMatch(d -> d.getSize() == 0) ? 0 : elements;
  }

  private void tensor(TensorProto tensor, String place) throws IOException {
    long elements = shape(tensor.getTensorShape(), 0, place);
    Integer width = WIDTHS.get(tensor.getDtype());
    int content = tensor.getTensorContent().size();
    if (width != null && content > 0 && content != width * elements) {
      throw damaged(place, width * elements + " bytes", Integer.toString(content));
    }
  }

  private static boolean isOf(AttrValue value, String kind) {
    AttrValue.ListValue list = value.getList();
    int elements =
        list.getSCount()
            + list.getICount()
            + list.getFCount()
            + list.getBCount()
            + list.getTypeCount()
            + list.getShapeCount()
            + list.getTensorCount()
            + list.getFuncCount();
    return switch (kind) {
      case "string" -> value.hasS();
      case "int" -> value.hasI();
      case "float" -> value.hasF();
      case "bool" -> value.hasB();
      case "type" -> value.hasType();
      case "shape" -> value.hasShape();
      case "tensor" -> value.hasTensor();
      case "func" -> value.hasFunc();
      case "list(string)" -> value.hasList() && elements == list.getSCount();
      case "list(int)" -> value.hasList() && elements == list.getICount();
      case "list(float)" -> value.hasList() && elements == list.getFCount();
      case "list(bool)" -> value.hasList() && elements == list.getBCount();
      case "list(type)" -> value.hasList() && elements == list.getTypeCount();
      case "list(shape)" -> value.hasList() && elements == list.getShapeCount();
      case "list(tensor)" -> value.hasList() && elements == list.getTensorCount();
      case "list(func)" -> value.hasList() && elements == list.getFuncCount();
      default -> true;
    };
  }

  /** The types of an argument of an op; null if the caller of a function decides. */
  private List<DataType> types(OpDef.ArgDef argument, NodeDef node, OpDef op, String place)
      throws IOException {
    if (!argument.getTypeListAttr().isEmpty()) {
      AttrValue types = attribute(node, op, argument.getTypeListAttr());
      return types.hasPlaceholder() ? null : types.getList().getTypeList();
    }
    DataType type = argument.getType();
    if (!argument.getTypeAttr().isEmpty()) {
      AttrValue given = attribute(node, op, argument.getTypeAttr());
      type = given.hasType() ? given.getType() : null;
    }
    if (argument.getNumberAttr().isEmpty()) {
      return Collections.singletonList(type);
    }
    AttrValue number = attribute(node, op, argument.getNumberAttr());
    if (number.hasPlaceholder()) {
      return null;
    }
    if (number.getI() < 0 || number.getI() > MOST_VALUES) {
      throw damaged(
          place,
          "a number %s of 0 to %d".formatted(argument.getNumberAttr(), MOST_VALUES),
          Long.toString(number.getI()));
    }
    return Collections.nCopies((int) number.getI(), type);
  }

  private void function(FunctionDef function) throws IOException {
    OpDef signature = function.getSignature();
    String place = "function " + signature.getName();
    values(function.getAttrMap(), place);
    for (FunctionDef.ArgAttrs attributes : function.getArgAttrMap().values()) {
      values(attributes.getAttrMap(), place);
    }
    Scope scope = new Scope(signature.getName());
    for (OpDef.ArgDef argument : signature.getInputArgList()) {
      DataType type = argument.getType();
      boolean plain =
          argument.getTypeAttr().isEmpty()
              && argument.getNumberAttr().isEmpty()
              && argument.getTypeListAttr().isEmpty();
      Map<String, List<DataType>> value = new HashMap<>();
      value.put("", plain ? List.of(type) : null);
      scope.add(argument.getName(), value, place + ", argument");
    }
    scope.addAll(function.getNodeDefList());
    Set<String> results = new HashSet<>();
    for (OpDef.ArgDef result : signature.getOutputArgList()) {
      String value = function.getRetMap().get(result.getName());
      if (value == null || !results.add(result.getName())) {
        throw damaged(place, "a value of the result " + result.getName(), "none");
      }
      DataType found = scope.type(value, place + ", result " + result.getName());
      boolean plain = result.getTypeAttr().isEmpty() && result.getTypeListAttr().isEmpty();
      if (plain && !fits(result.getType(), found)) {
        throw damaged(
            place + ", result " + result.getName(), result.getType().name(), found.name());
      }
    }
    for (String node : function.getControlRetMap().values()) {
      if (!scope.values.containsKey(node)) {
        throw damaged(place, "nodes that exist", "'" + node + "'");
      }
    }
  }

  /** TensorFlow would put a function that calls itself into itself for ever. */
  private void recursion() throws IOException {
    Map<String, Set<String>> callees = new HashMap<>();
    for (FunctionDef function : meta.getGraphDef().getLibrary().getFunctionList()) {
      Set<String> called = new HashSet<>();
      for (NodeDef node : function.getNodeDefList()) {
        called.add(node.getOp());
        for (AttrValue value : node.getAttrMap().values()) {
          called.add(value.getFunc().getName());
          value.getList().getFuncList().forEach(f -> called.add(f.getName()));
        }
      }
      called.retainAll(functions.keySet());
      callees.put(function.getSignature().getName(), called);
    }
    boolean changed = true;
    while (changed) { // what calls nothing that is left cannot be in a circle
      Set<String> leaves = new HashSet<>();
      callees.forEach(
          (name, called) -> {
            if (called.isEmpty()) {
              leaves.add(name);
            }
          });
      changed = !leaves.isEmpty();
      callees.keySet().removeAll(leaves);
      callees.values().forEach(called -> called.removeAll(leaves));
    }
    if (!callees.isEmpty()) {
      String name = Collections.min(callees.keySet());
      throw damaged("function " + name, "no circle", "that it or what it calls calls itself");
    }
  }

  /** What stands beside the graph names tensors and nodes of it. */
  private void references(Scope graph) throws IOException {
    for (Map.Entry<String, SignatureDef> e : meta.getSignatureDefMap().entrySet()) {
      for (Map<String, TensorInfo> tensors :
          List.of(e.getValue().getInputsMap(), e.getValue().getOutputsMap())) {
        for (Map.Entry<String, TensorInfo> tensor : tensors.entrySet()) {
          tensor(
              graph, tensor.getValue(), "signature %s, %s".formatted(e.getKey(), tensor.getKey()));
        }
      }
    }
    for (AssetFileDef asset : SavedModels.assets(meta)) {
      tensor(graph, asset.getTensorInfo(), "asset " + asset.getFilename());
    }
    if (meta.hasSaverDef()) {
      String place = "saver";
      for (String name :
          List.of(
              meta.getSaverDef().getFilenameTensorName(), meta.getSaverDef().getSaveTensorName())) {
        if (!name.isEmpty() && !fits(DataType.DT_STRING, graph.type(name, place))) {
          throw damaged(place, "strings", "'" + name + "'");
        }
      }
      node(graph, meta.getSaverDef().getRestoreOpName(), place);
    }
    for (Map.Entry<String, CollectionDef> e : meta.getCollectionDefMap().entrySet()) {
      if (Safety.MAIN.contains(e.getKey())) {
        for (String name : e.getValue().getNodeList().getValueList()) {
          node(graph, name, "collection " + e.getKey());
        }
      }
    }
  }

  private void node(Scope graph, String name, String place) throws IOException {
    if (!name.isEmpty() && !graph.values.containsKey(name.replaceFirst(":0$", ""))) {
      throw damaged(place, "a node that exists", "'" + name + "'");
    }
  }

  private void tensor(Scope graph, TensorInfo info, String place) throws IOException {
    shape(info.getTensorShape(), -1, place);
    switch (info.getEncodingCase()) {
      case NAME -> {
        if (info.getDtype() == DataType.DT_INVALID) {
          node(graph, info.getName(), place); // an op that is run, not a tensor
        } else if (!fits(info.getDtype(), graph.type(info.getName(), place))) {
          throw damaged(
              place,
              "a tensor of the type " + info.getDtype(),
              info.getName() + " of the type " + graph.type(info.getName(), place));
        }
      }
      case COO_SPARSE -> {
        graph.type(info.getCooSparse().getValuesTensorName(), place);
        graph.type(info.getCooSparse().getIndicesTensorName(), place);
        graph.type(info.getCooSparse().getDenseShapeTensorName(), place);
      }
      case COMPOSITE_TENSOR -> {
        for (TensorInfo part : info.getCompositeTensor().getComponentsList()) {
          tensor(graph, part, place);
        }
      }
      default -> throw damaged(place, "the name of a tensor", "none");
    }
  }
}
