package io.github.lowrank.foreign;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.github.lowrank.graphdef.GraphScope;
import io.github.lowrank.graphdef.SavedModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedConcreteFunction;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObject;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObjectGraph;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph;
import org.tensorflow.proto.VariableDef;

/**
 * A SavedModel as protocol buffers: its graph and functions, who calls whom, and which variable has
 * which key of the checkpoint.
 */
final class ModelGraph {
  private static final Set<String> VARIABLES = Set.of("VarHandleOp", "VariableV2", "Variable");

  private static final String OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH";

  private static final Set<String> MAIN =
      Set.of(
          "saved_model_main_op",
          "legacy_init_op",
          "saved_model_assets",
          "saved_model_initializers",
          "table_initializer");

  final Path path;
  final SavedModel.Builder saved;
  final MetaGraphDef.Builder meta;
  final Map<String, GraphScope> scopes = new LinkedHashMap<>();
  final Optional<CheckpointFile> checkpoint;

  private final Map<String, List<Caller>> callers = new HashMap<>();
  private final Map<String, Restored> restored = new LinkedHashMap<>();
  private final Map<Integer, String> objectKeys = new TreeMap<>();

  /** How an op calls a function. */
  enum Kind {
    CALL,
    LOOP_BODY,
    LOOP_CONDITION
  }

  /**
   * A function that an op calls.
   *
   * @param function name
   * @param first input of the op that becomes the function's first argument
   */
  record Call(String function, int first, Kind kind) {}

  /** An op that calls a function. */
  record Caller(GraphScope scope, String node, Call call) {}

  /**
   * Where a variable comes from.
   *
   * @param key in the checkpoint
   * @param slice shape and place of a part of a partitioned variable; empty for a whole one
   */
  record Restored(String key, String slice) {}

  /**
   * Reads the graphs of a model, of which many have one: first the one that serves.
   *
   * @param pruned whether ops of a model of TensorFlow 1 that neither signatures nor loading and
   *     saving need are left out
   */
  static List<ModelGraph> of(Path path, boolean pruned) throws IOException {
    SavedModel.Builder saved = SavedModels.parse(path).toBuilder();
    int serving = SavedModels.serving(saved);
    List<ModelGraph> graphs = new ArrayList<>();
    graphs.add(new ModelGraph(path, saved, serving, pruned));
    for (int i = 0; i < saved.getMetaGraphsCount(); i++) {
      if (i != serving) {
        graphs.add(new ModelGraph(path, saved, i, pruned));
      }
    }
    return graphs;
  }

  private ModelGraph(Path path, SavedModel.Builder saved, int index, boolean pruned)
      throws IOException {
    this.path = path;
    this.saved = saved;
    this.meta = saved.getMetaGraphsBuilder(index);
    this.checkpoint = CheckpointFile.of(path);
    SharedFunctions.split(meta.getGraphDefBuilder());
    scopes.put("", GraphScope.of(meta.getGraphDef()));
    if (pruned && !meta.hasObjectGraphDef()) {
      try {
        prune();
      } catch (InvalidProtocolBufferException e) {
        throw new IOException(path + ": expected collections of variables, found damaged ones", e);
      }
    }
    for (FunctionDef function : meta.getGraphDef().getLibrary().getFunctionList()) {
      scopes.put(function.getSignature().getName(), GraphScope.of(function));
    }
    for (GraphScope scope : scopes.values()) {
      for (NodeDef node : scope.nodes()) {
        if (checkpoint.isEmpty() && VARIABLES.contains(node.getOp())) {
          throw new IOException(
              "%s: expected a checkpoint, variables/variables.index, for its variables (%s), found none"
                  .formatted(path, node.getName()));
        }
        for (Call call : calls(node)) {
          callers
              .computeIfAbsent(call.function(), f -> new ArrayList<>())
              .add(new Caller(scope, node.getName(), call));
        }
      }
    }
    findRestored();
    findObjectKeys();
  }

  GraphScope graph() {
    return scopes.get("");
  }

  List<Caller> callers(String function) {
    return callers.getOrDefault(function, List.of());
  }

