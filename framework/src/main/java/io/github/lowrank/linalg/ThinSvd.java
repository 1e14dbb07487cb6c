package io.github.lowrank.linalg;

import static org.tensorflow.proto.DataType.DT_DOUBLE;

import io.github.lowrank.op.function.FunctionBuilder;
import io.github.lowrank.op.function.FunctionOp;
import io.github.lowrank.op.function.Node;
import java.util.List;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

/**
 * The thin singular value decomposition {@code X = U S V^T} of a matrix in a graph, each factor
 * with a gradient. With {@code r = min(m, n)}, upstream gradients {@code dU}, {@code ds}, {@code
 * dV}, {@code d_ij = s_j^2 - s_i^2}, {@code F_ij = d_ij / (d_ij^2 + 1e-12 s_1^4)}, {@code J = F *
 * (U^T dU)} and {@code K = F * (V^T dV)}:
 *
 * <pre>
 * dX = U [(J + J^T) S + S (K + K^T) + diag(ds)] V^T
 *      + (I - U U^T) dU S^-1 V^T + U S^-1 dV^T (I - V V^T)
 * </pre>
 *
 * <p>{@link #truncated} keeps k columns of the full thin factors, so that the upstream gradients of
 * the others are zeros. The same formula with only the k kept columns is wrong unless the rank of
 * {@code X} is at most k: the omitted singular vectors take part in every derivative of those kept.
 *
 * <p>Where two singular values are equal their singular vectors, and the gradients of these, are
 * not unique. {@code F} then stays finite, but what it leaves out of the gradient is not small. For
 * a loss of the product {@code U_k S_k V_k^T} alone use {@link BestRank}, which has no such case
 * among the singular values kept.
 *
 * @param u left singular vectors, {@code [m, r]}
 * @param s singular values, descending, {@code [r]}
 * @param v right singular vectors, {@code [n, r]}
 * @param <T> element type of the matrix; the decomposition is computed in float64
 */
public record ThinSvd<T extends TFloating>(Operand<T> u, Operand<T> s, Operand<T> v) {
  /** Op type of the decomposition. */
  public static final String OP = "ThinSvd";

  private static final double GUARD = 1e-12;

  private static final FunctionOp SVD = function().withGradient(ThinSvd::gradient);

  /**
   * Decomposes a matrix.
   *
   * @param x {@code [m, n]}
   * @throws IllegalArgumentException if {@code x} is no matrix
   */
  public static <T extends TFloating> ThinSvd<T> of(Ops tf, Operand<T> x) {
    Operands.checkMatrix(x.shape());
    FunctionOp.declare(tf, SVD);
    Operation svd = SVD.call(tf, tf.dtypes.cast(x, TFloat64.class));
    return new ThinSvd<>(
        tf.dtypes.cast(Operands.float64(svd.output(0)), x.type()),
        tf.dtypes.cast(Operands.float64(svd.output(1)), x.type()),
        tf.dtypes.cast(Operands.float64(svd.output(2)), x.type()));
  }

  /**
   * The first {@code k} singular values and vectors: {@code [m, k]}, {@code [k]}, {@code [n, k]}.
   *
   * @throws IllegalArgumentException if k is not in 1 .. r
   */
  public ThinSvd<T> truncated(Ops tf, int k) {
    long r = s.shape().get(0);
    if (k < 1 || (r >= 0 && k > r)) {
      throw new IllegalArgumentException(
          "the number of singular values kept must be in 1 .. %d, but is %d".formatted(r, k));
    }
    return new ThinSvd<>(
        tf.slice(u, tf.array(0, 0), tf.array(-1, k)),
        tf.slice(s, tf.array(0), tf.array(k)),
        tf.slice(v, tf.array(0, 0), tf.array(-1, k)));
  }

  private static FunctionOp function() {
    FunctionBuilder f = new FunctionBuilder(OP);
    Node svd =
        f.node("Svd", "svd")
            .attr("compute_uv", a -> a.setB(true))
            .attr("full_matrices", a -> a.setB(false))
            .in(f.input("x", DT_DOUBLE));
    return f.output("u", svd.output("u"))
        .output("s", svd.output("s"))
        .output("v", svd.output("v"))
        .build();
  }

  private static List<Operand<?>> gradient(Ops tf, GraphOperation op, List<Output<?>> dy) {
    return List.of(
        backpropagate(
            tf,
            Operands.float64(op.output(0)),
            Operands.float64(op.output(1)),
            Operands.float64(op.output(2)),
            Operands.float64OrZeros(tf, dy.get(0), op.output(0)),
            Operands.float64OrZeros(tf, dy.get(1), op.output(1)),
            Operands.float64OrZeros(tf, dy.get(2), op.output(2))));
  }

  /** {@code dX} of all r columns, as the class describes. */
  static Operand<TFloat64> backpropagate(
      Ops tf,
      Operand<TFloat64> u,
      Operand<TFloat64> s,
      Operand<TFloat64> v,
      Operand<TFloat64> du,
      Operand<TFloat64> ds,
      Operand<TFloat64> dv) {
    Operand<TFloat64> si = Operands.column(tf, s);
    Operand<TFloat64> sj = Operands.row(tf, s);
    Operand<TFloat64> d = tf.math.mul(tf.math.sub(sj, si), tf.math.add(sj, si));
    Operand<TFloat64> largest = tf.slice(s, tf.array(0), tf.array(1));
    Operand<TFloat64> guard =
        tf.math.mul(tf.constant(GUARD), tf.math.square(tf.math.square(largest)));
    Operand<TFloat64> f = tf.math.divNoNan(d, tf.math.add(tf.math.square(d), guard));

    Operand<TFloat64> utdu = Operands.product(tf, u, true, du, false);
    Operand<TFloat64> vtdv = Operands.product(tf, v, true, dv, false);
    Operand<TFloat64> inner =
        tf.math.add(
            tf.math.add(
                tf.math.mul(symmetric(tf, tf.math.mul(f, utdu)), sj),
                tf.math.mul(si, symmetric(tf, tf.math.mul(f, vtdv)))),
            tf.linalg.tensorDiag(ds));
    Operand<TFloat64> offU =
        tf.math.divNoNan(tf.math.sub(du, Operands.product(tf, u, false, utdu, false)), sj);
    Operand<TFloat64> offV =
        tf.math.divNoNan(tf.math.sub(dv, Operands.product(tf, v, false, vtdv, false)), sj);
    return tf.math.add(
        Operands.product(
            tf, tf.math.add(Operands.product(tf, u, false, inner, false), offU), false, v, true),
        Operands.product(tf, u, false, offV, true));
  }

  private static Operand<TFloat64> symmetric(Ops tf, Operand<TFloat64> a) {
    return tf.math.add(a, Operands.transposed(tf, a));
  }
}
