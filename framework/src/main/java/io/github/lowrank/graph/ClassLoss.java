package io.github.lowrank.graph;

import io.github.lowrank.linalg.BestRank;
import io.github.lowrank.linalg.FactorKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat64;

/**
 * A loss for classes of nodes, after that of <a href="https://arxiv.org/abs/2106.05476">Zhang, Xie,
 * Wang and Huang (2021)</a>. With {@code z_i} the vectors of node i as a classifier sees them, its
 * row of {@code U_k sqrt(S_k)} and its row of {@code V_k sqrt(S_k)}, each of length 1:
 *
 * <pre>
 * beta sum_c tr(Z_c^T L_c Z_c) / (C tr(Z^T L_neg Z)) + gamma mean_i sum_c -ln sigmoid(y_ic l_ic)
 * </pre>
 *
 * <p>{@code L_c} is the Laplacian of the complete graph on the nodes of class c, {@code L_neg} that
 * of a random graph with ten edges for each node, {@code y_ic} 1 or -1. So nodes of one class come
 * near to each other, compared with random pairs.
 *
 * <p><b>What differs from the paper, and why.</b> Each sample has singular vectors of its own,
 * which are determined up to a rotation only, so a head {@code l = W^T z + b} that is carried from
 * sample to sample has no meaning, and in the authors' code it is in fact a fixed random
 * projection: it is never given to their optimizer. Here the head is made within the sample: half
 * of its nodes with labels are fitted by ridge regression of {@code y} on {@code z} (and 1, for the
 * bias), which has a closed form; the other half are what the loss sees, {@code l} being four times
 * the fit; then the halves change places. The head is a function of the sample, differentiated like
 * the rest. The Laplacians are of {@code Z} itself, for there is no projection in between. A
 * sigmoid for each class takes the place of the softmax, under which nodes with several classes
 * have no target.
 *
 * <p>All of it depends on {@code z_i . z_j} alone ({@link FactorKernels}), so no rotation or sign
 * of singular vectors changes it, nor does a repeated singular value. Nodes without labels take
 * part in the factorization and in {@code L_neg}; samples without labels have the loss 0.
 *
 * @param labels of the nodes of the whole network; only those that may be learned from
 * @param compactness beta
 * @param errors gamma
 */
