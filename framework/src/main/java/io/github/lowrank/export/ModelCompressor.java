package io.github.lowrank.export;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.github.lowrank.embedding.EmbeddingLayer;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.Matrix;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.embedding.Rank;
import io.github.lowrank.embedding.TruncatedSvd;
import io.github.lowrank.op.LowRankEmbedding;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.op.TensorBundle;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.OperationBuilder;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObject;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/**
 * Compresses an embedding table of a SavedModel that somebody else made, with Keras or TensorFlow
 * 1: {@code Gather(E, ids)} becomes {@code Gather(W_a, ids) W_b} with the truncated SVD {@code E ~
 * W_a W_b}.
 *
 * <p>The variable keeps its name and its place in the checkpoint, but holds {@code W_a}; {@code
 * W_b} is a constant of the graph; every lookup, in the graph or in its functions, becomes a {@link
 * LowRankEmbedding}. Signatures, assets and everything else stay. With fewer than 32 bits {@code
 * W_a} is stored in codes, a scale a row, as constants of the graph, and the variable is left
 * empty.
 */
public final class ModelCompressor {
  /** Name that stands for the largest table that is looked up. */
  public static final String AUTO = "auto";

  private static final String CODES_OP = "LowRankEmbeddingOfCodes";
  private static final String FILE = "saved_model.pb";
  private static final Set<String> KEPT_COLLECTIONS =
      Set.of("saved_model_main_op", "legacy_init_op", "saved_model_assets");

  private final Path model;
  private final SavedModel.Builder saved;
  private final MetaGraphDef.Builder meta;
  private final Map<String, GraphScope> scopes = new LinkedHashMap<>();

  /**
   * A float matrix of a model.
   *
   * @param name of its variable or constant
   * @param rows number of rows
   * @param columns number of columns
   * @param lookups how often the graph looks up rows of it
   * @param obstacle why it cannot be compressed; empty if it can
   */
  public record Table(String name, int rows, int columns, int lookups, String obstacle) {
    static Table of(EmbeddingSite site) {
      return new Table(
          site.name(),
          site.rows(),
          site.columns(),
          site.gathers().size(),
          site.gathers().isEmpty()
              ? "no lookup of its rows was found"
              : String.join("; ", site.obstacles()));
    }

    @Override
    public String toString() {
      return "%s (%,d x %,d, %d lookups)".formatted(name, rows, columns, lookups)
          + (obstacle.isEmpty() ? "" : ": " + obstacle);
    }
  }

  /**
   * What was done.
   *
   * @param table the table
   * @param rank of the factors
   * @param relativeError of the factorization, in the Frobenius norm
   * @param parameters numbers of both factors
   * @param bytesBefore of all files of the model
   * @param bytesAfter likewise
   * @param differences of the outputs on random inputs
   */
  public record Outcome(
      Table table,
      int rank,
      double relativeError,
      long parameters,
      long bytesBefore,
      long bytesAfter,
      List<ModelComparison.Difference> differences) {}

  private ModelCompressor(Path model) throws IOException {
    this.model = model;
    this.saved = parse(model).toBuilder();
    this.meta = saved.getMetaGraphsBuilder(0);
    scopes.put("", GraphScope.of(meta.getGraphDef()));
    meta.getGraphDef()
        .getLibrary()
        .getFunctionList()
        .forEach(f -> scopes.put(f.getSignature().getName(), GraphScope.of(f)));
    prune();
  }

