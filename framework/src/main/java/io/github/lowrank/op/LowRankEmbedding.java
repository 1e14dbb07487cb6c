package io.github.lowrank.op;

import static io.github.lowrank.op.FunctionBuilder.bool;
import static io.github.lowrank.op.FunctionBuilder.type;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The op pair of a factorised embedding table {@code E = W_a W_b}, after Acharya, Goel, Metallinou
 * and Dhillon, <a href="https://arxiv.org/abs/1811.00641">Online Embedding Compression for Text
 * Classification using Low Rank Matrix Factorization</a> (AAAI 2019).
 *
 * <pre>
 * LowRankEmbedding:     rows    = Gather(W_a, ids) W_b
 * LowRankEmbeddingGrad: dW_b    = Gather(W_a, ids)^T G          (the gather of the lookup)
 *                       dW_a    = (unique ids, summed rows of G W_b^T)
 * LowRankEmbeddingBag:  rows_b  = (sum_l weights[b, l] W_a[ids[b, l]]) W_b
 * </pre>
 *
 * <p>The bag form pools before it multiplies: with {@code weights = mask / length} it is the mean
 * of the word vectors at 1/length of the work, the same value because pooling is linear. {@code
 * W_a} is given by the handle of its variable, so neither form ever reads, nor has a gradient of,
 * the whole table. All four are TensorFlow functions of core ops whose names are op types.
 */
public final class LowRankEmbedding {
  /** Op type of {@link #lookup}. */
  public static final String OP = "LowRankEmbedding";

  /** Op type of the gradient of {@link #lookup}. */
  public static final String GRADIENT_OP = "LowRankEmbeddingGrad";

  /** Op type of {@link #bag}. */
  public static final String BAG_OP = "LowRankEmbeddingBag";

  /** Op type of the gradient of {@link #bag}. */
  public static final String BAG_GRADIENT_OP = "LowRankEmbeddingBagGrad";

  /** Op type of a lookup in a {@code W_a} that is no resource: see {@link #ofTensor}. */
  public static final String TENSOR_OP = "LowRankEmbeddingOfTensor";

  private static final Map<String, AttrValue> GATHER =
      Map.of("dtype", type(DataType.DT_FLOAT), "Tindices", type(DataType.DT_INT32));
  // For small products oneDNN costs more to start than to run; this version TensorFlow leaves
  // alone.
  private static final Map<String, AttrValue> BATCHED =
      Map.of(
          "Ta", type(DataType.DT_FLOAT),
          "Tb", type(DataType.DT_FLOAT),
          "Tout", type(DataType.DT_FLOAT),
          "adj_x", bool(false),
          "adj_y", bool(false));

  private static final FunctionDef LOOKUP = lookupFunction(signature(OP), LowRankEmbedding::gather);
  private static final FunctionDef OF_TENSOR =
      lookupFunction(
          new FunctionBuilder(TENSOR_OP)
              .input("wa", DataType.DT_FLOAT)
              .input("wb", DataType.DT_FLOAT)
              .input("ids", DataType.DT_INT32),
          LowRankEmbedding::gatherOfTensor);
  private static final FunctionDef LOOKUP_GRADIENT = lookupGradientFunction();
  private static final FunctionDef BAG = bagFunction();
  private static final FunctionDef BAG_GRADIENT = bagGradientFunction();

  static {
    FunctionOps.gradient(OP, LowRankEmbedding::lookupGradient);
    FunctionOps.gradient(BAG_OP, LowRankEmbedding::bagGradient);
  }

  private LowRankEmbedding() {}

  /**
   * Word vectors.
   *
   * @param wa {@code W_a}, {@code [vocabulary, k]}
   * @param wb {@code W_b}, {@code [k, d]}
   * @param ids row numbers, {@code [batch, length]}
   * @return {@code [batch, length, d]}
   */
  public static Operand<TFloat32> lookup(
      Ops tf, Variable wa, Operand<TFloat32> wb, Operand<TInt32> ids) {
    FunctionOps.declare(tf, LOOKUP, LOOKUP_GRADIENT);
    return rows(tf, FunctionOps.call(tf, LOOKUP, wa.handle(), wb, ids));
  }

