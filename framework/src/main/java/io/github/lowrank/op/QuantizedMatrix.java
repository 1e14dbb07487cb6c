package io.github.lowrank.op;

import static org.tensorflow.proto.DataType.DT_FLOAT;

import io.github.lowrank.op.function.FunctionBuilder;
import io.github.lowrank.op.function.FunctionOp;
import io.github.lowrank.op.function.Value;
import java.util.List;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A whole matrix under {@link FakeQuantization} with one step per row, as an op pair.
 *
 * <pre>
 * v = W / s,  c = round(clip(v, -q, q)),  m = 1 where |v| <= q, else 0
 * y = s c,    dW = G m,                   dtheta = s sum over columns of G (c - m v)
 * </pre>
 */
public final class QuantizedMatrix {
  private static final FunctionOp OP = forward();
  private static final FunctionOp GRADIENT = backward();

  static {
    OP.withGradient(QuantizedMatrix::differentiate);
  }

  private QuantizedMatrix() {}

  /**
   * The matrix as its codes will represent it.
   *
   * @param matrix W, {@code [m, n]}
   * @param logSteps theta, {@code [m]}
   * @param bits width of a code, at least 2
   * @return {@code [m, n]}
   */
  public static Operand<TFloat32> of(
      Ops tf, Operand<TFloat32> matrix, Operand<TFloat32> logSteps, int bits) {
    FunctionOp.declare(tf, OP, GRADIENT);
    return OP.call(
            tf,
            matrix,
            tf.expandDims(logSteps, tf.constant(1)),
            tf.constant((float) FakeQuantization.largest(bits)))
        .<TFloat32>output(0);
  }

  private static List<Operand<?>> differentiate(Ops tf, GraphOperation call, List<Output<?>> dy) {
    Operation g =
        GRADIENT.call(tf, dy.get(0), call.input(1), call.input(2), call.output(1), call.output(2));
    return List.of(g.output(0), g.output(1), tf.zerosLike(call.input(2)));
  }

  private static FunctionOp forward() {
    FunctionBuilder f = new FunctionBuilder("QuantizedMatrix");
    Value matrix = f.input("matrix", DT_FLOAT);
    Value theta = f.input("theta", DT_FLOAT);
    Value q = f.input("q", DT_FLOAT);
    Value v = f.op("Mul", "v", matrix, f.op("Exp", "inverse", f.op("Neg", "minus_theta", theta)));
    Value clipped = f.op("ClipByValue", "clipped", v, f.op("Neg", "minus_q", q), q);
    Value codes = f.op("Rint", "codes", clipped);
    Value y = f.op("Mul", "y", codes, f.op("Exp", "step", theta));
    return f.output("y", y).output("v", v).output("codes", codes).build();
  }

  private static FunctionOp backward() {
    FunctionBuilder f = new FunctionBuilder("QuantizedMatrixGrad");
    Value dy = f.input("dy", DT_FLOAT);
    Value theta = f.input("theta", DT_FLOAT);
    Value q = f.input("q", DT_FLOAT);
    Value v = f.input("v", DT_FLOAT);
    Value codes = f.input("codes", DT_FLOAT);
    Value inside =
        f.cast("inside", f.op("LessEqual", "is_inside", f.op("Abs", "abs", v), q), DT_FLOAT);
    Value rest = f.op("Sub", "rest", codes, f.op("Mul", "inside_v", inside, v));
    Value sum =
        f.node("Sum", "sum")
            .attr("keep_dims", a -> a.setB(true))
            .in(f.op("Mul", "products", dy, rest), f.scalar("columns_axis", 1))
            .output();
    Value dtheta = f.op("Mul", "dtheta", sum, f.op("Exp", "step", theta));
    return f.output("dmatrix", f.op("Mul", "dmatrix", dy, inside)).output("dtheta", dtheta).build();
  }
}