public record ClassLoss(NodeLabels labels, double compactness, double errors)
    implements ProximityLoss {
  /** Edges of the random graph for each node. */
  private static final int RANDOM_EDGES = 10;

  /** Of the ridge regression. */
  static final double RIDGE = 1;

  /** From a fit of 1 and -1 to logits. */
  static final double SHARPNESS = 4;

  /** Added to squared lengths, for nodes that the best rank leaves out. */
  static final double LEAST_SQUARE = 1e-2;

  /** The paper's weights. */
  public static ClassLoss standard(NodeLabels labels) {
    return new ClassLoss(labels, 3, 1);
  }

  private record Built(
      NodeLabels labels,
      Operand<TFloat64> value,
      Placeholder<TFloat64> classes,
      Placeholder<TFloat64> halves,
      Placeholder<TFloat64> pairs)
      implements Term {
    @Override
    public Map<Placeholder<TFloat64>, double[]> feeds(Sample sample) {
      int n = sample.network().nodes();
      int count = labels.classes().size();
      double[] y = new double[n * count];
      List<Integer> known = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        for (int own : labels.labels()[sample.nodes()[i]]) {
          y[i * count + own] = 1;
        }
        if (labels.has(sample.nodes()[i])) {
          known.add(i);
        }
      }
      Random random = new Random(sample.seed());
      Collections.shuffle(known, random);
      double[] half = new double[2 * n];
      for (int i = 0; i < known.size(); i++) {
        half[i % 2 * n + known.get(i)] = 1;
      }
      double[] apart = new double[n * n];
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < RANDOM_EDGES; k++) {
          int j = random.nextInt(n);
          apart[i * n + j]++;
          apart[j * n + i]++;
        }
      }
      return Map.of(classes, y, halves, half, pairs, apart);
    }
  }

  @Override
  public Term of(Ops tf, Operand<TFloat64> x, int rank) {
    long n = x.shape().get(0);
    int count = labels.classes().size();
    Placeholder<TFloat64> classes =
        tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(n, count)));
    Placeholder<TFloat64> halves =
        tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(2, n)));
    Placeholder<TFloat64> pairs = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(n, n)));
    FactorKernels kernels = FactorKernels.of(tf, x, rank, BestRank.Tie.SHRINK);
    Operand<TFloat64> kernel = tf.math.add(unit(tf, kernels.left()), unit(tf, kernels.right()));
    Operand<TFloat64> squares = tf.linalg.tensorDiagPart(kernel);
    Operand<TFloat64> distances =
        tf.math.sub(
            tf.math.add(column(tf, squares), row(tf, squares)),
            tf.math.mul(tf.constant(2.0), kernel));
    Operand<TFloat64> together =
        sum(
            tf,
            tf.math.mul(tf.linalg.matMul(classes, classes, MatMul.transposeB(true)), distances));
    Operand<TFloat64> ratio =
        tf.math.divNoNan(
            together,
            tf.math.mul(tf.constant((double) count), sum(tf, tf.math.mul(pairs, distances))));

    // A constant 1 beside z is a bias.
    Operand<TFloat64> biased = tf.math.add(kernel, tf.constant(1.0));
    Operand<TFloat64> first = tf.slice(halves, tf.array(0, 0), tf.array(1, -1));
    Operand<TFloat64> second = tf.slice(halves, tf.array(1, 0), tf.array(1, -1));
    Operand<TFloat64> mean =
        tf.math.divNoNan(
            tf.math.add(
                missed(tf, biased, classes, first, second),
                missed(tf, biased, classes, second, first)),
            sum(tf, halves));
    Operand<TFloat64> value =
        tf.math.add(
            tf.math.mul(ratio, tf.constant(compactness)), tf.math.mul(mean, tf.constant(errors)));
    return new Built(labels, value, classes, halves, pairs);
  }

  /** {@code K_ij / sqrt(K_ii K_jj)}: the inner products of rows of length 1. */
  private static Operand<TFloat64> unit(Ops tf, Operand<TFloat64> kernel) {
    Operand<TFloat64> lengths =
        tf.math.rsqrt(tf.math.add(tf.linalg.tensorDiagPart(kernel), tf.constant(LEAST_SQUARE)));
    return tf.math.mul(tf.math.mul(kernel, column(tf, lengths)), row(tf, lengths));
  }

  /**
   * The sum of {@code -ln sigmoid(y l)} over the nodes of one half and all classes, after a ridge
   * regression on the other: {@code a = (K_ff + ridge I)^-1 y_f}, {@code l = sharpness K_tf a}.
   * Nodes that are not fitted have zeros in the place of {@code K_ff} and {@code y_f}, so all
   * samples have the same shapes.
   *
   * @param fit 1 for the nodes that are fitted, {@code [1, n]}
   * @param test 1 for those that the loss sees
   */
  private Operand<TFloat64> missed(
      Ops tf,
      Operand<TFloat64> kernel,
      Operand<TFloat64> classes,
      Operand<TFloat64> fit,
      Operand<TFloat64> test) {
    int n = (int) kernel.shape().get(0);
    double[] ridge = new double[n];
    Arrays.fill(ridge, RIDGE);
    Operand<TFloat64> fitted = tf.reshape(fit, tf.array(n, 1));
    Operand<TFloat64> fromFitted = tf.math.mul(kernel, fit);
    Operand<TFloat64> h =
        tf.math.add(tf.math.mul(fromFitted, fitted), tf.linalg.tensorDiag(tf.constant(ridge)));
    Operand<TFloat64> y = tf.math.sub(tf.math.mul(tf.constant(2.0), classes), tf.constant(1.0));
    Operand<TFloat64> targets = tf.math.mul(y, fitted);
    // MatrixInverse has no gradient. A step of Newton's method from the solution stays there and
    // has its derivative: da = -H^-1 dH a.
    Operand<TFloat64> inverse = tf.stopGradient(tf.linalg.inv(tf.stopGradient(h)));
    Operand<TFloat64> solution = tf.stopGradient(tf.linalg.matMul(inverse, targets));
    Operand<TFloat64> a =
        tf.math.add(
            solution,
            tf.linalg.matMul(inverse, tf.math.sub(targets, tf.linalg.matMul(h, solution))));
    Operand<TFloat64> logits = tf.math.mul(tf.linalg.matMul(fromFitted, a), tf.constant(SHARPNESS));
    Operand<TFloat64> misses = tf.math.softplus(tf.math.neg(tf.math.mul(y, logits)));
    return sum(tf, tf.math.mul(misses, tf.reshape(test, tf.array(n, 1))));
  }

  private static Operand<TFloat64> sum(Ops tf, Operand<TFloat64> matrix) {
    return tf.reduceSum(matrix, tf.array(0, 1));
  }

  private static Operand<TFloat64> column(Ops tf, Operand<TFloat64> values) {
    return tf.expandDims(values, tf.constant(1));
  }

  private static Operand<TFloat64> row(Ops tf, Operand<TFloat64> values) {
    return tf.expandDims(values, tf.constant(0));
  }
}
