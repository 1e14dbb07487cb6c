package io.github.lowrank.graph;

import java.util.Random;
import java.util.stream.IntStream;

/** Small networks for tests. */
final class Networks {
  private Networks() {}

  /** Random edges, some of them twice, some loops; the last node has none. */
  static Network random(int nodes, int edges, boolean directed, boolean weighted, long seed) {
    Random random = new Random(seed);
    int[] from = new int[edges];
    int[] to = new int[edges];
    float[] weights = new float[weighted ? edges : 0];
    for (int e = 0; e < edges; e++) {
      from[e] = (int) ((nodes - 1) * Math.pow(random.nextDouble(), 2));
      to[e] = random.nextInt(nodes - 1);
      if (weighted) {
        weights[e] = 0.5f + random.nextFloat();
      }
    }
    return Network.of(
        IntStream.range(0, nodes).mapToObj(Integer::toString).toList(),
        directed,
        new Network.Edges(from, to, weights));
  }

  /** Random classes, one or two, of the first {@code known} nodes. */
  static NodeLabels labels(int nodes, int classes, int known, long seed) {
    Random random = new Random(seed);
    return new NodeLabels(
        IntStream.range(0, classes).mapToObj(Integer::toString).toList(),
        IntStream.range(0, nodes)
            .mapToObj(
                i ->
                    i >= known
                        ? new int[0]
                        : random.ints(1 + i % 2, 0, classes).distinct().sorted().toArray())
            .toArray(int[][]::new),
        0);
  }

  /** {@code T = D^-1 A}, {@code [nodes, nodes]}. */
  static double[][] transitions(Network network) {
    int n = network.nodes();
    double[][] t = new double[n][n];
    for (int i = 0; i < n; i++) {
      double sum = 0;
      for (int arc = network.offsets()[i]; arc < network.offsets()[i + 1]; arc++) {
        sum += network.weight(arc);
      }
      for (int arc = network.offsets()[i]; arc < network.offsets()[i + 1]; arc++) {
        t[i][network.targets()[arc]] = network.weight(arc) / sum;
      }
      if (network.degree(i) == 0) {
        t[i][i] = 1;
      }
    }
    return t;
  }

  /** {@code sum_i c_i T^i}. */
  static double[][] proximities(Network network, StoppingProbabilities stopping) {
    int n = network.nodes();
    double[][] t = transitions(network);
    double[][] power = new double[n][n];
    double[][] sum = new double[n][n];
    for (int i = 0; i < n; i++) {
      power[i][i] = 1;
    }
    for (double c : stopping.coefficients()) {
      double[][] next = new double[n][n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          sum[i][j] += c * power[i][j];
          for (int k = 0; k < n; k++) {
            next[i][k] += power[i][j] * t[j][k];
          }
        }
      }
      power = next;
    }
    return sum;
  }
}