  private static SavedModel parse(Path model) throws IOException {
    Path file = model.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new IOException(model + " is not a SavedModel: it has no file " + FILE);
    }
    try {
      SavedModel saved = SavedModel.parseFrom(Files.readAllBytes(file));
      if (saved.getMetaGraphsCount() == 0) {
        throw new IOException(file + ": expected a graph, found none");
      }
      return saved;
    } catch (InvalidProtocolBufferException e) {
      throw new IOException(
          file + ": expected the protocol buffer of a SavedModel, found: " + e.getMessage(), e);
    }
  }

  /** The first graph of a SavedModel. */
  static MetaGraphDef metaGraph(Path model) throws IOException {
    return parse(model).getMetaGraphs(0);
  }

  /** The float matrices of {@code model}, those that are looked up first, the largest first. */
  public static List<Table> tables(Path model) throws IOException {
    return new ModelCompressor(model).sites().stream().map(Table::of).toList();
  }

  /**
   * Compresses one table.
   *
   * @param model folder of a SavedModel
   * @param variable name of the table, or {@link #AUTO}
   * @param removed fraction of its numbers to remove, in (0, 1)
   * @param bits width of a stored number of {@code W_a}: 32, or 1 to 16
   * @param out folder that appears only when complete
   * @throws IOException if the model cannot be read or the table not be replaced; says why
   */
  public static Outcome compress(Path model, String variable, double removed, int bits, Path out)
      throws IOException {
    return new ModelCompressor(model).run(variable, removed, bits, Optional.empty(), out);
  }

  /**
   * Compresses one table as {@link #compress}, and trains its factors before they are stored: on
   * {@code texts}, the outputs shall be those of the model with the whole table. For models with
   * texts as their only input, whose lookup stands in the graph itself.
   *
   * @param texts to learn from; a tenth of them decides when the factors were best
   * @param steps of 32 texts
   * @param listener is shown 1 - relative difference of the outputs as dev accuracy
   */
  public static Outcome compressAndRetrain(
      Path model,
      String variable,
      double removed,
      int bits,
      List<String> texts,
      long steps,
      TrainingListener listener,
      Path out)
      throws IOException {
    return new ModelCompressor(model)
        .run(
            variable,
            removed,
            bits,
            Optional.of(new Distillation.Plan(texts, steps, 1, listener)),
            out);
  }

  private List<EmbeddingSite> sites() {
    return EmbeddingSite.all(meta.getGraphDef(), scopes);
  }

  private Outcome run(
      String variable, double removed, int bits, Optional<Distillation.Plan> retraining, Path out)
      throws IOException {
    EmbeddingSite site = choose(variable);
    int rank;
    try {
      rank = Rank.of(site.rows(), site.columns(), removed);
    } catch (IllegalArgumentException e) {
      throw new IOException(site.name() + ": " + e.getMessage(), e);
    }
    if (bits < 32 && !site.whole().isEmpty()) {
      throw new IOException(
          "%s: codes of %d bits can only be looked up, but %s uses the whole table"
              .formatted(site.name(), bits, site.whole().get(0).node().getName()));
    }
    TruncatedSvd svd;
    EmbeddingTable.LowRank factors;
    String key = null;
    Map<String, DataType> entries;
    try (SavedModelBundle bundle = load(model, meta)) {
      svd = TruncatedSvd.of(values(site, bundle), rank);
      factors = svd.factors(TruncatedSvd.Split.BALANCED);
      entries = checkpointEntries(bundle);
      if (site.kind() != EmbeddingSite.Kind.CONSTANT) {
        key = checkpointKey(site, bundle);
      }
      if (retraining.isPresent()) {
        factors = Distillation.train(bundle, meta.build(), site, factors, retraining.get());
      }
    }
    Matrix wa = factors.wa().toMatrix();

    Path temporary = out.resolveSibling(out.getFileName() + ".part");
    TensorBundle.deleteTree(temporary);
    Files.createDirectories(temporary.resolve("variables"));
    PackedCodes codes =
        bits < 32 ? PackedCodes.quantize(wa, bits, PackedCodes.Granularity.PER_ROW) : null;
    List<String> lookedUp = lookedUp(site);
    rewrite(site, wa, factors.wb(), codes);
    if (Files.exists(model.resolve("variables").resolve("variables.index"))) {
      copyCheckpoint(
          temporary, entries, key, codes == null ? wa : new Matrix(0, wa.columns(), new float[0]));
    }
    copyRest(temporary);
    build();
    Files.write(temporary.resolve(FILE), saved.build().toByteArray());
    long before = bytes(model);
    long after = bytes(temporary);
    List<ModelComparison.Difference> differences =
        ModelComparison.compare(model, temporary, site.rows(), lookedUp, 1);
    TensorBundle.replace(temporary, out);
    return new Outcome(
        Table.of(site),
        rank,
        svd.relativeError(),
        factors.parameters(),
        before,
        after,
        differences);
  }

  private EmbeddingSite choose(String variable) throws IOException {
    List<EmbeddingSite> sites = sites();
    for (EmbeddingSite site : sites) {
      Table table = Table.of(site);
      if (variable.equals(site.name())) {
        if (!table.obstacle().isEmpty()) {
          throw new IOException("%s cannot be compressed: %s".formatted(model, table));
        }
        return site;
      }
      if (variable.equals(AUTO) && table.obstacle().isEmpty()) {
        return site;
      }
    }
    NodeDef node = scopes.get("").node(variable);
    throw new IOException(
        "%s: expected %s, found %s"
            .formatted(
                model,
                variable.equals(AUTO)
                    ? "a float matrix whose rows are looked up"
                    : "a float matrix named " + variable,
                node != null
                    ? "%s with the shape %s"
                        .formatted(
                            node.getOp(),
                            node
                                .getAttrOrDefault("shape", AttrValue.getDefaultInstance())
                                .getShape()
                                .getDimList()
                                .stream()
                                .map(TensorShapeProto.Dim::getSize)
                                .toList())
                    : sites.isEmpty()
                        ? "no float matrix"
                        : sites.stream().map(s -> Table.of(s).toString()).toList()));
  }

  /** Leaves out what neither signatures nor restoring need, such as first values of variables. */
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
    Map<String, CollectionDef> kept = new LinkedHashMap<>();
    for (String name : KEPT_COLLECTIONS) {
      if (meta.containsCollectionDef(name)) {
        CollectionDef collection = meta.getCollectionDefOrThrow(name);
        kept.put(name, collection);
        roots.addAll(collection.getNodeList().getValueList());
        for (Any any : collection.getAnyList().getValueList()) {
          roots.add(AssetFileDef.parseFrom(any.getValue()).getTensorInfo().getName());
        }
      }
    }
    // Other collections name nodes that may be gone, such as the first values of variables.
    meta.clearCollectionDef().putAllCollectionDef(kept);
    GraphScope graph = scopes.get("");
    Set<String> needed = new HashSet<>(graph.ancestors(roots));
    if (meta.hasObjectGraphDef()) {
      // The loader of TensorFlow 2 finds variables by the names of their handles.
      graph.nodes().stream()
          .filter(n -> n.getOp().equals("VarHandleOp"))
          .forEach(n -> needed.add(n.getName()));
    }
    graph.retain(needed);
  }

  private Matrix values(EmbeddingSite site, SavedModelBundle bundle) throws IOException {
    float[] values = new float[Math.multiplyExact(site.rows(), site.columns())];
    if (site.kind() == EmbeddingSite.Kind.CONSTANT) {
      TensorProto tensor = scopes.get("").node(site.name()).getAttrOrThrow("value").getTensor();
      if (tensor.getTensorContent().size() != 4L * values.length) {
        throw new IOException(site.name() + " is a constant that repeats one number");
      }
      tensor
          .getTensorContent()
          .asReadOnlyByteBuffer()
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(values);
      return new Matrix(site.rows(), site.columns(), values);
    }
    Output<?> holder = bundle.graph().operation(site.name()).output(0);
    Operand<TFloat32> read =
        site.kind() == EmbeddingSite.Kind.RESOURCE
            ? Ops.create(bundle.graph()).readVariableOp(holder, TFloat32.class)
            : holder.expect(TFloat32.class);
    try (Result result = bundle.session().runner().fetch(read).run()) {
      ((TFloat32) result.get(0)).copyTo(DataBuffers.of(values));
    }
    return new Matrix(site.rows(), site.columns(), values);
  }

  static SavedModelBundle load(Path model, MetaGraphDef.Builder meta) throws IOException {
    try {
      return SavedModelBundle.loader(model.toString())
          .withTags(meta.getMetaInfoDef().getTagsList().toArray(new String[0]))
          .withConfigProto(Sessions.config())
          .load();
    } catch (TensorFlowException | IllegalArgumentException e) {
      String message = e.getMessage() == null ? "unknown error" : e.getMessage();
      throw new IOException(
          "%s cannot be loaded as a SavedModel: %s"
              .formatted(model, message.lines().findFirst().orElse("")),
          e);
    }
  }

  /** The key under which the checkpoint holds the variable. */
  private String checkpointKey(EmbeddingSite site, SavedModelBundle bundle) throws IOException {
    for (EmbeddingSite.Place place : site.assigned()) {
      GraphScope scope = place.scope();
      String value = scope.canonical(place.node().getInput(1));
      NodeDef producer = scope.producer(value);
      while (producer != null && producer.getOp().equals("Identity")) {
        value = scope.canonical(producer.getInput(0));
        producer = scope.producer(value);
      }
      if (producer != null && producer.getOp().equals("RestoreV2")) {
        int index = Integer.parseInt(value.substring(value.lastIndexOf(':') + 1));
        if (!strings(scope, producer, 2, bundle).get(index).isEmpty()) {
          throw new IOException(site.name() + " is one part of a partitioned variable");
        }
        return strings(scope, producer, 1, bundle).get(index);
      }
    }
    throw new IOException(
        site.name() + ": expected an op that restores it from the checkpoint, found none");
  }

  /** The strings that input {@code input} of {@code node} always has. */
  private static List<String> strings(
      GraphScope scope, NodeDef node, int input, SavedModelBundle bundle) throws IOException {
    NodeDef constant = scope.producer(scope.canonical(node.getInput(input)));
    if (scope.isGraph()) {
      try (Result result = bundle.session().runner().fetch(node.getInput(input)).run()) {
        List<String> strings = new ArrayList<>();
        ((TString) result.get(0)).scalars().forEach(s -> strings.add(s.getObject()));
        return strings;
      } catch (TensorFlowException e) {
        throw new IOException(node.getName() + ": expected constant names of what it restores", e);
      }
    }
    if (constant == null || !constant.getOp().equals("Const")) {
      throw new IOException(node.getName() + ": expected constant names of what it restores");
    }
    TensorProto tensor = constant.getAttrOrThrow("value").getTensor();
    List<String> strings =
        new ArrayList<>(tensor.getStringValList().stream().map(ByteString::toStringUtf8).toList());
    long size =
        tensor.getTensorShape().getDimList().stream()
            .mapToLong(TensorShapeProto.Dim::getSize)
            .reduce(1, (a, b) -> a * b);
    while (strings.size() < size) { // a constant may leave out repetitions of its last entry
      strings.add(strings.isEmpty() ? "" : strings.get(strings.size() - 1));
    }
    return strings;
  }

  /** The inputs of signatures that lead to a lookup; all, where lookups lie in functions. */
  private List<String> lookedUp(EmbeddingSite site) {
    List<String> roots = new ArrayList<>();
    for (EmbeddingSite.Place gather : site.gathers()) {
      if (!gather.scope().isGraph()) {
        scopes.get("").nodes().forEach(n -> roots.add(n.getName()));
      } else {
        roots.add(gather.node().getInput(1));
      }
    }
    Set<String> leading = scopes.get("").ancestors(roots);
    return meta.getSignatureDefMap().values().stream()
        .flatMap(s -> s.getInputsMap().values().stream())
        .map(TensorInfo::getName)
        .filter(name -> leading.contains(name.replaceFirst(":.*", "")))
        .distinct()
        .toList();
  }

  private void rewrite(EmbeddingSite site, Matrix wa, Matrix wb, PackedCodes codes)
      throws IOException {
    Map<GraphScope, Factors> constants = new LinkedHashMap<>();
    for (EmbeddingSite.Place gather : site.gathers()) {
      checkAxis(gather);
      Factors factors =
          constants.computeIfAbsent(
              gather.scope(), scope -> Factors.add(scope, site.name(), wb, codes));
      replaceGather(gather, factors, codes);
    }
    Set<String> done = new HashSet<>();
    for (EmbeddingSite.Place use : site.whole()) {
      Factors factors =
          constants.computeIfAbsent(
              use.scope(), scope -> Factors.add(scope, site.name(), wb, null));
      replaceWhole(use, factors, done);
    }
    GraphScope graph = scopes.get("");
    NodeDef.Builder holder = graph.node(site.name()).toBuilder();
    int[] shape = {codes == null ? site.rows() : 0, wa.columns()};
    if (site.kind() == EmbeddingSite.Kind.CONSTANT) {
      holder.putAttr(
          "value", tensor(codes == null ? wa : new Matrix(0, wa.columns(), new float[0])));
    } else {
      holder.putAttr("shape", AttrValue.newBuilder().setShape(shape(shape)).build());
      for (SavedObject.Builder object : meta.getObjectGraphDefBuilder().getNodesBuilderList()) {
        if (object.hasVariable() && object.getVariable().getName().equals(site.name())) {
          object.getVariableBuilder().setShape(shape(shape));
        }
      }
    }
    graph.put(holder.build());
  }

  /** Names of the constants of one scope. */
  private record Factors(String wb, String codes, String scales, String minima) {
    static Factors add(GraphScope scope, String table, Matrix wb, PackedCodes codes) {
      String prefix = table.replaceAll("[^A-Za-z0-9_./]", "_") + "/lowrank";
      return new Factors(
          constant(scope, prefix + "_wb", DataType.DT_FLOAT, tensor(wb)),
          codes == null
              ? ""
              : constant(
                  scope,
                  prefix + "_codes",
                  DataType.DT_UINT8,
                  content(
                      DataType.DT_UINT8,
                      ByteString.copyFrom(codes.codes()),
                      codes.rows(),
                      codes.bytesPerRow())),
          codes == null
              ? ""
              : constant(
                  scope,
                  prefix + "_scales",
                  DataType.DT_FLOAT,
                  tensor(new Matrix(codes.rows(), 1, codes.scales()))),
          codes == null
              ? ""
              : constant(
                  scope,
                  prefix + "_minima",
                  DataType.DT_FLOAT,
                  tensor(new Matrix(codes.rows(), 1, codes.minima()))));
    }
  }

  private static String constant(GraphScope scope, String name, DataType type, AttrValue value) {
    String fresh = scope.fresh(name);
    scope.put(
        NodeDef.newBuilder()
            .setName(fresh)
            .setOp("Const")
            .putAttr("dtype", AttrValue.newBuilder().setType(type).build())
            .putAttr("value", value)
            .build());
    return scope.value(fresh, "output", 0);
  }

  private static AttrValue tensor(Matrix matrix) {
    ByteBuffer bytes =
        ByteBuffer.allocate(matrix.values().length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(matrix.values());
    return content(DataType.DT_FLOAT, ByteString.copyFrom(bytes), matrix.rows(), matrix.columns());
  }

  private static AttrValue content(DataType type, ByteString bytes, int... shape) {
    return AttrValue.newBuilder()
        .setTensor(
            TensorProto.newBuilder()
                .setDtype(type)
                .setTensorShape(shape(shape))
                .setTensorContent(bytes))
        .build();
  }

  private static TensorShapeProto shape(int... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int size : sizes) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return shape.build();
  }

  private static AttrValue type(DataType type) {
    return AttrValue.newBuilder().setType(type).build();
  }

  private static void checkAxis(EmbeddingSite.Place gather) throws IOException {
    NodeDef node = gather.node();
    boolean rows = node.getAttrOrDefault("batch_dims", AttrValue.getDefaultInstance()).getI() == 0;
    if (node.getOp().equals("GatherV2")) {
      NodeDef axis = gather.scope().producer(gather.scope().canonical(node.getInput(2)));
      TensorProto value =
          axis == null || !axis.getOp().equals("Const")
              ? null
              : axis.getAttrOrThrow("value").getTensor();
      rows &=
          value != null
              && value.getIntValList().stream().allMatch(i -> i == 0)
              && value.getInt64ValList().stream().allMatch(i -> i == 0)
              && value.getTensorContent().isEmpty();
    }
    if (!rows) {
      throw new IOException(node.getName() + ": expected a lookup of rows, found another axis");
    }
  }

  private void replaceGather(EmbeddingSite.Place gather, Factors factors, PackedCodes codes) {
    GraphScope scope = gather.scope();
    NodeDef node = gather.node();
    String ids = node.getInput(1);
    if (node.getAttrOrThrow("Tindices").getType() == DataType.DT_INT64) {
      String cast = scope.fresh(node.getName() + "/lowrank_ids");
      scope.put(
          NodeDef.newBuilder()
              .setName(cast)
              .setOp("Cast")
              .addInput(ids)
              .putAttr("SrcT", type(DataType.DT_INT64))
              .putAttr("DstT", type(DataType.DT_INT32))
              .build());
      ids = scope.value(cast, "y", 0);
    }
    String name = scope.fresh(node.getName() + "/lowrank");
    NodeDef.Builder lookup = NodeDef.newBuilder().setName(name).setDevice(node.getDevice());
    if (codes != null) {
      lookup
          .setOp(CODES_OP)
          .addInput(factors.codes())
          .addInput(factors.scales())
          .addInput(factors.minima());
      declare(codesFunction(codes));
    } else if (gather.resource()) {
      lookup.setOp(LowRankEmbedding.OP).addInput(node.getInput(0));
      declare(LowRankEmbedding.ofResource());
    } else {
      lookup.setOp(LowRankEmbedding.TENSOR_OP).addInput(node.getInput(0));
      declare(LowRankEmbedding.ofTensor());
    }
    lookup.addInput(factors.wb()).addInput(ids);
    node.getInputList().stream().filter(i -> i.startsWith("^")).forEach(lookup::addInput);
    scope.put(lookup.build());
    // The gather's consumers know its name and that of its output: an identity has both.
    scope.put(
        NodeDef.newBuilder()
            .setName(node.getName())
            .setOp("Identity")
            .addInput(scope.value(name, "rows", 0))
            .putAttr("T", type(DataType.DT_FLOAT))
            .build());
  }

  /** {@code W_a W_b} in place of the whole table. */
  private void replaceWhole(EmbeddingSite.Place use, Factors factors, Set<String> done) {
    GraphScope scope = use.scope();
    NodeDef node = scope.node(use.node().getName());
    String value = scope.canonical(node.getInput(use.input()));
    String product = value.replaceAll("[^A-Za-z0-9_./]", "_") + "/lowrank_product";
    if (done.add(scope.function() + "/" + product)) {
      scope.put(
          NodeDef.newBuilder()
              .setName(product)
              .setOp("MatMul")
              .addInput(value)
              .addInput(factors.wb())
              .putAttr("T", type(DataType.DT_FLOAT))
              .putAttr("transpose_a", AttrValue.newBuilder().setB(false).build())
              .putAttr("transpose_b", AttrValue.newBuilder().setB(false).build())
              .build());
    }
    scope.put(node.toBuilder().setInput(use.input(), scope.value(product, "product", 0)).build());
  }

  private void declare(FunctionDef function) {
    String name = function.getSignature().getName();
    if (meta.getGraphDef().getLibrary().getFunctionList().stream()
        .noneMatch(f -> f.getSignature().getName().equals(name))) {
      meta.getGraphDefBuilder().getLibraryBuilder().addFunction(function);
    }
  }

  /** {@code Dequantize(Gather(codes, ids)) W_b} as a function of core ops. */
  private static FunctionDef codesFunction(PackedCodes codes) {
    try (ConcreteFunction function =
            ConcreteFunction.create(
                tf -> {
                  Placeholder<TUint8> packed = tf.placeholder(TUint8.class);
                  Placeholder<TFloat32> scales = tf.placeholder(TFloat32.class);
                  Placeholder<TFloat32> minima = tf.placeholder(TFloat32.class);
                  Placeholder<TFloat32> wb = tf.placeholder(TFloat32.class);
                  Placeholder<TInt32> ids = tf.placeholder(TInt32.class);
                  Operand<TInt32> zero = tf.constant(0);
                  Operand<TInt32> flat = tf.reshape(ids, tf.array(1, -1));
                  Operand<TFloat32> rows =
                      EmbeddingLayer.FixedPointLayer.dequantize(
                          tf,
                          codes,
                          tf.gather(packed, flat, zero),
                          tf.gather(scales, flat, zero),
                          tf.gather(minima, flat, zero));
                  Operand<TFloat32> product =
                      tf.linalg.matMul(tf.reshape(rows, tf.array(-1, codes.columns())), wb);
                  Operand<TInt32> d = tf.slice(tf.shape(wb), tf.array(1), tf.array(1));
                  return Signature.builder()
                      .key(CODES_OP)
                      .input("codes", packed)
                      .input("scales", scales)
                      .input("minima", minima)
                      .input("wb", wb)
                      .input("ids", ids)
                      .output(
                          "rows", tf.reshape(product, tf.concat(List.of(tf.shape(ids), d), zero)))
                      .build();
                });
        Graph graph = new Graph()) {
      graph.attachFunction(function);
      // TensorFlow Java names the function and its output after what it is made of.
      FunctionDef.Builder made = graph.toGraphDef().getLibrary().getFunction(0).toBuilder();
      String output = made.getSignature().getOutputArg(0).getName();
      made.getSignatureBuilder().setName(CODES_OP).getOutputArgBuilder(0).setName("rows");
      made.putRet("rows", made.getRetOrThrow(output)).removeRet(output);
      return made.build();
    }
  }

  /** Everything that the model restores, by its key. */
  private Map<String, DataType> checkpointEntries(SavedModelBundle bundle) throws IOException {
    Map<String, DataType> entries = new LinkedHashMap<>();
    for (GraphScope scope : scopes.values()) {
      for (NodeDef node : scope.nodes()) {
        if (node.getOp().equals("RestoreV2")) {
          List<String> names = strings(scope, node, 1, bundle);
          List<DataType> types = node.getAttrOrThrow("dtypes").getList().getTypeList();
          for (int i = 0; i < names.size(); i++) {
            entries.put(names.get(i), types.get(i));
          }
        }
      }
    }
    return entries;
  }

  /** Writes the checkpoint again, with other values under {@code key}. */
  private void copyCheckpoint(Path target, Map<String, DataType> entries, String key, Matrix values)
      throws IOException {
    String[] names = entries.keySet().toArray(new String[0]);
    String[] slices = new String[names.length];
    java.util.Arrays.fill(slices, "");
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> replaced = tf.placeholder(TFloat32.class);
      Operation restore =
          tf.scope()
              .opBuilder("RestoreV2", "restore")
              .addInput(
                  tf.constant(model.resolve("variables").resolve("variables").toString())
                      .asOutput())
              .addInput(tf.array(names).asOutput())
              .addInput(tf.array(slices).asOutput())
              .setAttr("dtypes", entries.values().toArray(new DataType[0]))
              .build();
      Output<?>[] all = new Output<?>[names.length];
      for (int i = 0; i < names.length; i++) {
        all[i] = names[i].equals(key) ? replaced.output() : restore.output(i);
      }
      OperationBuilder save =
          tf.scope()
              .opBuilder("SaveV2", "save")
              .addInput(
                  tf.constant(target.resolve("variables").resolve("variables").toString())
                      .asOutput())
              .addInput(tf.array(names).asOutput())
              .addInput(tf.array(slices).asOutput())
              .addInputList(all);
      Operation saving = save.build();
      try (Session session = Sessions.open(graph);
          TFloat32 value =
              TFloat32.tensorOf(
                  Shape.of(values.rows(), values.columns()), DataBuffers.of(values.values()))) {
        session.runner().feed(replaced, value).addTarget(saving).run().close();
      } catch (TensorFlowException e) {
        throw new IOException(
            "%s: cannot read the checkpoint: %s"
                .formatted(model, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
            e);
      }
    }
  }

  private void copyRest(Path target) throws IOException {
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path relative = model.relativize(file);
        String name = relative.toString();
        // The fingerprint is one of the old graph.
        if (!relative.startsWith("variables")
            && !name.equals(FILE)
            && !name.equals("fingerprint.pb")) {
          Path copy = target.resolve(name);
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy);
        }
      }
    }
  }

  /** Puts the changed scopes back; shapes that exporters noted may no longer be true. */
  private void build() {
    GraphDef.Builder graph = meta.getGraphDefBuilder();
    graph.clearNode();
    scopes.get("").nodes().forEach(n -> graph.addNode(n.toBuilder().removeAttr("_output_shapes")));
    for (FunctionDef.Builder function : graph.getLibraryBuilder().getFunctionBuilderList()) {
      GraphScope scope = scopes.get(function.getSignature().getName());
      if (scope != null) {
        function.clearNodeDef();
        scope.nodes().forEach(n -> function.addNodeDef(n.toBuilder().removeAttr("_output_shapes")));
        function.removeAttr("_output_shapes");
      }
    }
  }

  private static long bytes(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
    }
  }
}
