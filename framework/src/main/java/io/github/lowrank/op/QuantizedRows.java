package io.github.lowrank.op;

import static org.tensorflow.proto.DataType.DT_FLOAT;
import static org.tensorflow.proto.DataType.DT_INT32;
import static org.tensorflow.proto.DataType.DT_RESOURCE;

import io.github.lowrank.op.function.FunctionBuilder;
import io.github.lowrank.op.function.FunctionOp;
import io.github.lowrank.op.function.Value;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Lookups of a table under {@link FakeQuantization}, as op pairs: the gathered numbers are passed
 * over three times forwards and three times backwards, and the bag pools codes before it scales
 * them.
 *
 * <pre>
 * v = Gather(E, ids) / s,  c = round(clip(v, -q, q)),  m = 1 where |v| <= q, else 0
 * rows = s c               dE = (unique ids, summed rows of G m)
 *                          dtheta = s sum of G (c - m v)
 * bag  = s sum_l w c       dE = (unique ids, summed rows of w G m)
 *                          dtheta = s sum of G (sum_l w c - sum_l w m v)
 * </pre>
 */
public final class QuantizedRows {
  private static final String ROWS = "QuantizedRows";
  private static final String BAG = "QuantizedBag";

  private static final Pair ROUNDED_ROWS = Pair.of(ROWS, false, false);
  private static final Pair ROUNDED_BAG = Pair.of(BAG, true, false);
  private static final Pair SIGN_ROWS = Pair.of("Sign" + ROWS, false, true);
  private static final Pair SIGN_BAG = Pair.of("Sign" + BAG, true, true);

  private QuantizedRows() {}

  /**
   * Rows as their codes will represent them.
   *
   * @param table {@code [vocabulary, n]}
   * @param logStep theta, {@code [n]}
   * @param bits width of a code
   * @param ids row numbers, {@code [batch, length]}
   * @return {@code [batch, length, n]}
   */
  public static Operand<TFloat32> rows(
      Ops tf, Variable table, Operand<TFloat32> logStep, int bits, Operand<TInt32> ids) {
    return (bits == 1 ? SIGN_ROWS : ROUNDED_ROWS)
        .call(tf, table.handle(), logStep, largest(tf, bits), ids);
  }

  /**
   * Weighted sums of rows as their codes will represent them.
   *
   * @param weights weight of each word, {@code [batch, length]}; not differentiable
   * @return {@code [batch, n]}
   */
  public static Operand<TFloat32> bag(
      Ops tf,
      Variable table,
      Operand<TFloat32> logStep,
      int bits,
      Operand<TInt32> ids,
      Operand<TFloat32> weights) {
    return (bits == 1 ? SIGN_BAG : ROUNDED_BAG)
        .call(tf, table.handle(), logStep, largest(tf, bits), ids, weights);
  }

  private static Operand<TFloat32> largest(Ops tf, int bits) {
    return tf.constant((float) FakeQuantization.largest(bits));
  }

  /** An op and its gradient. */
  private record Pair(FunctionOp op, FunctionOp gradient) {
    static Pair of(String name, boolean pooled, boolean sign) {
      FunctionOp gradient = backward(name + "Grad", pooled);
      FunctionOp op =
          forward(name, pooled, sign)
              .withGradient((tf, call, dy) -> differentiate(tf, call, dy, gradient, pooled));
      return new Pair(op, gradient);
    }

    Operand<TFloat32> call(Ops tf, Operand<?>... inputs) {
      FunctionOp.declare(tf, op, gradient);
      return LowRankEmbedding.rows(tf, op.call(tf, inputs));
    }
  }

  private static List<Operand<?>> differentiate(
      Ops tf, GraphOperation call, List<Output<?>> dy, FunctionOp gradient, boolean pooled) {
    List<Operand<?>> inputs = new ArrayList<>();
    inputs.add(dy.get(0));
    for (int i = 1; i < (pooled ? 5 : 4); i++) {
      inputs.add(call.input(i)); // theta, q, ids, weights
    }
    inputs.add(call.output(1)); // v
    inputs.add(call.output(2)); // c, or its pooled form
    Operation g = gradient.call(tf, inputs.toArray(new Operand<?>[0]));
    List<Operand<?>> gradients =
        new ArrayList<>(
            List.of(
                g.output(1),
                g.output(2),
                tf.zerosLike(call.input(2)),
                tf.zerosLike(call.input(3))));
    if (pooled) {
      gradients.add(tf.zerosLike(call.input(4)));
    }
    return gradients;
  }