  /** The functions that {@code node} calls, if it hands its inputs on to them. */
  List<Call> calls(NodeDef node) {
    String op = node.getOp();
    List<Call> calls = new ArrayList<>();
    switch (op) {
      case "PartitionedCall", "StatefulPartitionedCall" -> add(calls, node, "f", 0, Kind.CALL);
      case "While", "StatelessWhile" -> {
        add(calls, node, "cond", 0, Kind.LOOP_CONDITION);
        add(calls, node, "body", 0, Kind.LOOP_BODY);
      }
      case "If", "StatelessIf" -> {
        add(calls, node, "then_branch", 1, Kind.CALL);
        add(calls, node, "else_branch", 1, Kind.CALL);
      }
      case "Case", "StatelessCase" -> {
        AttrValue branches = node.getAttrOrDefault("branches", AttrValue.getDefaultInstance());
        for (NameAttrList branch : branches.getList().getFuncList()) {
          calls.add(new Call(branch.getName(), 1, Kind.CALL));
        }
      }
      default -> {
        if (scopes.containsKey(op)) {
          calls.add(new Call(op, 0, Kind.CALL));
        }
      }
    }
    return calls;
  }

  private static void add(List<Call> calls, NodeDef node, String attribute, int first, Kind kind) {
    AttrValue value = node.getAttrOrDefault(attribute, AttrValue.getDefaultInstance());
    calls.add(new Call(value.getFunc().getName(), first, kind));
  }

  /** The constant strings of {@code value}, or null. */
  static List<String> strings(GraphScope scope, String value) {
    NodeDef node = scope.producer(scope.canonical(value));
    if (node == null || !node.getOp().equals("Const")) {
      return null;
    }
    TensorProto tensor = node.getAttrOrDefault("value", AttrValue.getDefaultInstance()).getTensor();
    List<String> strings =
        new ArrayList<>(tensor.getStringValList().stream().map(ByteString::toStringUtf8).toList());
    if (!tensor.getTensorContent().isEmpty()) {
      return packed(tensor.getTensorContent(), tensor.getTensorShape());
    }
    long size = 1;
    for (TensorShapeProto.Dim dim : tensor.getTensorShape().getDimList()) {
      size *= dim.getSize();
    }
    while (strings.size() < Math.min(size, 1_000_000)) { // the last may stand for all that follow
      strings.add(strings.isEmpty() ? "" : strings.get(strings.size() - 1));
    }
    return strings;
  }

  /** Strings as the C interface stores them: all lengths, then all bytes; null if damaged. */
  private static List<String> packed(ByteString content, TensorShapeProto shape) {
    long count = 1;
    for (TensorShapeProto.Dim dim : shape.getDimList()) {
      count *= dim.getSize();
    }
    CodedInputStream in = content.newCodedInput();
    try {
      List<Integer> lengths = new ArrayList<>();
      for (long i = 0; i < count && !in.isAtEnd(); i++) {
        lengths.add(in.readRawVarint32());
      }
      List<String> strings = new ArrayList<>();
      for (int length : lengths) {
        strings.add(new String(in.readRawBytes(length), StandardCharsets.UTF_8));
      }
      return strings;
    } catch (IOException e) {
      return null;
    }
  }

  /** Follows identities from {@code value} back to where it is made. */
  static String origin(GraphScope scope, String value) {
    String origin = scope.canonical(value);
    NodeDef node = scope.producer(origin);
    for (int i = 0; node != null && node.getOp().equals("Identity") && i < 100; i++) {
      origin = scope.canonical(node.getInput(0));
      node = scope.producer(origin);
    }
    return origin;
  }

  /** The variable of the graph that {@code value} of {@code scope} is, or null. */
  String holder(GraphScope scope, String value) {
    String origin = origin(scope, value);
    NodeDef node = scope.producer(origin);
    if (node != null) {
      return scope.isGraph() && Tables.VARIABLES.contains(node.getOp()) ? node.getName() : null;
    }
    int argument = scope.arguments().indexOf(origin);
    String found = null;
    for (Caller caller : argument < 0 ? List.<Caller>of() : callers(scope.function())) {
      NodeDef call = caller.scope().node(caller.node());
      int input = argument + caller.call().first();
      String one =
          input < call.getInputCount() ? holder(caller.scope(), call.getInput(input)) : null;
      if (found != null && !found.equals(one)) {
        return null;
      }
      found = one;
    }
    return found;
  }

  private void findRestored() {
    for (GraphScope scope : scopes.values()) {
      for (NodeDef node : scope.nodes()) {
        if (!node.getOp().equals("AssignVariableOp") && !node.getOp().equals("Assign")
            || node.getInputCount() < 2) {
          continue;
        }
        String value = origin(scope, node.getInput(1));
        NodeDef restore = scope.producer(value);
        if (restore == null
            || !restore.getOp().equals("RestoreV2")
            || restore.getInputCount() < 3) {
          continue;
        }
        int index = Integer.parseInt(value.substring(value.lastIndexOf(':') + 1));
        List<String> names = strings(scope, restore.getInput(1));
        List<String> slices = strings(scope, restore.getInput(2));
        String holder = holder(scope, node.getInput(0));
        if (holder != null && names != null && index < names.size()) {
          String slice = slices == null || index >= slices.size() ? "" : slices.get(index);
          restored.put(holder, new Restored(names.get(index), slice));
        }
      }
    }
  }

