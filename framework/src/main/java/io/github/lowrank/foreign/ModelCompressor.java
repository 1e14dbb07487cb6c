package io.github.lowrank.foreign;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.embedding.Rank;
import io.github.lowrank.graphdef.GraphScope;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.op.LowRankEmbedding;
import io.github.lowrank.op.Variable;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
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
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;

/**
 * Compresses an embedding table of a SavedModel that somebody else made, with Keras or TensorFlow
 * 1: {@code Gather(E, ids)} becomes {@code Gather(W_a, ids) W_b} with the truncated SVD {@code E ~
 * W_a W_b}.
 *
 * <p>The variable keeps its name and its place in the checkpoint, but holds {@code W_a}; {@code
 * W_b} is a constant of the graph; every lookup, in the graph or in its functions, becomes a {@link
 * LowRankEmbedding}. Signatures, assets and everything else stay unchanged. With fewer than 32 bits
 * {@code W_a} is stored in codes with one scale per row, as constants of the graph, and the
 * variable is left empty.
 */
public final class ModelCompressor {
  /** Selects the largest table that is looked up. */
  public static final String AUTO = "auto";

  private static final Set<String> KEPT_COLLECTIONS =
      Set.of("saved_model_main_op", "legacy_init_op", "saved_model_assets");

  private final Path model;
  private final SavedModel.Builder saved;
  private final MetaGraphDef.Builder meta;
  private final Map<String, GraphScope> scopes = new LinkedHashMap<>();

  /**
   * A float matrix of a model.
   *
   * @param name name of its variable or constant
   * @param rows number of rows
   * @param columns number of columns
   * @param lookups number of lookups of its rows
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
   * The result of a compression.
   *
   * @param table the table
   * @param rank rank of the factors
   * @param relativeError relative error of the factorization, in the Frobenius norm
   * @param parameters number of parameters of both factors
   * @param bytesBefore total size of the original model's files
   * @param bytesAfter total size of the compressed model's files
   * @param differences differences of the outputs on random inputs
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
    this.saved = SavedModels.parse(model).toBuilder();
    this.meta = saved.getMetaGraphsBuilder(0);
    scopes.put("", GraphScope.of(meta.getGraphDef()));
    meta.getGraphDef()
        .getLibrary()
        .getFunctionList()
        .forEach(f -> scopes.put(f.getSignature().getName(), GraphScope.of(f)));
    prune();
  }

  /**
   * The float matrices of {@code model}: those that are looked up come first, larger ones before
   * smaller ones.
   */
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
   * @throws IOException if the model cannot be read or the table cannot be replaced; the message
   *     says why
   */
  public static Outcome compress(Path model, String variable, double removed, int bits, Path out)
      throws IOException {
    return new ModelCompressor(model).run(variable, removed, bits, Optional.empty(), out);
  }

  /**
   * Compresses one table like {@link #compress}, but trains the factors before they are stored, so
   * that on {@code texts} the outputs come close to those of the model with the whole table. Only
   * for models whose only input is texts and whose lookup is in the graph itself, not in a
   * function.
   *
   * @param texts to learn from; a tenth of them decides when the factors were best
   * @param steps of 32 texts
   * @param listener is shown the relative difference of the outputs on that tenth
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
    LowRank factors;
    String key = null;
    Map<String, DataType> entries;
    try (SavedModelBundle bundle = SavedModels.load(model, meta.build())) {
      svd = TruncatedSvd.of(values(site, bundle), rank);
      factors = LowRank.of(svd.factors(TruncatedSvd.Split.BALANCED));
      Checkpoint checkpoint = new Checkpoint(model, bundle, scopes);
      entries = checkpoint.entries();
      if (site.kind() != EmbeddingSite.Kind.CONSTANT) {
        key = checkpoint.key(site);
      }
      if (retraining.isPresent()) {
        factors = Distillation.train(bundle, meta.build(), site, factors, retraining.get());
      }
    }
    Matrix wa = factors.wa().toMatrix();

    Path temporary = out.resolveSibling(out.getFileName() + ".part");
    AtomicFiles.delete(temporary);
    Files.createDirectories(temporary.resolve("variables"));
    PackedCodes codes =
        bits < 32 ? PackedCodes.quantize(wa, bits, PackedCodes.Granularity.PER_ROW) : null;
    List<String> lookedUp = lookedUp(site);
    new TableRewrite(meta, scopes).replace(site, wa, factors.wb(), codes);
    if (Files.exists(model.resolve("variables").resolve("variables.index"))) {
      Checkpoint.copy(
          model,
          temporary,
          entries,
          key,
          codes == null ? wa : new Matrix(0, wa.columns(), new float[0]));
    }
    copyRest(temporary);
    build();
    Files.write(temporary.resolve(SavedModels.FILE), SavedModels.bytes(saved.build()));
    long before = AtomicFiles.size(model);
    long after = AtomicFiles.size(temporary);
    List<ModelComparison.Difference> differences =
        ModelComparison.compare(model, temporary, site.rows(), lookedUp, 1);
    AtomicFiles.move(temporary, out);
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

  /** Omits what neither signatures nor restoring need, such as initial values of variables. */
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
    // Other collections refer to nodes that may be gone, such as the initial values of variables.
    meta.clearCollectionDef().putAllCollectionDef(kept);
    GraphScope graph = scopes.get("");
    Set<String> needed = new HashSet<>(graph.ancestors(roots));
    if (meta.hasObjectGraphDef()) {
      // TensorFlow 2's loader finds variables by the names of their handles.
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
            ? Variable.read(Ops.create(bundle.graph()), holder)
            : holder.expect(TFloat32.class);
    try (Result result = bundle.session().runner().fetch(read).run()) {
      ((TFloat32) result.get(0)).copyTo(DataBuffers.of(values));
    }
    return new Matrix(site.rows(), site.columns(), values);
  }

  /** The signature inputs that lead to a lookup; all of them if lookups are in functions. */
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

  private void copyRest(Path target) throws IOException {
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path relative = model.relativize(file);
        String name = relative.toString();
        // The fingerprint belongs to the old graph.
        if (!relative.startsWith("variables")
            && !name.equals(SavedModels.FILE)
            && !name.equals("fingerprint.pb")) {
          Path copy = target.resolve(name);
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy);
        }
      }
    }
  }

  /**
   * Puts the changed scopes back, without the shapes that exporters noted: they may no longer hold.
   */
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
}
