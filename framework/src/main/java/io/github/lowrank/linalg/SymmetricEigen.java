package io.github.lowrank.linalg;

import static org.tensorflow.proto.DataType.DT_DOUBLE;

import io.github.lowrank.op.function.FunctionBuilder;
import io.github.lowrank.op.function.FunctionOp;
import io.github.lowrank.op.function.Node;
import io.github.lowrank.op.function.Value;
import java.util.List;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.AssertThat;
import org.tensorflow.op.linalg.SelfAdjointEig;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;

/**
 * The eigendecomposition {@code A = V L V^T} of a symmetric matrix in a graph, and functions {@code
 * V h(L) V^T} of such a matrix, with gradients.
 *
 * <p>Of the decomposition, with {@code F_ij = d / (d^2 + 1e-12 max|l|^2)} for {@code d = l_j - l_i}
 * and {@code F_ii = 0}:
 *
 * <pre>
 * dA = sym(V [diag(dl) + F * (V^T dV)] V^T)
 * </pre>
 *
 * <p>which is biased where eigenvalues are equal, because their eigenvectors are not unique. Of a
 * function, for the symmetric part of {@code G = dL/dP}, by divided differences:
 *
 * <pre>
 * dA = V (Phi * (V^T G V)) V^T
 * Phi_ij = (h(l_i) - h(l_j)) / (l_i - l_j), or (h'(l_i) + h'(l_j)) / 2
 *          where |l_i - l_j| is below 1e-9 of the largest |l|
 * </pre>
 *
 * <p>which is right for equal eigenvalues, too. For the {@linkplain #projector projector} on the
 * first k eigenvectors h is a step, so {@code Phi_ij = 1 / (l_i - l_j)} for {@code i <= k < j} and
 * 0 elsewhere. It gives the best rank-k product of a tall matrix, whose singular vectors need not
 * be known: {@code U_k S_k V_k^T = E V_k V_k^T} with {@code V} of the Gram matrix {@code E^T E}.
 *
 * @param values eigenvalues, ascending, {@code [n]}
 * @param vectors eigenvectors, the columns, {@code [n, n]}
 */
public record SymmetricEigen(Operand<TFloat64> values, Operand<TFloat64> vectors) {
  /** Op type of the decomposition. */
  public static final String OP = "SymmetricEigen";

  /** Op type of a function of a symmetric matrix. */
  public static final String FUNCTION_OP = "SymmetricFunction";

  private static final double GUARD = 1e-12;
  private static final double EQUAL = 1e-9;

  private static final FunctionOp EIGEN = eigen().withGradient(SymmetricEigen::gradient);
  private static final FunctionOp FUNCTION =
      function().withGradient(SymmetricEigen::functionGradient);

  /** A differentiable function of every eigenvalue. */
  public interface Spectral {
    /** {@code h(l)}, {@code [n]}. */
    Operand<TFloat64> value(Ops tf, Operand<TFloat64> eigenvalues);

    /** {@code h'(l)}, {@code [n]}. */
    Operand<TFloat64> slope(Ops tf, Operand<TFloat64> eigenvalues);
  }

  /**
   * Decomposes a matrix.
   *
   * @param a symmetric, {@code [n, n]}; of another matrix the symmetric part is taken
   * @throws IllegalArgumentException if {@code a} is not square
   */
  public static SymmetricEigen of(Ops tf, Operand<TFloat64> a) {
    checkSquare(a.shape());
    FunctionOp.declare(tf, EIGEN);
    Operation eigen = EIGEN.call(tf, symmetricPart(tf, a));
    return new SymmetricEigen(Operands.float64(eigen.output(0)), Operands.float64(eigen.output(1)));
  }

