package io.github.lowrank.graphdef;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;

/**
 * A model is a program: what its ops could reach if it ran. Known to be harmless are the ops of a
 * list (math, lookup, strings, tables, variables); ops that restore, if they read the model's own
 * checkpoint; ops that restore or save, if neither loading nor a signature runs them; and tables
 * that begin as a file of the model's own assets.
 */
public final class Safety {
  /** The option that lets a model run whatever it holds. */
  public static final String OPTION = "--trust-model";

  private static final Set<String> ALLOWED = allowed();
  private static final Map<String, Integer> RESTORES =
      Map.of("RestoreV2", 3, "Restore", 2, "RestoreSlice", 3);
  private static final Map<String, Integer> SAVES =
      Map.of("SaveV2", 3, "Save", 2, "SaveSlices", 3, "MergeV2Checkpoints", 2);
  private static final Set<String> FILE_NAMES = Set.of("ShardedFilename", "ShardedFilespec");
  private static final Map<String, Integer> FILE_TABLES =
      Map.of("InitializeTableFromTextFile", 2, "InitializeTableFromTextFileV2", 2);
  static final Set<String> MAIN =
      Set.of("saved_model_main_op", "legacy_init_op", "saved_model_initializers");
  private static final int DEPTH = 1000;

  private final MetaGraphDef meta;
  private final Map<String, GraphScope> scopes = new LinkedHashMap<>();
  private final Map<String, List<Call>> callers = new HashMap<>();
  private final Set<String> assets = new HashSet<>();
  private final Map<String, List<String>> problems = new TreeMap<>();

  private record Call(GraphScope scope, NodeDef node) {}

  private Safety(MetaGraphDef meta) {
    this.meta = meta;
    scopes.put("", GraphScope.of(meta.getGraphDef()));
    for (FunctionDef function : meta.getGraphDef().getLibrary().getFunctionList()) {
      scopes.put(function.getSignature().getName(), GraphScope.of(function));
    }
    for (GraphScope scope : scopes.values()) {
      for (NodeDef node : scope.nodes()) {
        for (String callee : callees(node)) {
          callers.computeIfAbsent(callee, c -> new ArrayList<>()).add(new Call(scope, node));
        }
      }
    }
    for (AssetFileDef asset : assetFiles(meta)) {
      assets.add(scopes.get("").canonical(asset.getTensorInfo().getName()));
    }
  }

  /** As TensorFlow finds them: TensorFlow 1 lists its assets in a collection. */
  private static List<AssetFileDef> assetFiles(MetaGraphDef meta) {
    List<AssetFileDef> files = new ArrayList<>(meta.getAssetFileDefList());
    CollectionDef listed =
        meta.getCollectionDefOrDefault("saved_model_assets", CollectionDef.getDefaultInstance());
    if (files.isEmpty()) {
      for (Any any : listed.getAnyList().getValueList()) {
        try {
          files.add(AssetFileDef.parseFrom(any.getValue()));
        } catch (InvalidProtocolBufferException e) {
          continue; // what is damaged names no asset
        }
      }
    }
    return files;
  }

