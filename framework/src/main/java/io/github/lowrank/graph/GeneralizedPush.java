package io.github.lowrank.graph;

import io.github.lowrank.linalg.Parallel;
import io.github.lowrank.linalg.SparseMatrix;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Proximities {@code Pi = sum_i c_i T^i} of all nodes without powers of matrices, by forward push
 * with one stopping probability per hop, <a href="https://arxiv.org/abs/2106.05476">Zhang, Xie,
 * Wang and Huang (2021)</a>. From each source {@code s}, hop after hop:
 *
 * <pre>
 * r_0(s) = 1
 * out(u) += alpha_k r_k(u)
 * r_{k+1}(v) += (1 - alpha_k) r_k(u) w(u, v) / d(u)   if r_k(u) > delta d(u), for every edge u -> v
 * </pre>
 *
 * <p>What is not pushed is less than {@code delta d(u)}, so a source costs {@code O(hops / delta)}
 * whatever the size of the network. On an undirected network, {@code 0 <= Pi(s, t) - out(t) <= hops
 * delta d(t)}. Walks stay at nodes without an edge that leaves them. Weights are divided by their
 * mean, so that {@code d} is comparable to a number of edges.
 */
public final class GeneralizedPush {
  private static final int BLOCK = 16;

  private final Network network;
  private final double[] alpha;
  private final double delta;
  private final double[] degrees;

  private GeneralizedPush(Network network, StoppingProbabilities stopping, double delta) {
    if (!(delta > 0 && delta < 1)) {
      throw new IllegalArgumentException("expected delta in (0, 1), found " + delta);
    }
    this.network = network;
    this.alpha = stopping.alpha();
    this.delta = delta;
    this.degrees = degrees(network);
  }

  /** Degrees, their mean that of the numbers of edges; 1 for a node without edges. */
  static double[] degrees(Network network) {
    double[] degrees = new double[network.nodes()];
    double sum = 0;
    for (int i = 0; i < degrees.length; i++) {
      for (int arc = network.offsets()[i]; arc < network.offsets()[i + 1]; arc++) {
        degrees[i] += network.weight(arc);
      }
      sum += degrees[i];
    }
    double mean = sum == 0 ? 1 : sum / network.targets().length;
    for (int i = 0; i < degrees.length; i++) {
      degrees[i] = network.degree(i) == 0 ? 1 : degrees[i] / mean;
    }
    return degrees;
  }

  /**
   * Proximities above {@code delta}.
   *
   * @param progress is told the number of sources that are done, by any thread
   * @return {@code [nodes, nodes]}; row s holds {@code out} of source s
   */
  public static SparseMatrix proximities(
      Network network, StoppingProbabilities stopping, double delta, IntConsumer progress) {
    GeneralizedPush push = new GeneralizedPush(network, stopping, delta);
    int n = network.nodes();
    int[][] indices = new int[n][];
    float[][] values = new float[n][];
    AtomicInteger done = new AtomicInteger();
    ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(() -> new Scratch(n));
    Parallel.blocks(
        n,
        BLOCK,
        (from, to) -> {
          for (int s = from; s < to; s++) {
            push.from(s, scratch.get(), indices, values);
            progress.accept(done.incrementAndGet());
          }
        });
    return new SparseMatrix(n, indices, values);
  }

  /**
   * The sparse logarithm {@code ln((Pi + Pi'^T) / delta)} of proximities above {@code delta}, where
   * {@code Pi'} is the proximity on the reversed network: {@code Pi} itself if it is undirected,
   * and then the matrix is symmetric.
   */
  public static SparseMatrix logarithm(
      Network network, StoppingProbabilities stopping, double delta, IntConsumer progress) {
    SparseMatrix forward = proximities(network, stopping, delta, progress);
    SparseMatrix backward =
        network.directed()
            ? proximities(
                network.reversed(),
                stopping,
                delta,
                done -> progress.accept(network.nodes() + done))
            : forward;
    SparseMatrix sum = forward.plus(backward.transposed());
    for (float[] row : sum.values()) {
      for (int i = 0; i < row.length; i++) {
        row[i] = (float) Math.log(row[i] / delta);
      }
    }
    return sum;
  }

  /** Arrays of one thread; all zero between sources. */
  private static final class Scratch {
    private final double[] out;
    private final Hop first;
    private final Hop second;
    private final int[] reached;
    private int count;

    private Scratch(int nodes) {
      out = new double[nodes];
      first = new Hop(nodes);
      second = new Hop(nodes);
      reached = new int[nodes];
    }

    private void stop(int node, double mass) {
      if (mass > 0) {
        if (out[node] == 0) {
          reached[count++] = node;
        }
        out[node] += mass;
      }
    }
  }

  /** What has arrived at a hop. */
  private static final class Hop {
    private final double[] mass;
    private final int[] nodes;
    private int count;

    private Hop(int nodes) {
      this.mass = new double[nodes];
      this.nodes = new int[nodes];
    }

    private void add(int node, double share) {
      if (mass[node] == 0) {
        nodes[count++] = node;
      }
      mass[node] += share;
    }
  }

  private void from(int source, Scratch scratch, int[][] indices, float[][] values) {
    Hop now = scratch.first;
    Hop next = scratch.second;
    now.add(source, 1);
    for (int k = 0; k < alpha.length && now.count > 0; k++) {
      for (int i = 0; i < now.count; i++) {
        int u = now.nodes[i];
        double mass = now.mass[u];
        now.mass[u] = 0;
        scratch.stop(u, alpha[k] * mass);
        double going = (1 - alpha[k]) * mass;
        if (k + 1 < alpha.length && going > 0 && (k == 0 || mass > delta * degrees[u])) {
          push(u, going, next);
        }
      }
      now.count = 0;
      Hop other = now;
      now = next;
      next = other;
    }
    int kept = 0;
    for (int i = 0; i < scratch.count; i++) {
      if (scratch.out[scratch.reached[i]] > delta) {
        kept++;
      }
    }
    int[] columns = new int[kept];
    float[] row = new float[kept];
    kept = 0;
    for (int i = 0; i < scratch.count; i++) {
      if (scratch.out[scratch.reached[i]] > delta) {
        columns[kept++] = scratch.reached[i];
      }
    }
    Arrays.sort(columns);
    for (int i = 0; i < kept; i++) {
      row[i] = (float) scratch.out[columns[i]];
    }
    for (int i = 0; i < scratch.count; i++) {
      scratch.out[scratch.reached[i]] = 0;
    }
    scratch.count = 0;
    indices[source] = columns;
    values[source] = row;
  }

  private void push(int u, double mass, Hop next) {
    int start = network.offsets()[u];
    int end = network.offsets()[u + 1];
    if (start == end) {
      next.add(u, mass);
      return;
    }
    double share = mass / (end - start);
    if (network.weights().length == 0) {
      for (int arc = start; arc < end; arc++) {
        next.add(network.targets()[arc], share);
      }
      return;
    }
    double sum = 0;
    for (int arc = start; arc < end; arc++) {
      sum += network.weights()[arc];
    }
    for (int arc = start; arc < end; arc++) {
      next.add(network.targets()[arc], mass * network.weights()[arc] / sum);
    }
  }
}