  /** Where the graph restores {@code variable} from, or null. */
  Restored restored(String variable) {
    return restored.get(variable);
  }

  /** The keys of the variables of the object graph, by the children's names. */
  private void findObjectKeys() throws IOException {
    if (!meta.hasObjectGraphDef()
        || checkpoint.isEmpty()
        || checkpoint.get().entry(OBJECTS) == null) {
      return;
    }
    TrackableObjectGraph stored;
    try {
      stored = TrackableObjectGraph.parseFrom(checkpoint.get().string(OBJECTS));
    } catch (InvalidProtocolBufferException e) {
      throw new IOException(path + ": expected an object graph in the checkpoint", e);
    }
    SavedObjectGraph objects = meta.getObjectGraphDef();
    Map<Integer, Integer> matches = new HashMap<>();
    Deque<Integer> open = new ArrayDeque<>();
    if (objects.getNodesCount() > 0 && stored.getNodesCount() > 0) {
      matches.put(0, 0);
      open.add(0);
    }
    while (!open.isEmpty()) {
      int node = open.pop();
      TrackableObjectGraph.TrackableObject there = stored.getNodes(matches.get(node));
      for (var attribute : there.getAttributesList()) {
        if (objects.getNodes(node).hasVariable()) {
          objectKeys.put(node, attribute.getCheckpointKey());
        }
      }
      Map<String, Integer> children = new HashMap<>();
      there.getChildrenList().forEach(c -> children.put(c.getLocalName(), c.getNodeId()));
      for (var child : objects.getNodes(node).getChildrenList()) {
        Integer match = children.get(child.getLocalName());
        if (match != null
            && match >= 0
            && match < stored.getNodesCount()
            && child.getNodeId() >= 0
            && child.getNodeId() < objects.getNodesCount()
            && matches.putIfAbsent(child.getNodeId(), match) == null) {
          open.add(child.getNodeId());
        }
      }
    }
  }

  /** The key of node {@code id} of the object graph, or null. */
  String objectKey(int id) {
    return objectKeys.get(id);
  }