  /**
   * Weighted sums of word vectors.
   *
   * @param wa {@code W_a}, {@code [vocabulary, k]}
   * @param wb {@code W_b}, {@code [k, d]}
   * @param ids row numbers, {@code [batch, length]}
   * @param weights weight of each word, {@code [batch, length]}
   * @return {@code [batch, d]}
   */
  public static Operand<TFloat32> bag(
      Ops tf, Variable wa, Operand<TFloat32> wb, Operand<TInt32> ids, Operand<TFloat32> weights) {
    FunctionOps.declare(tf, BAG, BAG_GRADIENT);
    return rows(tf, FunctionOps.call(tf, BAG, wa.handle(), wb, ids, weights));
  }

  /**
   * The rows of a lookup. TensorFlow inlines a function that reads variables only if something
   * waits for it by a control edge; left alone, it would be started anew, outside the graph, at
   * every step.
   */
  private static Operand<TFloat32> rows(Ops tf, Operation lookup) {
    Op after = tf.withControlDependencyOps(lookup).noOp();
    return tf.withControlDependencies(after).identity(lookup.<TFloat32>output(0));
  }

  private static List<Operand<?>> lookupGradient(Ops tf, GraphOperation op, List<Output<?>> dy) {
    Operation g =
        FunctionOps.call(tf, LOOKUP_GRADIENT, op.output(1), op.input(1), op.input(2), dy.get(0));
    return List.of(g.output(1), g.output(2), tf.zerosLike(op.input(2)));
  }

  private static List<Operand<?>> bagGradient(Ops tf, GraphOperation op, List<Output<?>> dy) {
    Operation g =
        FunctionOps.call(
            tf, BAG_GRADIENT, op.output(1), op.input(1), op.input(2), op.input(3), dy.get(0));
    Output<TFloat32> wb = op.input(1).expect(TFloat32.class);
    Output<TInt32> ids = op.input(2).expect(TInt32.class);
    Operand<TFloat32> pooled =
        tf.linalg.matMul(
            dy.get(0).expect(TFloat32.class), wb, org.tensorflow.op.linalg.MatMul.transposeB(true));
    // d weights[b, l] = Gather(W_a, ids)[b, l] . (dy W_b^T)[b]; runs only if somebody asks for it.
    Operand<TFloat32> weights =
        tf.squeeze(
            tf.train.batchMatMul(
                tf.resourceGather(op.input(0), ids, TFloat32.class),
                tf.expandDims(pooled, tf.constant(2)),
                TFloat32.class),
            org.tensorflow.op.core.Squeeze.axis(2L));
    return List.of(g.output(1), g.output(2), tf.zerosLike(ids), weights);
  }

  /**
   * The function {@value #OP} itself, for graphs that are written as protocol buffers: arguments
   * {@code wa} (resource), {@code wb}, {@code ids} (int32), output {@code rows}.
   */
  public static FunctionDef ofResource() {
    return LOOKUP;
  }

  /** The same for a {@code W_a} that is a tensor: a constant, or a variable of TensorFlow 1. */
  public static FunctionDef ofTensor() {
    return OF_TENSOR;
  }

  private static FunctionBuilder signature(String name) {
    return new FunctionBuilder(name)
        .stateful()
        .input("wa", DataType.DT_RESOURCE)
        .input("wb", DataType.DT_FLOAT)
        .input("ids", DataType.DT_INT32);
  }

  private static String gather(FunctionBuilder f) {
    return f.node("ResourceGather", "gathered", "output", GATHER, "wa", "ids");
  }

  private static String gatherOfTensor(FunctionBuilder f) {
    return f.node(
        "GatherV2",
        "gathered",
        "output",
        Map.of(
            "Tparams", type(DataType.DT_FLOAT),
            "Tindices", type(DataType.DT_INT32),
            "Taxis", type(DataType.DT_INT32)),
        "wa",
        "ids",
        f.scalar("rows_axis", 0));
  }

  private static String matMul(
      FunctionBuilder f, String name, String a, String b, boolean transposeA, boolean transposeB) {
    return f.node(
        "MatMul",
        name,
        "product",
        Map.of(
            "T", type(DataType.DT_FLOAT),
            "transpose_a", bool(transposeA),
            "transpose_b", bool(transposeB)),
        a,
        b);
  }

