package io.github.lowrank.linalg;

import static org.tensorflow.proto.DataType.DT_DOUBLE;

import io.github.lowrank.op.function.FunctionBuilder;
import io.github.lowrank.op.function.FunctionOp;
import io.github.lowrank.op.function.Value;
import java.util.List;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;

/**
 * The inner products of the rows of both factors {@code U_k sqrt(S_k)} and {@code V_k sqrt(S_k)} of
 * a matrix in a graph, with gradients:
 *
 * <pre>
 * left = U_k S_k U_k^T = (X X^T)^(1/2) cut at rank k,   right = V_k S_k V_k^T
 * </pre>
 *
 * <p>Whatever a loss wants of the factors that does not change when these are rotated, such as
 * distances between rows, or a linear head that is fitted to them, it can have from here. Singular
 * vectors themselves have gradients that are infinite where two singular values are equal ({@link
 * ThinSvd}); these products do not: with {@code r = min(m, n)}, thin factors, symmetric upstream
 * gradients {@code G} and {@code H}, and
 *
 * <pre>
 * f_ij = 1 / (s_i + s_j) if i, j &lt;= k;   s_i / (s_i^2 - s_j^2) if i &lt;= k &lt; j, and f_ji = f_ij;   0 beyond
 * dX = 2 U [(f * U^T G U) S + S (f * V^T H V)] V^T
 *      + 2 (I - U U^T) G U_k V_k^T + 2 U_k V_k^T H (I - V V^T)
 * </pre>
 *
 * <p>only the gap at the cut enters, as in {@link BestRank}, of whose decomposition these are.
 *
 * @param left {@code [m, m]}
 * @param right {@code [n, n]}
 */
public record FactorKernels(Operand<TFloat64> left, Operand<TFloat64> right) {
  /** Op type of both products. */
  public static final String OP = "FactorKernels";

  private static final FunctionOp KERNELS = function().withGradient(FactorKernels::gradient);

  /**
   * The kernels of the factors of the best product of rank k.
   *
   * @param x {@code [m, n]}
   * @throws IllegalArgumentException if {@code x} is no matrix or the rank is not in 1 .. min(m, n)
   */
  public static FactorKernels of(Ops tf, Operand<TFloat64> x, int k, BestRank.Tie tie) {
    FunctionOp.declare(tf, KERNELS);
    BestRank<TFloat64> best = BestRank.of(tf, x, k, tie);
    Operand<TInt32> indices = tf.range(tf.constant(0), tf.size(best.s()), tf.constant(1));
    Operand<TFloat64> kept = tf.dtypes.cast(tf.math.less(indices, best.rank()), TFloat64.class);
    Operation kernels = KERNELS.call(tf, x, best.u(), best.s(), best.v(), kept);
    return new FactorKernels(
        Operands.float64(kernels.output(0)), Operands.float64(kernels.output(1)));
  }

  private static FunctionOp function() {
    FunctionBuilder f = new FunctionBuilder(OP);
    f.input("x", DT_DOUBLE); // for the gradient alone
    Value u = f.input("u", DT_DOUBLE);
    Value s = f.input("s", DT_DOUBLE);
    Value v = f.input("v", DT_DOUBLE);
    Value kept = f.op("Mul", "s_kept", s, f.input("kept", DT_DOUBLE));
    return f.output("left", f.matMul("us_u", f.op("Mul", "us", u, kept), u, false, true))
        .output("right", f.matMul("vs_v", f.op("Mul", "vs", v, kept), v, false, true))
        .build();
  }

  private static List<Operand<?>> gradient(Ops tf, GraphOperation op, List<Output<?>> dy) {
    Operand<TFloat64> u = Operands.float64(op.input(1));
    Operand<TFloat64> s = Operands.float64(op.input(2));
    Operand<TFloat64> v = Operands.float64(op.input(3));
    Operand<TFloat64> kept = Operands.float64(op.input(4));
    Operand<TFloat64> dx =
        backpropagate(
            tf,
            u,
            s,
            v,
            kept,
            twiceSymmetric(tf, Operands.float64OrZeros(tf, dy.get(0), op.output(0))),
            twiceSymmetric(tf, Operands.float64OrZeros(tf, dy.get(1), op.output(1))));
    return List.of(dx, tf.zerosLike(u), tf.zerosLike(s), tf.zerosLike(v), tf.zerosLike(kept));
  }

  private static Operand<TFloat64> twiceSymmetric(Ops tf, Operand<TFloat64> g) {
    return tf.math.add(g, Operands.transposed(tf, g));
  }

  /**
   * {@code dX}; {@code kept} is 1 for the first k of r and 0 beyond.
   *
   * @param g {@code 2 G}
   * @param h {@code 2 H}
   */
  private static Operand<TFloat64> backpropagate(
      Ops tf,
      Operand<TFloat64> u,
      Operand<TFloat64> s,
      Operand<TFloat64> v,
      Operand<TFloat64> kept,
      Operand<TFloat64> g,
      Operand<TFloat64> h) {
    Operand<TFloat64> ki = Operands.column(tf, kept);
    Operand<TFloat64> kj = Operands.row(tf, kept);
    Operand<TFloat64> si = Operands.column(tf, s);
    Operand<TFloat64> sj = Operands.row(tf, s);
    Operand<TFloat64> sum = tf.math.add(si, sj);
    Operand<TFloat64> larger = tf.math.maximum(si, sj);
    Operand<TFloat64> gap = tf.math.mul(tf.math.abs(tf.math.sub(si, sj)), sum);
    Operand<TFloat64> across = tf.math.abs(tf.math.sub(ki, kj));
    Operand<TFloat64> f =
        tf.math.add(
            tf.math.divNoNan(tf.math.mul(ki, kj), sum),
            tf.math.divNoNan(tf.math.mul(across, larger), gap));

    Operand<TFloat64> gu = Operands.product(tf, g, false, u, false);
    Operand<TFloat64> hv = Operands.product(tf, h, false, v, false);
    Operand<TFloat64> ugu = Operands.product(tf, u, true, gu, false);
    Operand<TFloat64> vhv = Operands.product(tf, v, true, hv, false);
    Operand<TFloat64> inner =
        tf.math.add(tf.math.mul(tf.math.mul(f, ugu), sj), tf.math.mul(si, tf.math.mul(f, vhv)));
    Operand<TFloat64> offU =
        tf.math.mul(tf.math.sub(gu, Operands.product(tf, u, false, ugu, false)), kj);
    Operand<TFloat64> offV =
        tf.math.mul(tf.math.sub(hv, Operands.product(tf, v, false, vhv, false)), kj);
    return tf.math.add(
        Operands.product(
            tf, tf.math.add(Operands.product(tf, u, false, inner, false), offU), false, v, true),
        Operands.product(tf, u, false, offV, true));
  }
}
