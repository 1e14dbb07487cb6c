package io.github.lowrank.op;

import static org.tensorflow.proto.DataType.DT_FLOAT;
import static org.tensorflow.proto.DataType.DT_INT32;

import io.github.lowrank.op.function.FunctionBuilder;
import io.github.lowrank.op.function.FunctionOp;
import io.github.lowrank.op.function.Node;
import io.github.lowrank.op.function.Value;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ResourceGather;
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

  private static final FunctionOp GRADIENT = gradientFunction();

  static {
    FunctionOp.registerGradient(
        ResourceGather.OP_NAME,
        (tf, op, dy) -> {
          Operation gradient = GRADIENT.call(tf, op.input(1), dy.get(0));
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
    FunctionOp.declare(tf, GRADIENT);
    return tf.resourceGather(table.handle(), ids, TFloat32.class);
  }

  /**
   * The pair behind a gradient by a table's handle: the first two outputs of the gradient op of a
   * lookup, {@code ids} and {@code rows}.
   *
   * @throws IllegalArgumentException if {@code gradient} does not come from exactly one lookup
   */
  public static SparseRows of(Output<?> gradient) {
    Operation op = gradient.op();
    boolean pair =
        gradient.index() == 1
            && op.output(0).dataType() == DT_INT32
            && gradient.dataType() == DT_FLOAT;
    if (!pair) {
      throw new IllegalArgumentException(
          "a table must be looked up exactly once in a loss; its gradient comes from " + op.type());
    }
    return new SparseRows(op.output(0), op.output(1));
  }

  private static FunctionOp gradientFunction() {
    FunctionBuilder f = new FunctionBuilder(GRADIENT_OP);
    Value ids = f.input("ids", DT_INT32);
    Value dy = f.input("dy", DT_FLOAT);
    Value columns = f.lastEntry("columns", f.shape("dy_shape", dy));
    return merge(f, ids, f.flatten("dy_flat", dy, columns)).build();
  }

  /**
   * Adds to the gradient function {@code f} of a lookup the merging of equal ids, and its first two
   * outputs.
   *
   * @param ids row numbers, of any shape
   * @param flatRows the gradient of each, {@code [number of ids, columns]}
   */
  public static FunctionBuilder merge(FunctionBuilder f, Value ids, Value flatRows) {
    Value flatIds = f.reshape("ids_flat", ids, f.vector("ids_flat_shape", -1));
    Node unique = f.node("Unique", "unique").attr("out_idx", a -> a.setType(DT_INT32)).in(flatIds);
    Value distinct = unique.output("y");
    Value count =
        f.node("Size", "unique_count")
            .attr("out_type", a -> a.setType(DT_INT32))
            .in(distinct)
            .output();
    Value rows = f.op("UnsortedSegmentSum", "rows_sum", flatRows, unique.output("idx"), count);
    return f.output("unique_ids", f.op("Identity", "unique_ids", distinct)).output("rows", rows);
  }
}
