package io.github.lowrank.graphdef;

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
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;

/**
 * A model is a program: what its ops could reach if it ran. Known to be harmless are the ops of a
 * list (math, lookup, strings, tables, variables), and those that reach the model's own files where
 * TensorFlow itself gives their names: ops that restore, if only the restoring of the model runs
 * them and they read its checkpoint; tables that begin as a file of its assets, if no signature
 * runs that. Ops that nothing runs may restore or save: they are left of training.
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

  /** What is run to learn what a model holds and looks up, whether a signature needs it or not. */
  private static final Set<String> ASKED =
      Set.of(
          "ReadVariableOp",
          "Gather",
          "GatherV2",
          "GatherNd",
          "ResourceGather",
          "ResourceGatherNd",
          "SparseSegmentSum",
          "SparseSegmentMean",
          "SparseSegmentSqrtN");

  /** The signature by which TensorFlow 2 initializes a model. */
  private static final String INITIALIZER = "__saved_model_init_op";

  private static final Map<String, Integer> FILE_TABLES =
      Map.of("InitializeTableFromTextFile", 2, "InitializeTableFromTextFileV2", 2);
  static final Set<String> MAIN =
      Set.of("saved_model_main_op", "legacy_init_op", "saved_model_initializers");
  private static final int DEPTH = 1000;

  private final MetaGraphDef meta;
  private final Map<String, GraphScope> scopes = new LinkedHashMap<>();
  private final Map<String, List<Call>> callers = new HashMap<>();
  private final Set<String> assets = new HashSet<>();
  private final Map<List<Object>, Boolean> owned = new HashMap<>();
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
    for (AssetFileDef asset : SavedModels.assets(meta)) {
      assets.add(scopes.get("").canonical(asset.getTensorInfo().getName()));
    }
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
    Set<String> restoring = running(List.of(meta.getSaverDef().getRestoreOpName()));
    Set<String> beginning = running(initializers());
    Set<String> answering = running(asked());
    for (GraphScope scope : scopes.values()) {
      for (NodeDef node : scope.nodes()) {
        String op = node.getOp();
        if (scopes.containsKey(op) && !op.isEmpty()
            || ALLOWED.contains(op)
            || FILE_NAMES.contains(op)) { // these join strings
          continue;
        }
        String id = scope.function() + "\n" + node.getName();
        boolean answers = answering.contains(id);
        if (RESTORES.containsKey(op)) {
          if (inputs(node) < RESTORES.get(op)) {
            problem(scope, node, "it has %d inputs".formatted(inputs(node)));
          } else if (answers || beginning.contains(id)) {
            problem(scope, node, "something else than restoring the model runs it");
          } else if (restoring.contains(id)
              && !own(scope, node.getInput(0), Set.of(checkpoint()), 0)) {
            problem(scope, node, "it reads another file than the model's checkpoint");
          }
        } else if (SAVES.containsKey(op)) {
          if (inputs(node) < SAVES.get(op)) {
            problem(scope, node, "it has %d inputs".formatted(inputs(node)));
          } else if (answers || beginning.contains(id) || restoring.contains(id)) {
            problem(scope, node, "loading or a signature runs it");
          }
        } else if (FILE_TABLES.containsKey(op)) {
          if (inputs(node) < FILE_TABLES.get(op) || !own(scope, node.getInput(1), assets, 0)) {
            problem(scope, node, "it reads a file that is no asset of the model");
          } else if (answers) {
            problem(scope, node, "a signature runs it");
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

  /** Whether {@code value} can only be one of {@code sources}. */
  private boolean own(GraphScope scope, String value, Set<String> sources, int depth) {
    String canonical = scope.canonical(value);
    List<Object> key = List.of(scope.function(), canonical, sources);
    Boolean known = owned.get(key);
    if (known == null) {
      owned.put(key, false); // what depends on itself comes from nowhere
      known = depth <= DEPTH && derived(scope, canonical, sources, depth + 1);
      owned.put(key, known);
    }
    return known;
  }

  private boolean derived(GraphScope scope, String canonical, Set<String> sources, int depth) {
    if (scope.isGraph() && sources.contains(canonical)) {
      return true;
    }
    NodeDef node = scope.producer(canonical);
    if (node != null) {
      return switch (node.getOp()) {
        case "Identity", "PlaceholderWithDefault" ->
            inputs(node) > 0 && own(scope, node.getInput(0), sources, depth);
        case "Pack" ->
            inputs(node) > 0
                && node.getInputList().stream()
                    .filter(i -> !i.startsWith("^"))
                    .allMatch(i -> own(scope, i, sources, depth));
        case "ReadVariableOp" -> scope.isGraph() && holdsOwn(node.getInput(0), sources, depth);
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
          || !own(call.scope(), call.node().getInput(argument), sources, depth)) {
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

  private List<String> initializers() {
    List<String> roots = new ArrayList<>();
    meta.getCollectionDefMap()
        .forEach(
            (name, collection) -> {
              if (MAIN.contains(name)) {
                roots.addAll(collection.getNodeList().getValueList());
              }
            });
    SignatureDef signature =
        meta.getSignatureDefOrDefault(INITIALIZER, SignatureDef.getDefaultInstance());
    signature.getOutputsMap().values().forEach(info -> roots.add(info.getName()));
    return roots;
  }

  private List<String> asked() {
    List<String> roots = new ArrayList<>();
    meta.getSignatureDefMap()
        .forEach(
            (name, signature) -> {
              if (!name.equals(INITIALIZER)) {
                signature.getOutputsMap().values().forEach(info -> roots.add(info.getName()));
              }
            });
    for (NodeDef node : meta.getGraphDef().getNodeList()) {
      if (ASKED.contains(node.getOp())) {
        roots.add(node.getName());
      }
    }
    return roots;
  }

  /** All nodes that run with {@code roots}, those of called functions too. */
  private Set<String> running(List<String> roots) {
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
