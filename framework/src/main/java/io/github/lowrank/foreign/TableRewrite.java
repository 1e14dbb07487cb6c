package io.github.lowrank.foreign;

import com.google.protobuf.ByteString;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.graphdef.GraphScope;
import io.github.lowrank.graphdef.Nodes;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.LowRankEmbedding;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Signature;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObject;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;

/**
 * Replaces a table by two factors, in a graph and in its functions: the variable or constant holds
 * {@code W_a}, {@code W_b} is a constant in every scope that needs it, lookups become {@link
 * LowRankEmbedding}, and other uses become the product of both factors.
 */
final class TableRewrite {
  private static final String CODES_OP = "LowRankEmbeddingOfCodes";

  private final MetaGraphDef.Builder meta;
  private final Map<String, GraphScope> scopes;

  TableRewrite(MetaGraphDef.Builder meta, Map<String, GraphScope> scopes) {
    this.meta = meta;
    this.scopes = scopes;
  }

  /**
   * Replaces the table of {@code site}.
   *
   * @param codes {@code W_a} in codes, which become constants of the graph; null to store {@code
   *     W_a} itself
   */
  void replace(EmbeddingSite site, Matrix wa, Matrix wb, PackedCodes codes) throws IOException {
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
    long[] shape = {codes == null ? site.rows() : 0, wa.columns()};
    if (site.kind() == EmbeddingSite.Kind.CONSTANT) {
      holder.putAttr(
          "value", Nodes.tensor(codes == null ? wa : new Matrix(0, wa.columns(), new float[0])));
    } else {
      holder.putAttr("shape", AttrValue.newBuilder().setShape(Nodes.shape(shape)).build());
      for (SavedObject.Builder object : meta.getObjectGraphDefBuilder().getNodesBuilderList()) {
        if (object.hasVariable() && object.getVariable().getName().equals(site.name())) {
          object.getVariableBuilder().setShape(Nodes.shape(shape));
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
          constant(scope, prefix + "_wb", DataType.DT_FLOAT, Nodes.tensor(wb)),
          codes == null
              ? ""
              : constant(
                  scope,
                  prefix + "_codes",
                  DataType.DT_UINT8,
                  Nodes.tensor(
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
                  Nodes.tensor(new Matrix(codes.rows(), 1, codes.scales()))),
          codes == null
              ? ""
              : constant(
                  scope,
                  prefix + "_minima",
                  DataType.DT_FLOAT,
                  Nodes.tensor(new Matrix(codes.rows(), 1, codes.minima()))));
    }
  }

  private static String constant(GraphScope scope, String name, DataType type, AttrValue value) {
    String fresh = scope.fresh(name);
    scope.put(Nodes.constant(fresh, type, value));
    return scope.value(fresh, "output", 0);
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
              .putAttr("SrcT", Nodes.type(DataType.DT_INT64))
              .putAttr("DstT", Nodes.type(DataType.DT_INT32))
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
    // The gather's consumers refer to its name and to that of its output; an identity has both.
    scope.put(
        NodeDef.newBuilder()
            .setName(node.getName())
            .setOp("Identity")
            .addInput(scope.value(name, "rows", 0))
            .addInput("^" + name) // without it TensorFlow would not inline the function
            .putAttr("T", Nodes.type(DataType.DT_FLOAT))
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
              .putAttr("T", Nodes.type(DataType.DT_FLOAT))
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
                      FixedPoint.dequantize(
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
      // TensorFlow Java derives the names of the function and its output from their contents.
      FunctionDef.Builder made = graph.toGraphDef().getLibrary().getFunction(0).toBuilder();
      String output = made.getSignature().getOutputArg(0).getName();
      made.getSignatureBuilder().setName(CODES_OP).getOutputArgBuilder(0).setName("rows");
      made.putRet("rows", made.getRetOrThrow(output)).removeRet(output);
      return made.build();
    }
  }
}