  /**
   * {@code V h(L) V^T}.
   *
   * @param a symmetric, {@code [n, n]}; of another matrix the symmetric part is taken
   * @throws IllegalArgumentException if {@code a} is not square
   */
  public static Operand<TFloat64> function(Ops tf, Operand<TFloat64> a, Spectral h) {
    SymmetricEigen eigen = constant(tf, a);
    Operand<TFloat64> l = eigen.values;
    Operand<TFloat64> value = h.value(tf, l);
    Operand<TFloat64> slope = h.slope(tf, l);
    Operand<TFloat64> d = tf.math.sub(Operands.column(tf, l), Operands.row(tf, l));
    Operand<TFloat64> largest = tf.reduceMax(tf.math.abs(l), tf.constant(0));
    Operand<TBool> equal =
        tf.math.lessEqual(tf.math.abs(d), tf.math.mul(tf.constant(EQUAL), largest));
    Operand<TFloat64> mean =
        tf.math.mul(
            tf.constant(0.5), tf.math.add(Operands.column(tf, slope), Operands.row(tf, slope)));
    Operand<TFloat64> difference =
        tf.math.divNoNan(tf.math.sub(Operands.column(tf, value), Operands.row(tf, value)), d);
    return eigen.apply(tf, a, value, tf.select(equal, mean, difference));
  }

  /**
   * The projector {@code V_k V_k^T} on the eigenvectors of the k largest eigenvalues. A run fails
   * in which the k-th and the next are tied, {@link BestRank#SMALLEST_GAP} of the largest |l| apart
   * or less: the projector is not unique then.
   *
   * @param a symmetric, {@code [n, n]}; of another matrix the symmetric part is taken
   * @throws IllegalArgumentException if {@code a} is not square or k is not in 1 .. n
   */
  public static Operand<TFloat64> projector(Ops tf, Operand<TFloat64> a, int k) {
    checkSquare(a.shape());
    int n = (int) a.shape().get(0);
    if (k < 1 || k > n) {
      throw new IllegalArgumentException(
          "the rank of a projector of shape %s must be in 1 .. n, but is %d"
              .formatted(a.shape(), k));
    }
    SymmetricEigen eigen = constant(tf, a);
    Operand<TFloat64> l =
        tf.withControlDependencies(gap(tf, eigen.values, n, k)).identity(eigen.values);
    double[] steps = new double[n];
    double[][] across = new double[n][n];
    for (int i = 0; i < n; i++) {
      steps[i] = i >= n - k ? 1 : 0;
      for (int j = 0; j < n; j++) {
        across[i][j] = i >= n - k == j >= n - k ? 0 : i > j ? 1 : -1;
      }
    }
    Operand<TFloat64> d = tf.math.sub(Operands.column(tf, l), Operands.row(tf, l));
    Operand<TFloat64> phi = tf.math.divNoNan(tf.constant(across), d);
    return new SymmetricEigen(l, eigen.vectors).apply(tf, a, tf.constant(steps), phi);
  }

  private static Op gap(Ops tf, Operand<TFloat64> l, int n, int k) {
    if (k == n) {
      return tf.noOp();
    }
    Operand<TFloat64> pair = tf.slice(l, tf.array(n - k - 1), tf.array(2));
    Operand<TFloat64> gap =
        tf.math.sub(
            tf.slice(pair, tf.array(1), tf.array(1)), tf.slice(pair, tf.array(0), tf.array(1)));
    Operand<TFloat64> largest = tf.reduceMax(tf.math.abs(l), tf.constant(0));
    Operand<TBool> wide =
        tf.math.greater(gap, tf.math.mul(tf.constant(BestRank.SMALLEST_GAP), largest));
    Operand<?> message =
        tf.constant(
            "the projector on "
                + k
                + " eigenvectors has no gradient: the eigenvalues at the cut differ by no more than "
                + BestRank.SMALLEST_GAP
                + " of the largest, or are not finite; they are ");
    return tf.assertThat(
        tf.squeeze(wide), List.of(message, pair, largest), AssertThat.summarize(3L));
  }

  /** Without gradients: those of functions are of another op. */
  private static SymmetricEigen constant(Ops tf, Operand<TFloat64> a) {
    checkSquare(a.shape());
    SelfAdjointEig<TFloat64> eigen = tf.linalg.selfAdjointEig(symmetricPart(tf, a));
    return new SymmetricEigen(tf.stopGradient(eigen.e()), tf.stopGradient(eigen.v()));
  }

