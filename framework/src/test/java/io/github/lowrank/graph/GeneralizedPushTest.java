package io.github.lowrank.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.linalg.RandomizedSvd;
import io.github.lowrank.linalg.SparseMatrix;
import io.github.lowrank.op.Sessions;
import java.util.List;
import org.junit.jupiter.api.Test;

class GeneralizedPushTest {
  private static final List<StoppingProbabilities> ALL =
      List.of(
          StoppingProbabilities.poisson(1),
          StoppingProbabilities.poisson(5),
          StoppingProbabilities.geometric(0.5),
          StoppingProbabilities.pageRank(0.15),
          new StoppingProbabilities("own", new double[] {0, 0.3, 1, 0.5}));

  @Test
  void neverOverestimatesAndStaysWithinTheBound() {
    for (boolean weighted : new boolean[] {false, true}) {
      Network network = Networks.random(60, 300, false, weighted, 3);
      double[] degrees = GeneralizedPush.degrees(network);
      for (StoppingProbabilities stopping : ALL) {
        for (double delta : new double[] {1e-2, 1e-3, 1e-5}) {
          double[][] exact = Networks.proximities(network, stopping);
          SparseMatrix out = GeneralizedPush.proximities(network, stopping, delta, done -> {});
          for (int s = 0; s < network.nodes(); s++) {
            double[] row = dense(out, s);
            for (int t = 0; t < network.nodes(); t++) {
              double missing = exact[s][t] - row[t];
              // What is not above delta is omitted as well.
              double bound =
                  stopping.hops() * delta * degrees[t] + (row[t] == 0 ? delta : 0) + 1e-7;
              assertThat(missing).isBetween(-1e-7, bound);
            }
          }
        }
      }
    }
  }

  @Test
  void isExactAtATinyDelta() {
    for (boolean weighted : new boolean[] {false, true}) {
      Network network = Networks.random(40, 150, true, weighted, 4);
      StoppingProbabilities stopping = StoppingProbabilities.poisson(5);
      double[][] exact = Networks.proximities(network, stopping);
      double[][] back = Networks.proximities(network.reversed(), stopping);
      double delta = 1e-12;
      SparseMatrix log = GeneralizedPush.logarithm(network, stopping, delta, done -> {});
      for (int s = 0; s < network.nodes(); s++) {
        double[] row = dense(log, s);
        for (int t = 0; t < network.nodes(); t++) {
          double expected = Math.log(Math.max(1, (exact[s][t] + back[t][s]) / delta));
          assertThat(row[t]).isCloseTo(expected, within(1e-4));
        }
      }
    }
  }

  @Test
  void theLogarithmOfAnUndirectedNetworkIsSymmetric() {
    Network network = Networks.random(60, 300, false, true, 5);
    SparseMatrix log =
        GeneralizedPush.logarithm(network, StoppingProbabilities.poisson(1), 1e-3, done -> {});
    SparseMatrix other = log.transposed();
    assertThat(log.indices()).isDeepEqualTo(other.indices());
    for (int s = 0; s < network.nodes(); s++) {
      assertThat(log.values()[s]).containsExactly(other.values()[s]);
    }
  }

  @Test
  void theNumberOfThreadsChangesNoBit() {
    Network network = Networks.random(300, 1500, true, false, 6);
    NodeEmbedding one = embedded(network, "1");
    NodeEmbedding four = embedded(network, "4");
    assertThat(one.source().values()).containsExactly(four.source().values());
    assertThat(one.target().values()).containsExactly(four.target().values());
  }

  private static NodeEmbedding embedded(Network network, String threads) {
    String before = System.setProperty(Sessions.THREADS, threads);
    try {
      return NodeEmbedding.of(
          network, StoppingProbabilities.geometric(0.5), 1e-4, 16, 1, done -> {});
    } finally {
      if (before == null) {
        System.clearProperty(Sessions.THREADS);
      } else {
        System.setProperty(Sessions.THREADS, before);
      }
    }
  }

  @Test
  void productsOfFullRankAreTheLogarithm() {
    Network network = Networks.random(50, 200, true, false, 7);
    SparseMatrix log =
        GeneralizedPush.logarithm(network, StoppingProbabilities.poisson(1), 1e-4, done -> {});
    RandomizedSvd svd = RandomizedSvd.of(log, log.transposed(), 50, 1);
    NodeEmbedding embedding = new NodeEmbedding(svd.left(), svd.right());
    for (int s = 0; s < 50; s++) {
      double[] row = dense(log, s);
      for (int t = 0; t < 50; t++) {
        assertThat(embedding.score(s, t)).isCloseTo(row[t], within(1e-2));
      }
    }
  }

  @Test
  void refusesAThresholdThatIsNone() {
    Network network = Networks.random(5, 9, false, false, 8);
    assertThatThrownBy(
            () ->
                GeneralizedPush.proximities(
                    network, StoppingProbabilities.poisson(1), 0, done -> {}))
        .hasMessageContaining("expected delta in (0, 1), found 0.0");
  }

  private static double[] dense(SparseMatrix matrix, int row) {
    double[] dense = new double[matrix.columns()];
    for (int i = 0; i < matrix.indices()[row].length; i++) {
      dense[matrix.indices()[row][i]] = matrix.values()[row][i];
    }
    return dense;
  }
}