  /** The variables of the object graph that have one of {@code keys}. */
  List<Integer> objects(java.util.Collection<String> keys) {
    return objectKeys.entrySet().stream()
        .filter(e -> keys.contains(e.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** An argument of a function. */
  record Argument(String function, String name) {}

  /** The arguments of functions of the object graph that are bound to one of {@code objects}. */
  List<Argument> bound(List<Integer> objects) {
    List<Argument> bound = new ArrayList<>();
    for (Map.Entry<String, SavedConcreteFunction> function :
        meta.getObjectGraphDef().getConcreteFunctionsMap().entrySet()) {
      GraphScope scope = scopes.get(function.getKey());
      List<Integer> inputs = function.getValue().getBoundInputsList();
      for (int i = 0; scope != null && i < inputs.size(); i++) {
        int argument = scope.arguments().size() - inputs.size() + i;
        if (objects.contains(inputs.get(i)) && argument >= 0) {
          bound.add(new Argument(function.getKey(), scope.arguments().get(argument)));
        }
      }
    }
    return bound;
  }

  /** Whether Python may call {@code function} with an argument that is not among {@code known}. */
  boolean boundToOthers(String function, String argument, List<Argument> known) {
    SavedConcreteFunction concrete =
        meta.getObjectGraphDef().getConcreteFunctionsMap().get(function);
    return concrete != null
        && concrete.getBoundInputsCount() > 0
        && !known.contains(new Argument(function, argument));
  }

  /** Names of variables of the object graph, by node. */
  SavedObject object(int id) {
    return meta.getObjectGraphDef().getNodes(id);
  }

  /**
   * Joins what Keras 3 tore apart. Its {@code tf.saved_model.save} restores a copy ({@code
   * Variable_8}) whose first value is that of the variable that the model reads; TensorFlow in C++
   * and Java then misses the latter. Both names become one variable.
   *
   * @return names of the variables that were missing
   */
  List<String> joinCopies() {
    List<String> joined = new ArrayList<>();
    aliases()
        .forEach(
            (copy, original) -> {
              if (restored.containsKey(copy) && !restored.containsKey(original)) {
                NodeDef from = graph().node(original);
                NodeDef.Builder to = graph().node(copy).toBuilder();
                for (String shared : List.of("shared_name", "container")) {
                  if (from.containsAttr(shared)) {
                    to.putAttr(shared, from.getAttrOrThrow(shared));
                  }
                }
                graph().put(to.build());
                joined.add(original);
              }
            });
    return joined;
  }

  private void prune() throws InvalidProtocolBufferException {
    Set<String> roots = new LinkedHashSet<>();
    for (SignatureDef signature : meta.getSignatureDefMap().values()) {
      signature.getInputsMap().values().forEach(info -> roots.add(info.getName()));
      signature.getOutputsMap().values().forEach(info -> roots.add(info.getName()));
    }
    roots.add(meta.getSaverDef().getRestoreOpName());
    roots.add(meta.getSaverDef().getSaveTensorName());
    roots.add(meta.getSaverDef().getFilenameTensorName());
    meta.getAssetFileDefList().forEach(a -> roots.add(a.getTensorInfo().getName()));
    for (Map.Entry<String, CollectionDef> entry : meta.getCollectionDefMap().entrySet()) {
      if (MAIN.contains(entry.getKey())) {
        roots.addAll(entry.getValue().getNodeList().getValueList());
        for (Any any : entry.getValue().getAnyList().getValueList()) {
          roots.add(AssetFileDef.parseFrom(any.getValue()).getTensorInfo().getName());
        }
      }
    }
    // Loaders find variables by their handles, and by what the collections say about them.
    Set<String> restored = new HashSet<>(graph().ancestors(roots));
    for (NodeDef node : graph().nodes()) {
      if (node.getOp().equals("VarHandleOp")) {
        roots.add(node.getName());
      }
    }
    for (Map.Entry<String, CollectionDef> entry :
        new LinkedHashMap<>(meta.getCollectionDefMap()).entrySet()) {
      CollectionDef.Builder kept = entry.getValue().toBuilder();
      if (entry.getValue().hasBytesList() && entry.getKey().endsWith("variables")) {
        kept.getBytesListBuilder().clearValue();
        for (ByteString bytes : entry.getValue().getBytesList().getValueList()) {
          VariableDef variable = VariableDef.parseFrom(bytes);
          if (restored.contains(variable.getVariableName().replaceFirst(":.*", ""))) {
            kept.getBytesListBuilder().addValue(bytes);
            roots.add(variable.getVariableName());
            roots.add(variable.getInitializerName());
            roots.add(variable.getInitialValueName());
            roots.add(variable.getSnapshotName());
          }
        }
        meta.putCollectionDef(entry.getKey(), kept.build());
      } else if (!MAIN.contains(entry.getKey())) {
        meta.removeCollectionDef(entry.getKey()); // it may name ops that are gone
      }
    }
    graph().retain(graph().ancestors(roots));
  }

  /** The nodes of the graph that the signatures' outputs need. */
  Set<String> served() {
    List<String> outputs = new ArrayList<>();
    for (SignatureDef signature : meta.getSignatureDefMap().values()) {
      signature.getOutputsMap().values().forEach(info -> outputs.add(info.getName()));
    }
    return graph().ancestors(outputs);
  }

  /** Variables whose first value is that of another variable. */
  Map<String, String> aliases() {
    Map<String, String> aliases = new LinkedHashMap<>();
    for (NodeDef node : graph().nodes()) {
      if (node.getOp().equals("AssignVariableOp") && node.getInputCount() >= 2) {
        NodeDef read = graph().producer(origin(graph(), node.getInput(1)));
        String copy = holder(graph(), node.getInput(0));
        String original =
            read != null && read.getOp().equals("ReadVariableOp")
                ? holder(graph(), read.getInput(0))
                : null;
        if (copy != null && original != null && !copy.equals(original)) {
          aliases.put(copy, original);
        }
      }
    }
    return aliases;
  }

  /** The tags by which loaders ask for this graph. */
  List<String> tags() {
    return meta.getMetaInfoDef().getTagsList();
  }

  /** Puts the scopes, which may have been changed, into the protocol buffer of the whole model. */
  SavedModel build() {
    var graph = meta.getGraphDefBuilder();
    graph.clearNode().addAllNode(graph().nodes());
    for (FunctionDef.Builder function : graph.getLibraryBuilder().getFunctionBuilderList()) {
      GraphScope scope = scopes.get(function.getSignature().getName());
      if (scope != null) {
        function.clearNodeDef().addAllNodeDef(scope.nodes());
        function.putAllRet(scope.returns());
      }
    }
    return saved.build();
  }
}
