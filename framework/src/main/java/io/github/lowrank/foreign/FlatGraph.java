package io.github.lowrank.foreign;

import com.google.protobuf.ByteString;
import io.github.lowrank.graphdef.GraphScope;
import io.github.lowrank.graphdef.Nodes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.TensorProto;

/**
 * One output of a model without functions, loops and choices: calls are replaced by what they call,
 * loops by as many copies of their body as they turn, choices by the branch that is taken, and the
 * lists that loops fill by their elements. So TensorFlow Java can differentiate it, and every
 * lookup has a name. Only what the output needs is there; variables and tables keep their shared
 * names, and with them their values.
 */
final class FlatGraph {
  private static final Map<String, OpDef> OPS = new HashMap<>();
  private static final Set<String> SEGMENTS =
      Set.of("SparseSegmentSum", "SparseSegmentMean", "SparseSegmentSqrtN");
  private static final Set<String> CHOICES = Set.of("If", "StatelessIf", "Case", "StatelessCase");

  private final ModelGraph model;
  private final Map<String, Integer> turns;
  private final Map<String, Part> lookupParts = new HashMap<>();
  private final Map<String, NodeDef> nodes = new LinkedHashMap<>();
  private final List<Lookup> lookups = new ArrayList<>();
  private final Map<String, String> loops = new LinkedHashMap<>();
  private final Map<String, String> unpacked = new HashMap<>();
  private final Frame root;

  /**
   * A lookup.
   *
   * @param part the rows that it looks into
   * @param node flat name of the op, whose only output are rows
   * @param ids flat name of the row numbers
   */
  record Lookup(Part part, String node, String ids) {}