  /** The sums of gathered rows by {@code weights}, {@code [batch, k]}. */
  private static String pool(FunctionBuilder f, String gathered) {
    String row =
        f.node(
            "ExpandDims",
            "weights_row",
            "output",
            Map.of("T", type(DataType.DT_FLOAT), "Tdim", type(DataType.DT_INT32)),
            "weights",
            f.scalar("one", 1));
    String product = f.node("BatchMatMulV3", "pooled_row", "output", BATCHED, row, gathered);
    return f.node(
        "Squeeze",
        "pooled",
        "output",
        Map.of(
            "T",
            type(DataType.DT_FLOAT),
            "squeeze_dims",
            AttrValue.newBuilder().setList(AttrValue.ListValue.newBuilder().addI(1)).build()),
        product);
  }

  private static FunctionDef lookupFunction(
      FunctionBuilder f, Function<FunctionBuilder, String> gather) {
    String gathered = gather.apply(f);
    String wbShape = SparseRows.shape(f, "wb_shape", "wb");
    String rank = SparseRows.entry(f, "rank", wbShape, 0);
    String flat = SparseRows.flatten(f, "gathered_flat", gathered, rank);
    String product = matMul(f, "product", flat, "wb", false, false);
    String idsShape =
        f.node(
            "Shape",
            "ids_shape",
            "output",
            Map.of("T", type(DataType.DT_INT32), "out_type", type(DataType.DT_INT32)),
            "ids");
    String shape =
        SparseRows.concat(f, "rows_shape", idsShape, SparseRows.entry(f, "d", wbShape, 1));
    return f.output("rows", DataType.DT_FLOAT, SparseRows.reshape(f, "rows", product, shape))
        .output("gathered", DataType.DT_FLOAT, gathered)
        .build();
  }

  private static FunctionDef lookupGradientFunction() {
    FunctionBuilder f =
        new FunctionBuilder(GRADIENT_OP)
            .input("gathered", DataType.DT_FLOAT)
            .input("wb", DataType.DT_FLOAT)
            .input("ids", DataType.DT_INT32)
            .input("dy", DataType.DT_FLOAT);
    String shape = SparseRows.shape(f, "wb_shape", "wb");
    String k = SparseRows.entry(f, "k", shape, 0);
    String d = SparseRows.entry(f, "d", shape, 1);
    String gatheredFlat = SparseRows.flatten(f, "gathered_flat", "gathered", k);
    String dyFlat = SparseRows.flatten(f, "dy_flat", "dy", d);
    String dwb = matMul(f, "dwb", gatheredFlat, dyFlat, true, false);
    String rows = matMul(f, "row_gradients", dyFlat, "wb", false, true);
    return SparseRows.merge(f, "ids", rows).output("dwb", DataType.DT_FLOAT, dwb).build();
  }

  private static FunctionDef bagFunction() {
    FunctionBuilder f = signature(BAG_OP).input("weights", DataType.DT_FLOAT);
    String pooled = pool(f, gather(f));
    return f.output("rows", DataType.DT_FLOAT, matMul(f, "rows", pooled, "wb", false, false))
        .output("pooled", DataType.DT_FLOAT, pooled)
        .build();
  }

  private static FunctionDef bagGradientFunction() {
    FunctionBuilder f =
        new FunctionBuilder(BAG_GRADIENT_OP)
            .input("pooled", DataType.DT_FLOAT)
            .input("wb", DataType.DT_FLOAT)
            .input("ids", DataType.DT_INT32)
            .input("weights", DataType.DT_FLOAT)
            .input("dy", DataType.DT_FLOAT);
    String dwb = matMul(f, "dwb", "pooled", "dy", true, false);
    String dpooled = matMul(f, "dpooled", "dy", "wb", false, true);
    Map<String, AttrValue> expand =
        Map.of("T", type(DataType.DT_FLOAT), "Tdim", type(DataType.DT_INT32));
    // An outer product of each text; many times as fast as to broadcast one factor along the other.
    String perWord =
        f.node(
            "BatchMatMulV3",
            "row_gradients",
            "output",
            BATCHED,
            f.node("ExpandDims", "weights_column", "output", expand, "weights", f.scalar("two", 2)),
            f.node("ExpandDims", "dpooled_row", "output", expand, dpooled, f.scalar("middle", 1)));
    String k = SparseRows.entry(f, "k", SparseRows.shape(f, "pooled_shape", "pooled"), 1);
    String flat = SparseRows.flatten(f, "row_gradients_flat", perWord, k);
    return SparseRows.merge(f, "ids", flat).output("dwb", DataType.DT_FLOAT, dwb).build();
  }
}
