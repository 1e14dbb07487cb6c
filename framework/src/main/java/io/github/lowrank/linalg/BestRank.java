package io.github.lowrank.linalg;

import static org.tensorflow.proto.DataType.DT_DOUBLE;

import io.github.lowrank.op.function.FunctionBuilder;
import io.github.lowrank.op.function.FunctionOp;
import io.github.lowrank.op.function.Value;
import java.util.List;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.AssertThat;
import org.tensorflow.op.linalg.Svd;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The best rank-k product {@code P = U_k S_k V_k^T} of a matrix in a graph, with a gradient, so
 * that a loss of {@code P} can be differentiated with respect to whatever the matrix depends on:
 *
 * <pre>{@code
 * Operand<TFloat64> p = BestRank.product(tf, x, 32);
 * Gradients g = tf.gradients(loss(p), List.of(parameters)); // flows through the truncation
 * }</pre>
 *
 * <p>With {@code r = min(m, n)}, the thin factors {@code U [m, r]} and {@code V [n, r]}, {@code G =
 * dL/dP} and {@code M = U^T G V}, for {@code i <= k < j}:
 *
 * <pre>
 * a_ij = s_i^2 / (s_i^2 - s_j^2)      b_ij = s_i s_j / (s_i^2 - s_j^2)
 * N_11 = M_11    N_12 = a * M_12 + b * M_21^T    N_21^T = a * M_21^T + b * M_12    N_22 = 0
 * dL/dX = U N V^T + (I - U U^T) G V_k V_k^T + U_k U_k^T G (I - V V^T)
 * </pre>
 *
 * <p>Only the gap at the cut enters, {@code s_k} against {@code s_k+1}: repeated singular values
 * among those kept, or among those omitted, are harmless, which they are not to the gradients of
 * the factors themselves ({@link ThinSvd}). Where the gap vanishes the product is not unique: see
 * {@link Tie}. Everything is computed in float64, also for a float32 matrix, because squared gaps
 * vanish in float32.
 *
 * @param product {@code P}, {@code [m, n]}; the only one of these values with a gradient
 * @param u left singular vectors, all r of them, {@code [m, r]}
 * @param s singular values, all r of them, descending
 * @param v right singular vectors, {@code [n, r]}
 * @param rank how many singular values {@code product} keeps, a scalar: k, or fewer after {@link
 *     Tie#SHRINK}
 * @param <T> element type of the matrix
 */
public record BestRank<T extends TFloating>(
    Operand<T> product,
    Operand<TFloat64> u,
    Operand<TFloat64> s,
    Operand<TFloat64> v,
    Operand<TInt32> rank) {
  /** Op type of the product. */
  public static final String OP = "BestRankProduct";

  /** {@code (s_k - s_k+1) / s_1} at or below which {@code s_k} and {@code s_k+1} are tied. */
  public static final double SMALLEST_GAP = 1e-6;

  private static final FunctionOp PRODUCT = function().withGradient(BestRank::gradient);

  /** What happens if {@code s_k} and {@code s_k+1} are tied, so that there is no gradient. */
  public enum Tie {
    /** The run fails with the singular values in the message. */
    REFUSE,
    /** The largest rank below k without a tie; the run fails if there is none. */
    SHRINK
  }

  /**
   * The best product of rank {@code k}; a run in which {@code s_k} and {@code s_k+1} are tied
   * fails.
   *
   * @param x {@code [m, n]}
   * @return {@code [m, n]}
   * @throws IllegalArgumentException if {@code x} is no matrix or the rank is not in 1 .. min(m, n)
   */
  public static <T extends TFloating> Operand<T> product(Ops tf, Operand<T> x, int k) {
    return of(tf, x, k, Tie.REFUSE).product();
  }

  /**
   * {@link #product} together with what it was made of.
   *
   * @param x {@code [m, n]}
   * @throws IllegalArgumentException if {@code x} is no matrix or the rank is not in 1 .. min(m, n)
   */
  public static <T extends TFloating> BestRank<T> of(Ops tf, Operand<T> x, int k, Tie tie) {
    checkRank(x.shape(), k);
    FunctionOp.declare(tf, PRODUCT);
    Operand<TFloat64> exact = tf.dtypes.cast(x, TFloat64.class);
    Svd<TFloat64> svd = tf.linalg.svd(exact, Svd.fullMatrices(false));
    Operand<TFloat64> u = tf.stopGradient(svd.u());
    Operand<TFloat64> v = tf.stopGradient(svd.v());
    Operand<TFloat64> values = tf.stopGradient(svd.s());
    Operand<TInt32> rank = untied(tf, values, k);
    Op checked = check(tf, rank, values, k, tie);
    Operand<TFloat64> s = tf.withControlDependencies(checked).identity(values);
    Operand<TInt32> indices = tf.range(tf.constant(0), tf.size(s), tf.constant(1));
    Operand<TFloat64> kept = tf.dtypes.cast(tf.math.less(indices, rank), TFloat64.class);
    Operand<TFloat64> product = PRODUCT.call(tf, exact, u, s, v, kept).output(0);
    return new BestRank<>(tf.dtypes.cast(product, x.type()), u, s, v, rank);
  }

  private static void checkRank(Shape shape, int k) {
    Operands.checkMatrix(shape);
    long m = shape.get(0);
    long n = shape.get(1);
    long most = m < 0 || n < 0 ? Math.max(m, n) : Math.min(m, n); // -1 where it is not known yet
    if (k < 1 || (most >= 0 && k > most)) {
      throw new IllegalArgumentException(
          "the rank of a matrix of shape " + shape + " must be in 1 .. min(m, n), but is " + k);
    }
  }

  /** The largest rank of at most {@code k} with a gap behind it; 0 if there is none. */
  private static Operand<TInt32> untied(Ops tf, Operand<TFloat64> s, int k) {
    Operand<TFloat64> first = tf.slice(s, tf.array(0), tf.array(1));
    // Nothing is omitted at full rank, so nothing can be tied: any negative number will do.
    Operand<TFloat64> beyond = tf.math.sub(tf.math.neg(first), tf.constant(1.0));
    Operand<TFloat64> next =
        tf.concat(List.of(tf.slice(s, tf.array(1), tf.array(-1)), beyond), tf.constant(0));
    Operand<TBool> gap =
        tf.math.greater(tf.math.sub(s, next), tf.math.mul(first, tf.constant(SMALLEST_GAP)));
    Operand<TInt32> ranks =
        tf.range(tf.constant(1), tf.math.add(tf.size(s), tf.constant(1)), tf.constant(1));
    Operand<TBool> possible = tf.math.logicalAnd(gap, tf.math.lessEqual(ranks, tf.constant(k)));
    return tf.reduceMax(tf.math.mul(ranks, tf.dtypes.cast(possible, TInt32.class)), tf.constant(0));
  }

  private static Op check(Ops tf, Operand<TInt32> rank, Operand<TFloat64> s, int k, Tie tie) {
    Operand<TInt32> least = tf.constant(tie == Tie.REFUSE ? k : 1);
    Operand<?> message =
        tf.constant(
            "the best product of rank "
                + k
                + " has no gradient: singular values "
                + k
                + " and "
                + (k + 1)
                + " differ by no more than "
                + SMALLEST_GAP
                + " of the largest, or are not finite; they are ");
    return tf.assertThat(
        tf.math.greaterEqual(rank, least), List.of(message, s), AssertThat.summarize(k + 3L));
  }

  private static FunctionOp function() {
    FunctionBuilder f = new FunctionBuilder(OP);
    f.input("x", DT_DOUBLE); // for the gradient alone
    Value u = f.input("u", DT_DOUBLE);
    Value s = f.input("s", DT_DOUBLE);
    Value v = f.input("v", DT_DOUBLE);
    Value kept = f.input("kept", DT_DOUBLE);
    Value us = f.op("Mul", "us", u, f.op("Mul", "s_kept", s, kept));
    return f.output("product", f.matMul("product", us, v, false, true)).build();
  }

  private static List<Operand<?>> gradient(Ops tf, GraphOperation op, List<Output<?>> dy) {
    Operand<TFloat64> u = Operands.float64(op.input(1));
    Operand<TFloat64> s = Operands.float64(op.input(2));
    Operand<TFloat64> v = Operands.float64(op.input(3));
    Operand<TFloat64> kept = Operands.float64(op.input(4));
    Operand<TFloat64> g = Operands.float64(dy.get(0));
    return List.of(
        backpropagate(tf, u, s, v, kept, g),
        tf.zerosLike(u),
        tf.zerosLike(s),
        tf.zerosLike(v),
        tf.zerosLike(kept));
  }

  /** {@code dL/dX} from {@code dL/dP = g}; {@code kept} is 1 for the first k of r and 0 beyond. */
  private static Operand<TFloat64> backpropagate(
      Ops tf,
      Operand<TFloat64> u,
      Operand<TFloat64> s,
      Operand<TFloat64> v,
      Operand<TFloat64> kept,
      Operand<TFloat64> g) {
    Operand<TFloat64> ki = Operands.column(tf, kept);
    Operand<TFloat64> kj = Operands.row(tf, kept);
    Operand<TFloat64> si = Operands.column(tf, s);
    Operand<TFloat64> sj = Operands.row(tf, s);
    Operand<TFloat64> both = tf.math.mul(ki, kj);
    Operand<TFloat64> across = tf.math.abs(tf.math.sub(ki, kj));
    Operand<TFloat64> larger = tf.math.maximum(si, sj);
    Operand<TFloat64> smaller = tf.math.minimum(si, sj);
    // Not a difference of squares, which would cancel.
    Operand<TFloat64> gap = tf.math.mul(tf.math.sub(larger, smaller), tf.math.add(larger, smaller));
    Operand<TFloat64> weight = tf.math.divNoNan(tf.math.mul(across, larger), gap);
    Operand<TFloat64> a = tf.math.mul(weight, larger);
    Operand<TFloat64> b = tf.math.mul(weight, smaller);

    Operand<TFloat64> utg = Operands.product(tf, u, true, g, false);
    Operand<TFloat64> gv = Operands.product(tf, g, false, v, false);
    Operand<TFloat64> m = Operands.product(tf, utg, false, v, false);
    Operand<TFloat64> n =
        tf.math.add(
            tf.math.mul(tf.math.add(both, a), m), tf.math.mul(b, Operands.transposed(tf, m)));
    Operand<TFloat64> offU =
        tf.math.mul(tf.math.sub(gv, Operands.product(tf, u, false, m, false)), kj);
    Operand<TFloat64> offV = tf.math.sub(utg, Operands.product(tf, m, false, v, true));
    return tf.math.add(
        Operands.product(
            tf, tf.math.add(Operands.product(tf, u, false, n, false), offU), false, v, true),
        Operands.product(tf, tf.math.mul(u, kj), false, offV, false));
  }
}
