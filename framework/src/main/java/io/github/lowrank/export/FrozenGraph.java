package io.github.lowrank.export;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.github.lowrank.graphdef.GraphCheck;
import io.github.lowrank.graphdef.GraphScope;
import io.github.lowrank.graphdef.Nodes;
import io.github.lowrank.graphdef.Safety;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.op.Sessions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * A SavedModel of {@link SavedModelWriter} as a single frozen {@code GraphDef}: feed strings to
 * {@code text}, fetch {@code probabilities}, {@code label} or {@code labels}; nothing to restore or
 * to initialize.
 *
 * <p>Variables become constants. The table of the vocabulary becomes its sorted 63-bit fingerprints
 * and their row numbers: a word is looked up by binary search and has a row if its fingerprint is
 * among them. A word outside the vocabulary is mistaken for one inside with probability V / 2^63.
 */
public final class FrozenGraph {
  private static final long BUCKETS = Long.MAX_VALUE;
  private static final String LOOKUP = "vocabulary_lookup";
  private static final List<String> ROOTS =
      List.of(SavedModelWriter.PROBABILITIES, SavedModelWriter.LABEL, SavedModelWriter.LABELS);

  private FrozenGraph() {}

  /**
   * Freezes {@code savedModel} into the file {@code out}, which appears only when complete.
   *
   * @throws IOException if it is not a SavedModel of {@link SavedModelWriter}
   */
  public static void write(Path savedModel, Path out) throws IOException {
    write(savedModel, out, false);
  }

  /**
   * Likewise.
   *
   * @param trusted whether the model may run whatever ops it has
   */
  public static void write(Path savedModel, Path out, boolean trusted) throws IOException {
    TextClassifier.load(savedModel, trusted).close(); // fails with a clear message for other models
    MetaGraphDef meta = SavedModels.metaGraph(savedModel);
    GraphScope graph = GraphScope.of(meta.getGraphDef());
    Map<String, NodeDef> constants = constants(savedModel, graph, meta, trusted);
    Set<String> resources = new HashSet<>(constants.keySet());
    for (NodeDef node : graph.nodes()) {
      if (constants.containsKey(node.getName())) {
        graph.put(constants.get(node.getName()));
      } else if (node.getInputCount() > 0 && resources.contains(node.getInput(0))) {
        replace(node).forEach(graph::put);
      }
    }
    for (NodeDef node : graph.nodes()) {
      if (node.getOp().equals("LookupTableFindV2")) {
        lookup(savedModel, node.getName(), node.getInput(1)).forEach(graph::put);
      }
    }
    graph.retain(graph.ancestors(ROOTS));

    GraphDef.Builder frozen = GraphDef.newBuilder().setVersions(meta.getGraphDef().getVersions());
    graph.nodes().forEach(frozen::addNode);
    Set<String> types = new HashSet<>();
    graph.nodes().forEach(node -> types.add(node.getOp()));
    for (FunctionDef function : meta.getGraphDef().getLibrary().getFunctionList()) {
      if (types.contains(function.getSignature().getName())) {
        frozen.getLibraryBuilder().addFunction(ofTensors(function));
      }
    }
    AtomicFiles.write(out, SavedModels.bytes(frozen.build()));
  }