  private static Set<String> allowed() {
    try (InputStream in = Safety.class.getResourceAsStream("allowed-ops.txt")) {
      return Set.of(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\\s+"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What a model could reach: type of op to where it stands and what is wrong with it.
   *
   * @return empty if the model can be run safely
   */
  public static Map<String, List<String>> problems(MetaGraphDef meta) {
    Safety safety = new Safety(meta);
    safety.find();
    return safety.problems;
  }

  /**
   * Refuses a model that could reach more than itself.
   *
   * @throws IOException that names the ops
   */
  public static void check(Path model) throws IOException {
    check(model, SavedModels.metaGraph(model));
  }

  /**
   * Refuses a model that could reach more than itself.
   *
   * @throws IOException that names the ops
   */
  public static void check(Path model, MetaGraphDef meta) throws IOException {
    Map<String, List<String>> problems = problems(meta);
    if (!problems.isEmpty()) {
      throw new IOException(
          ("%s was not run: a model is a program, and this one has ops that may reach files, network"
                  + " or other code: %s; %s runs it all the same")
              .formatted(model, describe(problems), OPTION));
    }
  }

  /** The problems in a line. */
  public static String describe(Map<String, List<String>> problems) {
    List<String> words = new ArrayList<>();
    problems.forEach(
        (op, places) ->
            words.add(
                places.size() == 1
                    ? "%s (%s)".formatted(op, places.get(0))
                    : "%s (%s and %d more)".formatted(op, places.get(0), places.size() - 1)));
    return String.join(", ", words);
  }

  private void problem(GraphScope scope, NodeDef node, String what) {
    String place = scope.isGraph() ? node.getName() : node.getName() + " in " + scope.function();
    problems
        .computeIfAbsent(node.getOp(), op -> new ArrayList<>())
        .add(what.isEmpty() ? place : place + ": " + what);
  }

  private void find() {
    Set<String> run = running();
    for (GraphScope scope : scopes.values()) {
      for (NodeDef node : scope.nodes()) {
        String op = node.getOp();
        if (scopes.containsKey(op) && !op.isEmpty() || ALLOWED.contains(op)) {
          continue;
        }
        if (FILE_NAMES.contains(op)) {
          continue; // it joins strings
        }
        if (RESTORES.containsKey(op) || SAVES.containsKey(op)) {
          boolean restores = RESTORES.containsKey(op);
          if (inputs(node) < (restores ? RESTORES : SAVES).get(op)) {
            problem(scope, node, "it has %d inputs".formatted(inputs(node)));
          } else if (!run.contains(scope.function() + "\n" + node.getName())) {
            continue; // what is left of training: savers, and first values from elsewhere
          } else if (!restores) {
            problem(scope, node, "loading or a signature runs it");
          } else if (!own(scope, node.getInput(0), Set.of(checkpoint()), 0)) {
            problem(scope, node, "it reads another file than the model's checkpoint");
          }
        } else if (FILE_TABLES.containsKey(op)) {
          if (inputs(node) < FILE_TABLES.get(op) || !own(scope, node.getInput(1), assets, 0)) {
            problem(scope, node, "it reads a file that is no asset of the model");
          }
        } else {
          problem(scope, node, "");
        }
      }
    }
  }

  private static int inputs(NodeDef node) {
    return (int) node.getInputList().stream().filter(i -> !i.startsWith("^")).count();
  }

  private String checkpoint() {
    return scopes.get("").canonical(meta.getSaverDef().getFilenameTensorName());
  }

  /** Whether {@code value} is one of {@code sources}, as it is or as the beginning of a name. */
  private boolean own(GraphScope scope, String value, Set<String> sources, int depth) {
    String canonical = scope.canonical(value);
    if (scope.isGraph() && sources.contains(canonical)) {
      return true;
    }
    NodeDef node = scope.producer(canonical);
    if (depth > DEPTH) {
      return false;
    }
    if (node != null) {
      return switch (node.getOp()) {
        case "Identity", "PlaceholderWithDefault", "StringJoin", "ShardedFilename" ->
            inputs(node) > 0 && own(scope, node.getInput(0), sources, depth + 1);
        case "Pack" ->
            inputs(node) > 0
                && node.getInputList().stream()
                    .filter(i -> !i.startsWith("^"))
                    .allMatch(i -> own(scope, i, sources, depth + 1));
        case "ReadVariableOp" -> scope.isGraph() && holdsOwn(node.getInput(0), sources, depth + 1);
        default -> false;
      };
    }
    int argument = scope.arguments().indexOf(canonical);
    if (argument < 0) {
      return false;
    }
    // A function that nothing calls does not run.
    for (Call call : callers.getOrDefault(scope.function(), List.of())) {
      boolean plain = call.node().getOp().endsWith("PartitionedCall");
      if (!plain
          || inputs(call.node()) <= argument
          || !own(call.scope(), call.node().getInput(argument), sources, depth + 1)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a variable of the graph is only read, and only ever given one of {@code sources}. */
  private boolean holdsOwn(String handle, Set<String> sources, int depth) {
    GraphScope graph = scopes.get("");
    NodeDef variable = graph.producer(graph.canonical(handle));
    if (variable == null || !variable.getOp().equals("VarHandleOp")) {
      return false;
    }
    boolean given = false;
    for (NodeDef other : graph.nodes()) {
      if (!other.getOp().equals("VarHandleOp") || !shared(other).equals(shared(variable))) {
        continue;
      }
      for (GraphScope.Use use : graph.uses(graph.value(other.getName(), "resource", 0))) {
        String op = use.node().getOp();
        if (op.equals("AssignVariableOp")
            && inputs(use.node()) == 2
            && own(graph, use.node().getInput(1), sources, depth)) {
          given = true;
        } else if (!Set.of("ReadVariableOp", "VarIsInitializedOp", "DisableCopyOnRead")
            .contains(op)) {
          return false;
        }
      }
    }
    return given;
  }

  private static String shared(NodeDef variable) {
    AttrValue name = variable.getAttrOrDefault("shared_name", AttrValue.getDefaultInstance());
    return name.getS().isEmpty() ? variable.getName() : name.getS().toStringUtf8();
  }

  /** All nodes that loading the model or one of its signatures runs. */
  private Set<String> running() {
    List<String> roots = new ArrayList<>();
    for (SignatureDef signature : meta.getSignatureDefMap().values()) {
      signature.getOutputsMap().values().forEach(info -> roots.add(info.getName()));
    }
    for (Map.Entry<String, CollectionDef> entry : meta.getCollectionDefMap().entrySet()) {
      if (MAIN.contains(entry.getKey())) {
        roots.addAll(entry.getValue().getNodeList().getValueList());
      }
    }
    roots.add(meta.getSaverDef().getRestoreOpName());
    Set<String> run = new HashSet<>();
    Set<String> functions = new HashSet<>();
    Deque<String> open = new ArrayDeque<>();
    GraphScope graph = scopes.get("");
    for (String name : graph.ancestors(roots)) {
      run.add("\n" + name);
      open.addAll(callees(graph.node(name)));
    }
    while (!open.isEmpty()) {
      String function = open.pop();
      GraphScope scope = scopes.get(function);
      if (scope != null && functions.add(function)) {
        for (NodeDef node : scope.nodes()) {
          run.add(function + "\n" + node.getName());
          open.addAll(callees(node));
        }
      }
    }
    return run;
  }

  private List<String> callees(NodeDef node) {
    List<String> callees = new ArrayList<>();
    if (scopes.containsKey(node.getOp())) {
      callees.add(node.getOp());
    }
    for (AttrValue value : node.getAttrMap().values()) {
      if (value.hasFunc()) {
        callees.add(value.getFunc().getName());
      }
      value.getList().getFuncList().forEach(f -> callees.add(f.getName()));
    }
    return callees;
  }
}