  private static FunctionOp forward(String name, boolean pooled, boolean sign) {
    FunctionBuilder f = new FunctionBuilder(name).stateful();
    Value table = f.input("table", DT_RESOURCE);
    Value theta = f.input("theta", DT_FLOAT);
    Value q = f.input("q", DT_FLOAT);
    Value ids = f.input("ids", DT_INT32);
    Value weights = pooled ? f.input("weights", DT_FLOAT) : null;
    Value step = f.op("Exp", "step", theta);
    Value inverse = f.op("Exp", "inverse", f.op("Neg", "minus_theta", theta));
    Value v = f.op("Mul", "v", f.resourceGather("gathered", table, ids, DT_FLOAT), inverse);
    Value codes;
    if (sign) {
      Value zero = f.op("ZerosLike", "zero", q);
      Value positive = f.cast("positive", f.op("GreaterEqual", "is_positive", v, zero), DT_FLOAT);
      codes = f.op("Sub", "codes", f.op("AddV2", "twice", positive, positive), q);
    } else {
      Value clipped = f.op("ClipByValue", "clipped", v, f.op("Neg", "minus_q", q), q);
      codes = f.op("Rint", "codes", clipped);
    }
    Value found = pooled ? pool(f, "pooled", weights, codes) : codes;
    Value rows = f.op("Mul", "rows", found, step);
    return f.output("rows", rows).output("v", v).output("codes", found).build();
  }

  private static Value pool(FunctionBuilder f, String name, Value weights, Value values) {
    Value row = f.op("ExpandDims", name + "_weights", weights, f.scalar(name + "_one", 1));
    return f.node("Squeeze", name)
        .attr("squeeze_dims", a -> a.getListBuilder().addI(1))
        .in(LowRankEmbedding.batchMatMul(f, name + "_row", row, values))
        .output();
  }

  private static FunctionOp backward(String name, boolean pooled) {
    FunctionBuilder f = new FunctionBuilder(name);
    Value dy = f.input("dy", DT_FLOAT);
    Value theta = f.input("theta", DT_FLOAT);
    Value q = f.input("q", DT_FLOAT);
    Value ids = f.input("ids", DT_INT32);
    Value weights = pooled ? f.input("weights", DT_FLOAT) : null;
    Value v = f.input("v", DT_FLOAT);
    Value codes = f.input("codes", DT_FLOAT);
    Value inside =
        f.cast("inside", f.op("LessEqual", "is_inside", f.op("Abs", "abs", v), q), DT_FLOAT);
    Value insideV = f.op("Mul", "inside_v", inside, v);
    Value columns = f.lastEntry("columns", f.shape("v_shape", v));
    Value rest =
        f.op("Sub", "rest", codes, pooled ? pool(f, "pooled_v", weights, insideV) : insideV);
    Value products = f.flatten("products_flat", f.op("Mul", "products", dy, rest), columns);
    Value sum =
        f.node("Sum", "sum")
            .attr("keep_dims", a -> a.setB(false))
            .in(products, f.scalar("first_axis", 0))
            .output();
    Value dtheta = f.op("Mul", "dtheta", sum, f.op("Exp", "step", theta));
    Value perWord = dy;
    if (pooled) {
      Value column = f.op("ExpandDims", "weights_column", weights, f.scalar("two", 2));
      Value row = f.op("ExpandDims", "dy_row", dy, f.scalar("middle", 1));
      perWord = LowRankEmbedding.batchMatMul(f, "per_word", column, row);
    }
    Value rows = f.flatten("rows_flat", f.op("Mul", "row_gradients", perWord, inside), columns);
    return SparseRows.merge(f, ids, rows).output("dtheta", dtheta).build();
  }
}