  private static final class Unflattened extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unflattened(String message) {
      super(message);
    }
  }

  /** A value: a tensor, or the elements of a list. */
  private record Value(String tensor, Elements list) {
    static Value of(String tensor) {
      return new Value(tensor, null);
    }
  }

  /** A list, of the rows of {@code tensor} or of given elements. */
  private record Elements(String tensor, TreeMap<Integer, String> items) {}

  /** A value that is found when it is asked for. */
  private static final class Ref {
    private Frame frame;
    private final String input;
    private Value value;

    Ref(Frame frame, String input) {
      this.frame = frame;
      this.input = input;
    }
  }

  /** Outputs of an op. */
  private interface Outputs {
    Value get(int index);
  }

  /** A graph or a call of a function. */
  private static final class Frame {
    private final GraphScope scope;
    private final String path;
    private final List<Ref> arguments;
    private final int turns;
    private final Map<String, Outputs> emitted = new HashMap<>();

    Frame(GraphScope scope, String path, List<Ref> arguments, int turns) {
      this.scope = scope;
      this.path = path;
      this.arguments = arguments;
      this.turns = turns;
    }
  }

  /**
   * Flattens what {@code output} needs.
   *
   * @param turns how often each loop turns, and what each choice of a branch depends on, by path;
   *     what is not there is left as it is
   */
  FlatGraph(ModelGraph model, List<EmbeddingSite> sites, String output, Map<String, Integer> turns)
      throws IOException {
    this.model = model;
    this.turns = turns;
    for (EmbeddingSite site : sites) {
      for (Part part : site.parts()) {
        for (Part.Lookup lookup : part.lookups) {
          lookupParts.put(lookup.scope().function() + "\n" + lookup.node(), part);
        }
      }
    }
    this.root = new Frame(model.graph(), "", List.of(), 0);
    try {
      this.output = tensor(resolve(root, output));
    } catch (Unflattened e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private final String output;

  String output() {
    return output;
  }

  /** The flat name of a placeholder of the model; null if the output does not need it. */
  String input(String name) {
    String node = name.replaceFirst(":.*", "");
    return nodes.containsKey(node) ? node + ":0" : null;
  }

  List<Lookup> lookups() {
    return lookups;
  }

  /**
   * What is still open, by path: the counters of loops, and on what it depends which branch is
   * taken.
   */
  Map<String, String> loops() {
    return loops;
  }

  GraphDef graph() {
    return GraphDef.newBuilder()
        .setVersions(model.meta.getGraphDef().getVersions())
        .addAllNode(nodes.values())
        .build();
  }

  private static synchronized OpDef op(String name) {
    if (OPS.isEmpty()) {
      TensorFlow.registeredOpList().getOpList().forEach(op -> OPS.put(op.getName(), op));
    }
    return OPS.get(name);
  }

  private Value value(Ref ref) {
    if (ref.value == null) {
      ref.value = resolve(ref.frame, ref.input);
      ref.frame = null;
    }
    return ref.value;
  }

  private static String tensor(Value value) {
    if (value.tensor() == null) {
      throw new Unflattened("a list leaves its loop");
    }
    return value.tensor();
  }

  private Value resolve(Frame frame, String input) {
    GraphScope scope = frame.scope;
    int argument = scope.arguments().indexOf(input);
    if (argument >= 0) {
      return value(frame.arguments.get(argument));
    }
    String[] words = input.split(":");
    NodeDef node = scope.node(words[0]);
    if (node == null) {
      throw new Unflattened("%s is missing".formatted(input));
    }
    int index = words.length == 1 ? 0 : Integer.parseInt(words[words.length - 1]);
    if (words.length == 3) {
      index += offset(node, words[1]);
    }
    Outputs outputs = frame.emitted.get(node.getName());
    if (outputs == null) {
      outputs = emit(frame, node);
      frame.emitted.put(node.getName(), outputs);
    }
    return outputs.get(index);
  }

  /** The number of the first output of {@code node} that belongs to the argument {@code name}. */
  private int offset(NodeDef node, String name) {
    GraphScope function = model.scopes.get(node.getOp());
    if (function != null) {
      return function.outputs().indexOf(name);
    }
    OpDef op = op(node.getOp());
    if (op == null) {
      throw new Unflattened("op type %s is unknown".formatted(node.getOp()));
    }
    int offset = 0;
    for (OpDef.ArgDef output : op.getOutputArgList()) {
      if (output.getName().equals(name)) {
        return offset;
      }
      if (!output.getNumberAttr().isEmpty()) {
        offset += (int) node.getAttrOrThrow(output.getNumberAttr()).getI();
      } else if (!output.getTypeListAttr().isEmpty()) {
        offset += node.getAttrOrThrow(output.getTypeListAttr()).getList().getTypeCount();
      } else {
        offset++;
      }
    }
    return 0;
  }

  private static List<Ref> inputs(Frame frame, NodeDef node, int first) {
    List<Ref> refs = new ArrayList<>();
    for (int i = first; i < node.getInputCount(); i++) {
      if (!node.getInput(i).startsWith("^")) {
        refs.add(new Ref(frame, node.getInput(i)));
      }
    }
    return refs;
  }

  private Outputs emit(Frame frame, NodeDef node) {
    String op = node.getOp();
    String path = frame.path + node.getName();
    List<ModelGraph.Call> calls = model.calls(node);
    if (calls.size() == 1 && calls.get(0).first() == 0) {
      GraphScope callee = model.scopes.get(calls.get(0).function());
      Frame call = new Frame(callee, path + "/", inputs(frame, node, 0), frame.turns);
      return index -> resolve(call, callee.returned(callee.outputs().get(index)));
    }
    if (op.endsWith("While") && turns.containsKey(path)) {
      return unroll(frame, node, path);
    }
    if (CHOICES.contains(op) && turns.containsKey(path)) {
      ModelGraph.Call taken = calls.get(choice(op, turns.get(path), calls.size()));
      GraphScope callee = model.scopes.get(taken.function());
      Frame call = new Frame(callee, path + "/", inputs(frame, node, 1), frame.turns);
      return index -> resolve(call, callee.returned(callee.outputs().get(index)));
    }
    if (op.startsWith("TensorList") && !turns.isEmpty()) {
      Value list = list(frame, node, path);
      return index -> list;
    }
    if (op.equals("Identity") && !turns.isEmpty()) {
      Value value = resolve(frame, node.getInput(0));
      return index -> value;
    }
    if (op.endsWith("Enter") || op.endsWith("Exit") || op.endsWith("NextIteration")) {
      throw new Unflattened("%s is part of a loop of TensorFlow 1".formatted(node.getName()));
    }
    if (op.equals("VariableV2") || op.equals("Variable")) {
      throw new Unflattened("%s is a variable of TensorFlow 1".formatted(node.getName()));
    }
    if (SEGMENTS.contains(op) && !turns.isEmpty()) {
      return segments(frame, node, path);
    }
    NodeDef.Builder flat = node.toBuilder().clearInput().setName(path);
    for (Ref input : inputs(frame, node, 0)) {
      flat.addInput(tensor(value(input)));
    }
    flat.removeAttr("_class").removeAttr("_output_shapes").setDevice("");
    AttrValue shared = flat.getAttrMap().get("shared_name");
    if (shared != null && shared.getS().isEmpty() && frame == root) {
      flat.putAttr(
          "shared_name",
          AttrValue.newBuilder().setS(ByteString.copyFromUtf8(node.getName())).build());
    }
    put(flat);
    if (op.endsWith("While")) {
      loops.put(path, path + ":0");
    } else if (CHOICES.contains(op)) {
      loops.put(path, flat.getInput(0));
    }
    Part part = lookupParts.get(frame.scope.function() + "\n" + node.getName());
    if (part != null) {
      if (op.startsWith("Sparse")) {
        throw new Unflattened("%s sums rows (%s)".formatted(node.getName(), op));
      }
      lookups.add(new Lookup(part, path, flat.getInput(1)));
    }
    return index -> Value.of(path + ":" + index);
  }

  /** Sums of rows as a lookup and a sum, for TensorFlow Java has gradients of these. */
  private Outputs segments(Frame frame, NodeDef node, String path) {
    List<String> inputs = new ArrayList<>();
    inputs(frame, node, 0).forEach(input -> inputs.add(tensor(value(input))));
    AttrValue type = node.getAttrOrThrow("T");
    AttrValue numbers = node.getAttrOrDefault("Tidx", Nodes.type(DataType.DT_INT32));
    AttrValue segments = node.getAttrOrDefault("Tsegmentids", Nodes.type(DataType.DT_INT32));
    put(integer(path + "/axis", 0));
    String rows =
        add(
            "GatherV2",
            path + "/rows",
            List.of(inputs.get(0), inputs.get(1), path + "/axis:0"),
            Map.of("Tparams", type, "Tindices", numbers, "Taxis", Nodes.type(DataType.DT_INT32)));
    Part part = lookupParts.get(frame.scope.function() + "\n" + node.getName());
    if (part != null) {
      lookups.add(new Lookup(part, path + "/rows", inputs.get(1)));
    }
    Map<String, AttrValue> sums = Map.of("T", type, "Tindices", segments);
    String mean = add("SegmentSum", path + "/sums", List.of(rows, inputs.get(2)), sums);
    if (!node.getOp().endsWith("Sum")) {
      String each =
          add(
              "Cast",
              path + "/ones",
              List.of(
                  add("OnesLike", path + "/one", List.of(inputs.get(2)), Map.of("T", segments))),
              Map.of("SrcT", segments, "DstT", type));
      String count = add("SegmentSum", path + "/count", List.of(each, inputs.get(2)), sums);
      put(integer(path + "/one_row", 1));
      String column =
          add(
              "ExpandDims",
              path + "/column",
              List.of(count, path + "/one_row:0"),
              Map.of("T", type, "Tdim", Nodes.type(DataType.DT_INT32)));
      if (node.getOp().endsWith("SqrtN")) {
        column = add("Sqrt", path + "/root", List.of(column), Map.of("T", type));
      }
      // Segments without rows are 0 in both.
      mean = add("DivNoNan", path + "/mean", List.of(mean, column), Map.of("T", type));
    }
    Value result = Value.of(mean);
    return index -> result;
  }

  private static NodeDef.Builder integer(String name, int value) {
    return Nodes.constant(
        name,
        DataType.DT_INT32,
        Nodes.tensor(DataType.DT_INT32, ByteString.copyFrom(new byte[] {(byte) value, 0, 0, 0})))
        .toBuilder();
  }

  private String add(
      String op, String name, List<String> inputs, Map<String, AttrValue> attributes) {
    put(NodeDef.newBuilder().setName(name).setOp(op).addAllInput(inputs).putAllAttr(attributes));
    return name + ":0";
  }

  private static int choice(String op, int value, int branches) {
    if (op.endsWith("Case")) {
      return value < 0 || value >= branches ? branches - 1 : value;
    }
    return value != 0 ? 0 : 1;
  }

  private void put(NodeDef.Builder node) {
    nodes.put(node.getName(), node.build());
  }

  private Outputs unroll(Frame frame, NodeDef node, String path) {
    int count = turns.get(path);
    GraphScope body = model.scopes.get(node.getAttrOrThrow("body").getFunc().getName());
    List<Ref> state = inputs(frame, node, 0);
    for (int turn = 0; turn < count; turn++) {
      Frame call = new Frame(body, "%s/turn%d/".formatted(path, turn), state, count);
      List<Ref> next = new ArrayList<>();
      for (String name : body.outputs()) {
        next.add(new Ref(call, body.returned(name)));
      }
      next.forEach(this::value); // one turn after the other: else they would nest too deeply
      state = next;
    }
    List<Ref> last = state;
    return index -> value(last.get(index));
  }

  private Value list(Frame frame, NodeDef node, String path) {
    List<Ref> inputs = inputs(frame, node, 0);
    switch (node.getOp()) {
      case "TensorListReserve" -> {
        return new Value(null, new Elements(null, new TreeMap<>()));
      }
      case "TensorListFromTensor" -> {
        return new Value(null, new Elements(tensor(value(inputs.get(0))), new TreeMap<>()));
      }
      case "TensorListSetItem" -> {
        Elements list = elements(inputs.get(0), node);
        TreeMap<Integer, String> items = new TreeMap<>(list.items());
        items.put(index(inputs.get(1), node), tensor(value(inputs.get(2))));
        return new Value(null, new Elements(list.tensor(), items));
      }
      case "TensorListGetItem" -> {
        Elements list = elements(inputs.get(0), node);
        int index = index(inputs.get(1), node);
        String item = list.items().get(index);
        if (item != null) {
          return Value.of(item);
        }
        if (list.tensor() == null || frame.turns == 0) {
          throw new Unflattened("%s reads an element that is not set".formatted(node.getName()));
        }
        return Value.of(
            unpack(list.tensor(), frame.turns, node.getAttrOrThrow("element_dtype")) + ":" + index);
      }
      case "TensorListStack" -> {
        Elements list = elements(inputs.get(0), node);
        if (list.tensor() != null && list.items().isEmpty()) {
          return Value.of(list.tensor());
        }
        if (list.items().isEmpty() || list.items().lastKey() != list.items().size() - 1) {
          throw new Unflattened("%s reads an element that is not set".formatted(node.getName()));
        }
        put(
            NodeDef.newBuilder()
                .setName(path)
                .setOp("Pack")
                .addAllInput(list.items().values())
                .putAttr("N", AttrValue.newBuilder().setI(list.items().size()).build())
                .putAttr("T", node.getAttrOrThrow("element_dtype"))
                .putAttr("axis", AttrValue.newBuilder().setI(0).build()));
        return Value.of(path + ":0");
      }
      default -> throw new Unflattened("%s (%s)".formatted(node.getName(), node.getOp()));
    }
  }

  private Elements elements(Ref ref, NodeDef node) {
    Elements list = value(ref).list();
    if (list == null) {
      throw new Unflattened("%s reads a list from elsewhere".formatted(node.getName()));
    }
    return list;
  }

  private String unpack(String tensor, int count, AttrValue type) {
    return unpacked.computeIfAbsent(
        tensor + " " + count,
        key -> {
          String name = "%s/unpack%d".formatted(tensor.replace(':', '_'), count);
          put(
              NodeDef.newBuilder()
                  .setName(name)
                  .setOp("Unpack")
                  .addInput(tensor)
                  .putAttr("num", AttrValue.newBuilder().setI(count).build())
                  .putAttr("T", type)
                  .putAttr("axis", AttrValue.newBuilder().setI(0).build()));
          return name;
        });
  }

  private int index(Ref ref, NodeDef node) {
    Long index = constant(tensor(value(ref)));
    if (index == null) {
      throw new Unflattened("%s has an index that is not constant".formatted(node.getName()));
    }
    return Math.toIntExact(index);
  }

  /** The integer that a flat tensor always is, or null. */
  private Long constant(String tensor) {
    NodeDef node = nodes.get(tensor.replaceFirst(":.*", ""));
    if (node == null) {
      return null;
    }
    switch (node.getOp()) {
      case "Const" -> {
        TensorProto value = node.getAttrOrThrow("value").getTensor();
        boolean integer =
            value.getDtype() == DataType.DT_INT32 || value.getDtype() == DataType.DT_INT64;
        if (!integer || value.getTensorShape().getDimCount() > 0) {
          return null;
        }
        if (value.getIntValCount() > 0) {
          return (long) value.getIntVal(0);
        }
        if (value.getInt64ValCount() > 0) {
          return value.getInt64Val(0);
        }
        long bits = 0;
        for (int i = value.getTensorContent().size() - 1; i >= 0; i--) {
          bits = bits << 8 | value.getTensorContent().byteAt(i) & 0xff;
        }
        return value.getDtype() == DataType.DT_INT32 ? (long) (int) bits : (Long) bits;
      }
      case "Cast", "Identity" -> {
        return constant(node.getInput(0));
      }
      case "Add", "AddV2", "Sub" -> {
        Long a = constant(node.getInput(0));
        Long b = constant(node.getInput(1));
        if (a == null || b == null) {
          return null;
        }
        long sum = node.getOp().equals("Sub") ? a - b : a + b;
        // The sum takes its place: the chain of a loop's counter would grow with every turn.
        DataType type = node.getAttrOrThrow("T").getType();
        if (type == DataType.DT_INT32) {
          nodes.put(
              node.getName(),
              Nodes.constant(
                  node.getName(),
                  type,
                  AttrValue.newBuilder()
                      .setTensor(
                          TensorProto.newBuilder()
                              .setDtype(type)
                              .setTensorShape(Nodes.shape())
                              .addIntVal((int) sum))
                      .build()));
        }
        return sum;
      }
      default -> {
        return null;
      }
    }
  }
}
