package io.github.lowrank.graph;

import io.github.lowrank.linalg.BestRank;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;

/**
 * The loss for link prediction of <a href="https://arxiv.org/abs/2106.05476">Zhang, Xie, Wang and
 * Huang (2021)</a>, with {@code P = U_k S_k V_k^T} the best product of rank k:
 *
 * <pre>
 * beta mean_j (sum_{i != j} P_ij - deg_j)^2 / n^2 - gamma mean_{(i, j) in E} ln sigmoid(P_ij)
 * </pre>
 *
 * <p>The degrees stand in for negative examples.
 *
 * @param degrees beta
 * @param edges gamma
 */
public record LinkLoss(double degrees, double edges) implements ProximityLoss {
  /** The paper's weights. */
  public static LinkLoss standard() {
    return new LinkLoss(0.01, 1);
  }

  private record Built(Operand<TFloat64> value, Placeholder<TFloat64> adjacency) implements Term {
    @Override
    public Map<Placeholder<TFloat64>, double[]> feeds(Sample sample) {
      Network network = sample.network();
      int n = network.nodes();
      double[] edges = new double[n * n];
      for (int i = 0; i < n; i++) {
        for (int arc = network.offsets()[i]; arc < network.offsets()[i + 1]; arc++) {
          edges[i * n + network.targets()[arc]] = 1;
        }
      }
      return Map.of(adjacency, edges);
    }
  }

  @Override
  public Term of(Ops tf, Operand<TFloat64> x, int rank) {
    Shape square = x.shape();
    long n = square.get(0);
    Placeholder<TFloat64> adjacency = tf.placeholder(TFloat64.class, Placeholder.shape(square));
    Operand<TFloat64> p = BestRank.of(tf, x, rank, BestRank.Tie.SHRINK).product();
    Operand<TFloat64> sums =
        tf.math.sub(tf.reduceSum(p, tf.constant(0)), tf.linalg.tensorDiagPart(p));
    Operand<TFloat64> misses =
        tf.math.squaredDifference(sums, tf.reduceSum(adjacency, tf.constant(0)));
    Operand<TFloat64> spread =
        tf.math.mul(tf.math.mean(misses, tf.constant(0)), tf.constant(degrees / ((double) n * n)));
    Operand<TFloat64> missed = tf.math.mul(adjacency, tf.math.softplus(tf.math.neg(p)));
    Operand<TFloat64> mean =
        tf.math.div(tf.reduceSum(missed, tf.array(0, 1)), tf.reduceSum(adjacency, tf.array(0, 1)));
    return new Built(tf.math.add(spread, tf.math.mul(mean, tf.constant(edges))), adjacency);
  }
}
