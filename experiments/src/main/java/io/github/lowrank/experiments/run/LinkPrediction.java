package io.github.lowrank.experiments.run;

import io.github.lowrank.graph.Network;
import io.github.lowrank.graph.NodeEmbedding;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A network from which some edges are removed, to be told from as many pairs of nodes that have
 * none.
 *
 * @param train the network without the removed edges
 * @param edges the removed ones
 * @param others pairs without an edge, as many
 */
public record LinkPrediction(Network train, Network.Edges edges, Network.Edges others) {
  /** The paper's share of removed edges. */
  public static final double SHARE = 0.3;

  /**
   * How well edges are told from other pairs.
   *
   * @param auc area under the ROC curve, of {@code U_i V_j + U_j V_i}
   * @param precision share of edges among the m pairs with the highest such scores, of 2 m
   * @param oneAuc the same of {@code U_i V_j} alone, the paper's score
   * @param onePrecision the same of {@code U_i V_j}
   */
  public record Scores(double auc, double precision, double oneAuc, double onePrecision) {
    /** The area that fits the network: direction counts if it is directed. */
    public double auc(Network network) {
      return network.directed() ? oneAuc : auc;
    }
  }

  /**
   * Removes a share of the edges.
   *
   * @throws IllegalArgumentException if there are too few edges, or too few pairs without one
   */
  public static LinkPrediction of(Network network, double share, long seed) {
    Random random = new Random(seed);
    Network.Edges all = network.edges();
    int removed = (int) Math.round(share * all.size());
    if (removed < 1 || removed == all.size()) {
      throw new IllegalArgumentException(
          "expected enough edges to remove %s of them, found %d".formatted(share, all.size()));
    }
    double pairs = network.nodes() * (network.nodes() - 1.0) / (network.directed() ? 1 : 2);
    if (pairs - all.size() < 2.0 * removed) {
      throw new IllegalArgumentException(
          "expected at least %d pairs of nodes without an edge, found %.0f"
              .formatted(2 * removed, pairs - all.size()));
    }
    int[] order = IntStream.range(0, all.size()).toArray();
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int other = order[i];
      order[i] = order[j];
      order[j] = other;
    }
    int[] from = new int[removed];
    int[] to = new int[removed];
    Set<Long> drawn = new HashSet<>();
    for (int count = 0; count < removed; ) {
      int a = random.nextInt(network.nodes());
      int b = random.nextInt(network.nodes());
      boolean swapped = !network.directed() && a > b;
      long key = swapped ? (long) b << 32 | a : (long) a << 32 | b;
      if (a != b && !network.connects(a, b) && drawn.add(key)) {
        from[count] = (int) (key >> 32);
        to[count++] = (int) key;
      }
    }
    return new LinkPrediction(
        network.with(all.at(Arrays.copyOfRange(order, removed, order.length))),
        all.at(Arrays.copyOf(order, removed)),
        new Network.Edges(from, to, new float[0]));
  }

  /** How well an embedding of {@link #train} tells the removed edges. */
  public Scores scores(NodeEmbedding embedding) {
    int m = edges.size();
    double[] one = new double[2 * m];
    double[] both = new double[2 * m];
    for (int i = 0; i < 2 * m; i++) {
      Network.Edges pairs = i < m ? edges : others;
      int a = pairs.from()[i % m];
      int b = pairs.to()[i % m];
      one[i] = embedding.score(a, b);
      both[i] = one[i] + embedding.score(b, a);
    }
    return new Scores(auc(both, m), precision(both, m), auc(one, m), precision(one, m));
  }

  /** Area under the ROC curve; the first m scores are those of edges, and equal ones count half. */
  static double auc(double[] scores, int m) {
    Integer[] order = descending(scores);
    double wins = 0;
    long edgesBefore = 0;
    for (int start = 0; start < order.length; ) {
      int end = start;
      int own = 0;
      while (end < order.length && scores[order[end]] == scores[order[start]]) {
        own += order[end++] < m ? 1 : 0;
      }
      wins += (end - start - own) * (edgesBefore + own / 2.0);
      edgesBefore += own;
      start = end;
    }
    return wins / ((double) m * (scores.length - m));
  }

  /** Share of edges among the m highest scores; of equal ones at the end, the expected number. */
  static double precision(double[] scores, int m) {
    Integer[] order = descending(scores);
    double found = 0;
    for (int start = 0; start < m; ) {
      int end = start;
      int own = 0;
      while (end < order.length && scores[order[end]] == scores[order[start]]) {
        own += order[end++] < m ? 1 : 0;
      }
      found += own * (double) (Math.min(end, m) - start) / (end - start);
      start = end;
    }
    return found / m;
  }

  private static Integer[] descending(double[] scores) {
    Integer[] order = IntStream.range(0, scores.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> -scores[i]));
    return order;
  }
}