  private Operand<TFloat64> apply(
      Ops tf, Operand<TFloat64> a, Operand<TFloat64> h, Operand<TFloat64> phi) {
    FunctionOp.declare(tf, FUNCTION);
    return FUNCTION.call(tf, a, vectors, tf.stopGradient(h), tf.stopGradient(phi)).output(0);
  }

  private static void checkSquare(Shape shape) {
    Operands.checkMatrix(shape);
    if (shape.get(0) != shape.get(1) || shape.get(0) < 1) {
      throw new IllegalArgumentException("expected a square matrix, found shape " + shape);
    }
  }

  private static Operand<TFloat64> symmetricPart(Ops tf, Operand<TFloat64> a) {
    return tf.math.mul(tf.constant(0.5), tf.math.add(a, Operands.transposed(tf, a)));
  }

  private static FunctionOp eigen() {
    FunctionBuilder f = new FunctionBuilder(OP);
    Node eigen =
        f.node("SelfAdjointEigV2", "eigen")
            .attr("compute_v", a -> a.setB(true))
            .in(f.input("a", DT_DOUBLE));
    return f.output("values", eigen.output("e")).output("vectors", eigen.output("v")).build();
  }

  private static List<Operand<?>> gradient(Ops tf, GraphOperation op, List<Output<?>> dy) {
    Operand<TFloat64> l = Operands.float64(op.output(0));
    Operand<TFloat64> v = Operands.float64(op.output(1));
    Operand<TFloat64> dl = Operands.float64OrZeros(tf, dy.get(0), op.output(0));
    Operand<TFloat64> dv = Operands.float64OrZeros(tf, dy.get(1), op.output(1));
    Operand<TFloat64> d = tf.math.sub(Operands.row(tf, l), Operands.column(tf, l));
    Operand<TFloat64> largest = tf.reduceMax(tf.math.abs(l), tf.constant(0));
    Operand<TFloat64> guard = tf.math.mul(tf.constant(GUARD), tf.math.square(largest));
    Operand<TFloat64> f = tf.math.divNoNan(d, tf.math.add(tf.math.square(d), guard));
    Operand<TFloat64> inner =
        tf.math.add(
            tf.linalg.tensorDiag(dl), tf.math.mul(f, Operands.product(tf, v, true, dv, false)));
    return List.of(symmetricPart(tf, conjugated(tf, v, false, inner)));
  }

  private static FunctionOp function() {
    FunctionBuilder f = new FunctionBuilder(FUNCTION_OP);
    f.input("a", DT_DOUBLE); // for the gradient alone
    Value v = f.input("vectors", DT_DOUBLE);
    Value h = f.input("h", DT_DOUBLE);
    f.input("phi", DT_DOUBLE); // likewise
    return f.output("value", f.matMul("value", f.op("Mul", "scaled", v, h), v, false, true))
        .build();
  }

  private static List<Operand<?>> functionGradient(Ops tf, GraphOperation op, List<Output<?>> dy) {
    Operand<TFloat64> v = Operands.float64(op.input(1));
    Operand<TFloat64> phi = Operands.float64(op.input(3));
    Operand<TFloat64> g = symmetricPart(tf, Operands.float64(dy.get(0)));
    return List.of(
        conjugated(tf, v, false, tf.math.mul(phi, conjugated(tf, v, true, g))),
        tf.zerosLike(v),
        tf.zerosLike(Operands.float64(op.input(2))),
        tf.zerosLike(phi));
  }

  /** {@code V x V^T}, or {@code V^T x V}. */
  private static Operand<TFloat64> conjugated(
      Ops tf, Operand<TFloat64> v, boolean transposed, Operand<TFloat64> x) {
    return Operands.product(
        tf, Operands.product(tf, v, transposed, x, false), false, v, !transposed);
  }
}