  /** The variables as constants, by the names of their handles. */
  private static Map<String, NodeDef> constants(
      Path savedModel, GraphScope graph, MetaGraphDef meta, boolean trusted) throws IOException {
    Map<String, NodeDef> constants = new HashMap<>();
    try (SavedModelBundle bundle = SavedModels.load(savedModel, meta, trusted)) {
      for (NodeDef node : graph.nodes()) {
        if (node.getOp().equals("ReadVariableOp")) {
          String variable = node.getInput(0);
          try (Result result = bundle.session().runner().fetch(node.getName()).run()) {
            constants.put(variable, constant(variable, result.get(0)));
          }
        }
      }
    } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
      throw SavedModels.refused(savedModel + " does not tell the values of its variables", e);
    }
    return constants;
  }

  private static NodeDef constant(String name, Tensor tensor) {
    byte[] bytes = new byte[Math.toIntExact(tensor.numBytes())];
    tensor.asRawTensor().data().read(bytes);
    return Nodes.constant(
        name,
        tensor.dataType(),
        Nodes.tensor(tensor.dataType(), ByteString.copyFrom(bytes), tensor.shape().asArray()));
  }

  /** Rewrites a node that uses a handle to use the value. */
  private static List<NodeDef> replace(NodeDef node) {
    if (node.getOp().equals("ReadVariableOp")) {
      return List.of(
          node.toBuilder()
              .setOp("Identity")
              .clearAttr()
              .putAttr("T", node.getAttrOrThrow("dtype"))
              .build());
    }
    if (node.getOp().equals("ResourceGather")) {
      NodeDef axis = Nodes.zero(node.getName() + "/axis");
      return List.of(axis, gather(node, axis.getName()));
    }
    return List.of(node); // one of our ops; its function is rewritten instead
  }

  private static NodeDef gather(NodeDef node, String axis) {
    return node.toBuilder()
        .setOp("GatherV2")
        .addInput(axis)
        .clearAttr()
        .putAttr("Tparams", node.getAttrOrThrow("dtype"))
        .putAttr("Tindices", node.getAttrOrThrow("Tindices"))
        .putAttr("Taxis", Nodes.type(DataType.DT_INT32))
        .build();
  }

  /** Rewrites a function of a handle as a function of the value. */
  private static FunctionDef ofTensors(FunctionDef function) {
    FunctionDef.Builder changed = function.toBuilder();
    OpDef.Builder signature = changed.getSignatureBuilder().setIsStateful(false);
    signature
        .getInputArgBuilderList()
        .forEach(
            arg -> {
              if (arg.getType() == DataType.DT_RESOURCE) {
                arg.setType(DataType.DT_FLOAT);
              }
            });
    changed.clearNodeDef();
    NodeDef axis = Nodes.zero("gather_axis");
    changed.addNodeDef(axis);
    for (NodeDef node : function.getNodeDefList()) {
      changed.addNodeDef(
          node.getOp().equals("ResourceGather") ? gather(node, "gather_axis:output:0") : node);
    }
    return changed.build();
  }

  /** Nodes that replace the lookup {@code name} of the strings {@code words}. */
  private static List<NodeDef> lookup(Path savedModel, String name, String words)
      throws IOException {
    List<String> vocabulary =
        Arrays.asList(
            Files.readString(savedModel.resolve("assets").resolve(SavedModelWriter.VOCABULARY))
                .split("\n"));
    long[] hashes = fingerprints(vocabulary);
    Integer[] order = new Integer[vocabulary.size() - 1];
    Arrays.setAll(order, i -> i + 1);
    Arrays.sort(order, (a, b) -> Long.compare(hashes[a], hashes[b]));
    long[] sorted = new long[order.length];
    long[] rows = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      sorted[i] = hashes[order[i]];
      rows[i] = order[i];
      if (i > 0 && sorted[i] == sorted[i - 1]) {
        throw new IOException(
            "the words '%s' and '%s' have the same fingerprint: this model cannot be frozen"
                .formatted(vocabulary.get(order[i]), vocabulary.get(order[i - 1])));
      }
    }
    try (Graph graph = new Graph()) {
      // All lookups have the same constants, which are put under the same names.
      Ops shared = Ops.create(graph).withSubScope(LOOKUP);
      Ops tf = Ops.create(graph).withSubScope(LOOKUP + "_" + name.replaceAll("\\W", "_"));
      Placeholder<TString> input = tf.withName("words").placeholder(TString.class);
      Operand<TInt64> known = shared.withName("known").constant(sorted);
      Operand<TInt64> numbers = shared.withName("rows").constant(rows);
      Operand<TInt64> of = tf.strings.toHashBucketFast(input, BUCKETS);
      Operand<TInt32> place =
          tf.math.minimum(
              tf.reshape(
                  tf.lowerBound(
                      tf.expandDims(known, tf.constant(0)), tf.reshape(of, tf.array(1, -1))),
                  tf.array(-1)),
              tf.constant(sorted.length - 1));
      Operand<TInt32> axis = tf.constant(0);
      Operand<TInt64> row =
          tf.select(
              tf.math.equal(tf.gather(known, place, axis), of),
              tf.gather(numbers, place, axis),
              tf.zerosLike(of));
      String result = row.op().name();
      List<NodeDef> nodes = new ArrayList<>();
      for (NodeDef node : graph.toGraphDef().getNodeList()) {
        if (!node.getOp().equals("Placeholder")) {
          NodeDef.Builder changed = node.toBuilder().clearInput();
          node.getInputList()
              .forEach(i -> changed.addInput(i.equals(input.op().name()) ? words : i));
          // The last node takes the name of the lookup, to which other nodes refer.
          nodes.add(
              node.getName().equals(result) ? changed.setName(name).build() : changed.build());
        }
      }
      return nodes;
    }
  }

  private static long[] fingerprints(List<String> words) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TString> input = tf.placeholder(TString.class);
      Operand<TInt64> hash = tf.strings.toHashBucketFast(input, BUCKETS);
      try (Session session = Sessions.open(graph);
          TString value =
              TString.tensorOf(
                  StandardCharsets.UTF_8, NdArrays.vectorOfObjects(words.toArray(new String[0])));
          Result result = session.runner().feed(input, value).fetch(hash).run()) {
        long[] hashes = new long[words.size()];
        ((TInt64) result.get(0)).copyTo(DataBuffers.of(hashes));
        return hashes;
      }
    }
  }

  /**
   * The class probabilities computed by a frozen graph, {@code [texts][classes]}.
   *
   * @throws IOException if {@code file} is not a frozen graph
   */
  public static float[][] probabilities(Path file, List<String> texts) throws IOException {
    GraphDef frozen;
    try {
      frozen = GraphDef.parseFrom(Files.readAllBytes(file));
    } catch (InvalidProtocolBufferException e) {
      throw new IOException(file + ": expected a frozen graph, found: " + e.getMessage(), e);
    }
    TensorInfo answer =
        TensorInfo.newBuilder()
            .setName(SavedModelWriter.PROBABILITIES + ":0")
            .setDtype(DataType.DT_FLOAT)
            .build();
    MetaGraphDef meta =
        MetaGraphDef.newBuilder()
            .setGraphDef(frozen)
            .putSignatureDef(
                SavedModelWriter.SIGNATURE,
                SignatureDef.newBuilder()
                    .putOutputs(SavedModelWriter.PROBABILITIES, answer)
                    .build())
            .build();
    GraphCheck.check(file, meta);
    Safety.check(file, meta);
    try (Graph graph = new Graph()) {
      graph.importGraphDef(frozen);
      try (Session session = Sessions.open(graph);
          TString input =
              TString.tensorOf(
                  StandardCharsets.UTF_8, NdArrays.vectorOfObjects(texts.toArray(new String[0])));
          Result result =
              session
                  .runner()
                  .feed(SavedModelWriter.TEXT, input)
                  .fetch(SavedModelWriter.PROBABILITIES)
                  .run()) {
        Shape shape = result.get(0).shape();
        float[][] rows = new float[texts.size()][Math.toIntExact(shape.get(1))];
        float[] flat = new float[Math.toIntExact(shape.size())];
        ((TFloat32) result.get(0)).copyTo(DataBuffers.of(flat));
        for (int i = 0; i < rows.length; i++) {
          System.arraycopy(flat, i * rows[i].length, rows[i], 0, rows[i].length);
        }
        return rows;
      }
    }
  }
}
