package io.github.lowrank.op;

import static org.tensorflow.proto.DataType.DT_FLOAT;
import static org.tensorflow.proto.DataType.DT_INT32;
import static org.tensorflow.proto.DataType.DT_RESOURCE;

import io.github.lowrank.op.function.FunctionBuilder;
import io.github.lowrank.op.function.FunctionOp;
import io.github.lowrank.op.function.Value;
import java.util.List;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
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

  private static final FunctionOp LOOKUP = lookupFunction(OP, DT_RESOURCE);
  private static final FunctionOp OF_TENSOR = lookupFunction(TENSOR_OP, DT_FLOAT);
  private static final FunctionOp LOOKUP_GRADIENT = lookupGradientFunction();
  private static final FunctionOp BAG = bagFunction();
  private static final FunctionOp BAG_GRADIENT = bagGradientFunction();

  static {
    LOOKUP.withGradient(LowRankEmbedding::lookupGradient);
    BAG.withGradient(LowRankEmbedding::bagGradient);
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
    FunctionOp.declare(tf, LOOKUP, LOOKUP_GRADIENT);
    return rows(tf, LOOKUP.call(tf, wa.handle(), wb, ids));
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
    FunctionOp.declare(tf, BAG, BAG_GRADIENT);
    return rows(tf, BAG.call(tf, wa.handle(), wb, ids, weights));
  }

  /**
   * The rows of a lookup. TensorFlow inlines a function that reads variables only if something
   * waits for it by a control edge; left alone, it would be started anew, outside the graph, at
   * every step.
   */
  static Operand<TFloat32> rows(Ops tf, Operation lookup) {
    Op after = tf.withControlDependencyOps(lookup).noOp();
    return tf.withControlDependencies(after).identity(lookup.<TFloat32>output(0));
  }

  private static List<Operand<?>> lookupGradient(Ops tf, GraphOperation op, List<Output<?>> dy) {
    Operation g = LOOKUP_GRADIENT.call(tf, op.output(1), op.input(1), op.input(2), dy.get(0));
    return List.of(g.output(1), g.output(2), tf.zerosLike(op.input(2)));
  }

  private static List<Operand<?>> bagGradient(Ops tf, GraphOperation op, List<Output<?>> dy) {
    Operation g =
        BAG_GRADIENT.call(tf, op.output(1), op.input(1), op.input(2), op.input(3), dy.get(0));
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
    return LOOKUP.definition();
  }

  /** The same for a {@code W_a} that is a tensor: a constant, or a variable of TensorFlow 1. */
  public static FunctionDef ofTensor() {
    return OF_TENSOR.definition();
  }

  private static FunctionBuilder signature(String name, DataType table) {
    FunctionBuilder f = new FunctionBuilder(name);
    f.input("wa", table);
    f.input("wb", DT_FLOAT);
    f.input("ids", DT_INT32);
    return table == DT_RESOURCE ? f.stateful() : f;
  }

  private static Value gather(FunctionBuilder f) {
    Value wa = f.input("wa");
    return wa.type() == DT_RESOURCE
        ? f.resourceGather("gathered", wa, f.input("ids"), DT_FLOAT)
        : f.gather("gathered", wa, f.input("ids"), f.scalar("rows_axis", 0));
  }

  // For small products oneDNN costs more to start than to run; this version TensorFlow leaves
  // alone.
  static Value batchMatMul(FunctionBuilder f, String name, Value a, Value b) {
    return f.node("BatchMatMulV3", name)
        .attr("Tout", t -> t.setType(DT_FLOAT))
        .attr("adj_x", t -> t.setB(false))
        .attr("adj_y", t -> t.setB(false))
        .in(a, b)
        .output();
  }

  private static FunctionOp lookupFunction(String name, DataType table) {
    FunctionBuilder f = signature(name, table);
    Value wb = f.input("wb");
    Value gathered = gather(f);
    Value wbShape = f.shape("wb_shape", wb);
    Value flat = f.flatten("gathered_flat", gathered, f.entry("rank", wbShape, 0));
    Value product = f.matMul("product", flat, wb, false, false);
    Value idsShape = f.shape("ids_shape", f.input("ids"));
    Value d = f.entry("d", wbShape, 1);
    Value shape = f.concat("rows_shape", f.scalar("rows_shape_axis", 0), idsShape, d);
    Value rows = f.reshape("rows", product, shape);
    return f.output("rows", rows).output("gathered", gathered).build();
  }

  private static FunctionOp lookupGradientFunction() {
    FunctionBuilder f = new FunctionBuilder(GRADIENT_OP);
    Value gathered = f.input("gathered", DT_FLOAT);
    Value wb = f.input("wb", DT_FLOAT);
    Value ids = f.input("ids", DT_INT32);
    Value dy = f.input("dy", DT_FLOAT);
    Value shape = f.shape("wb_shape", wb);
    Value k = f.entry("k", shape, 0);
    Value d = f.entry("d", shape, 1);
    Value gatheredFlat = f.flatten("gathered_flat", gathered, k);
    Value dyFlat = f.flatten("dy_flat", dy, d);
    Value dwb = f.matMul("dwb", gatheredFlat, dyFlat, true, false);
    Value rows = f.matMul("row_gradients", dyFlat, wb, false, true);
    return SparseRows.merge(f, ids, rows).output("dwb", dwb).build();
  }

  private static FunctionOp bagFunction() {
    FunctionBuilder f = signature(BAG_OP, DT_RESOURCE);
    Value weights = f.input("weights", DT_FLOAT);
    Value gathered = gather(f);
    Value row = f.op("ExpandDims", "weights_row", weights, f.scalar("one", 1));
    Value pooled =
        f.node("Squeeze", "pooled")
            .attr("squeeze_dims", a -> a.getListBuilder().addI(1))
            .in(batchMatMul(f, "pooled_row", row, gathered))
            .output();
    Value rows = f.matMul("rows", pooled, f.input("wb"), false, false);
    return f.output("rows", rows).output("pooled", pooled).build();
  }

  private static FunctionOp bagGradientFunction() {
    FunctionBuilder f = new FunctionBuilder(BAG_GRADIENT_OP);
    Value pooled = f.input("pooled", DT_FLOAT);
    Value wb = f.input("wb", DT_FLOAT);
    Value ids = f.input("ids", DT_INT32);
    Value weights = f.input("weights", DT_FLOAT);
    Value dy = f.input("dy", DT_FLOAT);
    Value dwb = f.matMul("dwb", pooled, dy, true, false);
    Value dpooled = f.matMul("dpooled", dy, wb, false, true);
    // An outer product of each text; many times as fast as to broadcast one factor along the other.
    Value column = f.op("ExpandDims", "weights_column", weights, f.scalar("two", 2));
    Value row = f.op("ExpandDims", "dpooled_row", dpooled, f.scalar("middle", 1));
    Value perWord = batchMatMul(f, "row_gradients", column, row);
    Value k = f.entry("k", f.shape("pooled_shape", pooled), 1);
    Value flat = f.flatten("row_gradients_flat", perWord, k);
    return SparseRows.merge(f, ids, flat).output("dwb", dwb).build();
  }
}
