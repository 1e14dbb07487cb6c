package io.github.lowrank.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.linalg.ThinSvd;
import io.github.lowrank.op.Sessions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;

/** The loss in the graph against plain Java with an explicit head on rotated singular vectors. */
class ClassLossTest {
  private static final int NODES = 24;
  private static final int RANK = 4;
  private static final int CLASSES = 3;

  /** The value of a loss, what was fed, and the factors of the matrix it was computed from. */
  private record Run(double value, double[] y, double[] halves, double[] pairs, double[][] z) {}

  private static Run run(NodeLabels labels, double compactness, double errors) {
    Random random = new Random(1);
    double[] x = random.doubles(NODES * NODES).map(v -> 6 * v).toArray();
    int[] nodes = IntStream.range(0, NODES).map(i -> NODES - 1 - i).toArray();
    Sample sample = new Sample(Networks.random(NODES, 60, false, false, 2), nodes, 7);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Shape square = Shape.of(NODES, NODES);
      Operand<TFloat64> matrix = tf.reshape(tf.constant(x), tf.array(NODES, NODES));
      ProximityLoss.Term term = new ClassLoss(labels, compactness, errors).of(tf, matrix, RANK);
      ThinSvd<TFloat64> svd = ThinSvd.of(tf, matrix).truncated(tf, RANK);
      Operand<TFloat64> roots = tf.math.sqrt(svd.s());
      Map<Placeholder<TFloat64>, double[]> feeds = term.feeds(sample);
      List<TFloat64> fed = new ArrayList<>();
      double[] y = null;
      double[] halves = null;
      double[] pairs = null;
      try (Session session = Sessions.open(graph)) {
        Session.Runner runner =
            session
                .runner()
                .fetch(term.value())
                .fetch(tf.math.mul(svd.u(), roots))
                .fetch(tf.math.mul(svd.v(), roots));
        for (var feed : feeds.entrySet()) {
          Shape shape = feed.getKey().shape();
          fed.add(TFloat64.tensorOf(shape, DataBuffers.of(feed.getValue())));
          runner.feed(feed.getKey(), fed.get(fed.size() - 1));
          if (shape.equals(square)) {
            pairs = feed.getValue();
          } else if (shape.get(0) == 2) {
            halves = feed.getValue();
          } else {
            y = feed.getValue();
          }
        }
        try (Result result = runner.run()) {
          double[][] z = new double[NODES][2 * RANK];
          for (int side = 0; side < 2; side++) {
            TFloat64 factor = (TFloat64) result.get(1 + side);
            double[][] rotation = rotation(random);
            for (int i = 0; i < NODES; i++) {
              double square2 = ClassLoss.LEAST_SQUARE;
              for (int k = 0; k < RANK; k++) {
                for (int c = 0; c < RANK; c++) {
                  z[i][side * RANK + k] += factor.getDouble(i, c) * rotation[c][k];
                }
                square2 += z[i][side * RANK + k] * z[i][side * RANK + k];
              }
              for (int k = 0; k < RANK; k++) {
                z[i][side * RANK + k] /= Math.sqrt(square2);
              }
            }
          }
          return new Run(((TFloat64) result.get(0)).getDouble(), y, halves, pairs, z);
        }
      } finally {
        fed.forEach(TFloat64::close);
      }
    }
  }

  /** Of two planes, one after the other. */
  private static double[][] rotation(Random random) {
    double a = random.nextDouble();
    double[][] q = new double[RANK][RANK];
    for (int plane = 0; plane < RANK; plane += 2) {
      q[plane][plane + 1 < RANK ? plane + 1 : plane] = Math.cos(a);
      q[plane][plane] = Math.sin(a);
      q[plane + 1][plane] = Math.cos(a);
      q[plane + 1][plane + 1] = -Math.sin(a);
    }
    return q;
  }

  @Test
  void nodesOfAClassAreComparedWithRandomPairs() {
    Run run = run(Networks.labels(NODES, CLASSES, 14, 3), 2, 0);
    double together = 0;
    double apart = 0;
    for (int i = 0; i < NODES; i++) {
      for (int j = 0; j < NODES; j++) {
        double square = 0;
        for (int k = 0; k < 2 * RANK; k++) {
          square += Math.pow(run.z[i][k] - run.z[j][k], 2);
        }
        for (int c = 0; c < CLASSES; c++) {
          together += run.y[i * CLASSES + c] * run.y[j * CLASSES + c] * square / 2;
        }
        apart += run.pairs[i * NODES + j] * square / 2;
      }
    }
    assertThat(run.value).isCloseTo(2 * together / (CLASSES * apart), within(1e-10));
  }

  @Test
  void theHeadIsARidgeRegressionOnTheOtherHalf() {
    NodeLabels labels = Networks.labels(NODES, CLASSES, 14, 3);
    Run run = run(labels, 0, 2);
    double sum = 0;
    for (int half = 0; half < 2; half++) {
      for (int c = 0; c < CLASSES; c++) {
        double[] w = head(run, half, c);
        for (int i = 0; i < NODES; i++) {
          if (run.halves[(1 - half) * NODES + i] == 1) {
            double logit = w[2 * RANK];
            for (int k = 0; k < 2 * RANK; k++) {
              logit += w[k] * run.z[i][k];
            }
            double sign = run.y[i * CLASSES + c] == 1 ? 1 : -1;
            sum += Math.log1p(Math.exp(-sign * ClassLoss.SHARPNESS * logit));
          }
        }
      }
    }
    assertThat(run.value).isCloseTo(2 * sum / 14, within(1e-10));
    for (int i = 0; i < NODES; i++) {
      boolean known = labels.labels()[NODES - 1 - i].length > 0;
      assertThat(run.halves[i] + run.halves[NODES + i]).isEqualTo(known ? 1 : 0);
    }
  }

  @Test
  void aSampleWithoutLabelsHasNoLoss() {
    assertThat(run(Networks.labels(NODES, CLASSES, 0, 3), 2, 2).value).isZero();
  }

  /** {@code argmin sum_i (w . (z_i, 1) - y_i)^2 + ridge w . w} over a half, by elimination. */
  private static double[] head(Run run, int half, int c) {
    int n = 2 * RANK + 1;
    double[][] a = new double[n][n + 1];
    for (int k = 0; k < n; k++) {
      a[k][k] = ClassLoss.RIDGE;
    }
    for (int i = 0; i < NODES; i++) {
      if (run.halves[half * NODES + i] == 1) {
        double[] f = new double[n];
        System.arraycopy(run.z[i], 0, f, 0, 2 * RANK);
        f[n - 1] = 1;
        for (int k = 0; k < n; k++) {
          for (int l = 0; l < n; l++) {
            a[k][l] += f[k] * f[l];
          }
          a[k][n] += f[k] * (run.y[i * CLASSES + c] == 1 ? 1 : -1);
        }
      }
    }
    for (int k = 0; k < n; k++) {
      for (int row = 0; row < n; row++) {
        double factor = row == k ? 0 : a[row][k] / a[k][k];
        for (int l = k; l <= n; l++) {
          a[row][l] -= factor * a[k][l];
        }
      }
    }
    double[] w = new double[n];
    for (int k = 0; k < n; k++) {
      w[k] = a[k][n] / a[k][k];
    }
    return w;
  }
}
