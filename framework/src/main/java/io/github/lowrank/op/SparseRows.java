package io.github.lowrank.op;

import static io.github.lowrank.op.FunctionBuilder.type;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ResourceGather;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The gradient of an embedding table: distinct row numbers and the summed gradient of each.
 *
 * <p>Lookups ({@link #gather}, {@link LowRankEmbedding}) read a table through the handle of its
 * variable. {@code tf.gradients} of a loss by that handle gives the rows' output of a gradient op,
 * of which {@link #of} makes the pair; no tensor of the table's own size ever arises.
 *
 * @param ids distinct row numbers, {@code [u]}
 * @param rows the gradient of each, {@code [u, columns]}
 */
public record SparseRows(Operand<TInt32> ids, Operand<TFloat32> rows) {
  /** Op type: {@code (ids, dy) -> (unique ids, summed rows)}. */
  public static final String GRADIENT_OP = "EmbeddingRowsGrad";

  private static final FunctionDef GRADIENT = gradientFunction();
  private static final Set<String> GRADIENT_OPS =
      Set.of(GRADIENT_OP, LowRankEmbedding.GRADIENT_OP, LowRankEmbedding.BAG_GRADIENT_OP);

  static {
    FunctionOps.gradient(
        ResourceGather.OP_NAME,
        (tf, op, dy) -> {
          Operation gradient = FunctionOps.call(tf, GRADIENT, op.input(1), dy.get(0));
          return List.of(gradient.output(1), tf.zerosLike(op.input(1)));
        });
  }

  /**
   * Rows of a dense table, differentiable by the table's handle.
   *
   * @param ids row numbers, {@code [batch, length]}
   * @return {@code [batch, length, columns]}
   */
  public static Operand<TFloat32> gather(Ops tf, Variable table, Operand<TInt32> ids) {
    FunctionOps.declare(tf, GRADIENT);
    return tf.resourceGather(table.handle(), ids, TFloat32.class);
  }

  /**
   * The pair behind a gradient by a table's handle.
   *
   * @throws IllegalArgumentException if {@code gradient} does not come from exactly one lookup
   */
  public static SparseRows of(Output<?> gradient) {
    Operation op = gradient.op();
    if (!GRADIENT_OPS.contains(op.type()) || gradient.index() != 1) {
      throw new IllegalArgumentException(
          "a table must be looked up exactly once in a loss; its gradient comes from " + op.type());
    }
    return new SparseRows(op.output(0), op.output(1));
  }

  private static FunctionDef gradientFunction() {
    FunctionBuilder f =
        new FunctionBuilder(GRADIENT_OP)
            .input("ids", DataType.DT_INT32)
            .input("dy", DataType.DT_FLOAT);
    String shape = shape(f, "dy_shape", "dy");
    String columns = last(f, "columns", shape);
    String flat = flatten(f, "dy_flat", "dy", columns);
    return merge(f, "ids", flat).build();
  }

  /** Adds to {@code f} the merging of equal ids, and its two outputs. */
  static FunctionBuilder merge(FunctionBuilder f, String ids, String flatRows) {
    Map<String, AttrValue> int32 = Map.of("T", type(DataType.DT_INT32));
    String flatIds =
        f.node(
            "Reshape",
            "ids_flat",
            "output",
            Map.of("T", type(DataType.DT_INT32), "Tshape", type(DataType.DT_INT32)),
            ids,
            f.constant("ids_flat_shape", -1));
    f.node(
        "Unique",
        "unique",
        "y",
        Map.of("T", type(DataType.DT_INT32), "out_idx", type(DataType.DT_INT32)),
        flatIds);
    String count =
        f.node(
            "Size",
            "unique_count",
            "output",
            Map.of("T", type(DataType.DT_INT32), "out_type", type(DataType.DT_INT32)),
            "unique:y:0");
    String rows =
        f.node(
            "UnsortedSegmentSum",
            "rows_sum",
            "output",
            Map.of(
                "T", type(DataType.DT_FLOAT),
                "Tindices", type(DataType.DT_INT32),
                "Tnumsegments", type(DataType.DT_INT32)),
            flatRows,
            "unique:idx:0",
            count);
    String distinct = f.node("Identity", "unique_ids", "output", int32, "unique:y:0");
    return f.output("unique_ids", DataType.DT_INT32, distinct)
        .output("rows", DataType.DT_FLOAT, rows);
  }

  static String shape(FunctionBuilder f, String name, String value) {
    return f.node(
        "Shape",
        name,
        "output",
        Map.of("T", type(DataType.DT_FLOAT), "out_type", type(DataType.DT_INT32)),
        value);
  }

  /** One entry of a shape, {@code [1]}. */
  static String entry(FunctionBuilder f, String name, String shape, int i) {
    return f.node(
        "Slice",
        name,
        "output",
        Map.of("T", type(DataType.DT_INT32), "Index", type(DataType.DT_INT32)),
        shape,
        f.constant(name + "_begin", i),
        f.constant(name + "_size", 1));
  }

  /** The last entry of a shape, {@code [1]}. */
  static String last(FunctionBuilder f, String name, String shape) {
    return f.node(
        "StridedSlice",
        name,
        "output",
        Map.of(
            "T", type(DataType.DT_INT32),
            "Index", type(DataType.DT_INT32),
            "begin_mask", FunctionBuilder.integer(0),
            "end_mask", FunctionBuilder.integer(1),
            "ellipsis_mask", FunctionBuilder.integer(0),
            "new_axis_mask", FunctionBuilder.integer(0),
            "shrink_axis_mask", FunctionBuilder.integer(0)),
        shape,
        f.constant(name + "_begin", -1),
        f.constant(name + "_end", 0),
        f.constant(name + "_stride", 1));
  }

  static String concat(FunctionBuilder f, String name, String a, String b) {
    return f.node(
        "ConcatV2",
        name,
        "output",
        Map.of(
            "T", type(DataType.DT_INT32),
            "Tidx", type(DataType.DT_INT32),
            "N", FunctionBuilder.integer(2)),
        a,
        b,
        f.scalar(name + "_axis", 0));
  }

  static String reshape(FunctionBuilder f, String name, String value, String shape) {
    return f.node(
        "Reshape",
        name,
        "output",
        Map.of("T", type(DataType.DT_FLOAT), "Tshape", type(DataType.DT_INT32)),
        value,
        shape);
  }

  /** {@code value} as a matrix of {@code columns}. */
  static String flatten(FunctionBuilder f, String name, String value, String columns) {
    return reshape(
        f, name, value, concat(f, name + "_shape", f.constant(name + "_rows", -1), columns));
  }
}
