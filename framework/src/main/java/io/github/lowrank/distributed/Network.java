package io.github.lowrank.distributed;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which nodes talk to which: an undirected, connected graph.
 *
 * @param neighbours of each node, ascending
 */
public record Network(List<List<Integer>> neighbours) {
  private static final int DRAWS = 100_000;

  /** Checks that the graph is undirected and connected. */
  public Network {
    neighbours = neighbours.stream().map(List::copyOf).toList();
    if (neighbours.isEmpty()) {
      throw new IllegalArgumentException("expected at least one node, found none");
    }
    for (int node = 0; node < neighbours.size(); node++) {
      List<Integer> own = neighbours.get(node);
      if (!own.equals(List.copyOf(new TreeSet<>(own))) || own.contains(node)) {
        throw new IllegalArgumentException(
            "node %d: expected other nodes, ascending, found %s".formatted(node, own));
      }
      for (int other : own) {
        if (other < 0 || other >= neighbours.size() || !neighbours.get(other).contains(node)) {
          throw new IllegalArgumentException(
              "expected links in both directions, found one from node %d to node %d alone"
                  .formatted(node, other));
        }
      }
    }
    if (!connected(neighbours)) {
      throw new IllegalArgumentException("expected a connected network, found " + neighbours);
    }
  }

  /** A ring. */
  public static Network ring(int nodes) {
    List<Set<Integer>> links = unlinked(nodes);
    for (int node = 0; node < nodes && nodes > 1; node++) {
      link(links, node, (node + 1) % nodes);
    }
    return of(links);
  }

  /**
   * Each pair linked with probability {@code p}; drawn again until all nodes are connected.
   *
   * @throws IllegalArgumentException if no draw is connected
   */
  public static Network random(int nodes, double p, Random random) {
    for (int draw = 0; draw < DRAWS; draw++) {
      List<Set<Integer>> links = unlinked(nodes);
      for (int a = 0; a < nodes; a++) {
        for (int b = a + 1; b < nodes; b++) {
          if (random.nextDouble() < p) {
            link(links, a, b);
          }
        }
      }
      if (connected(links)) {
        return of(links);
      }
    }
    throw new IllegalArgumentException(
        "%d nodes whose pairs are linked with probability %s were not connected in %,d draws: expected a higher probability"
            .formatted(nodes, p, DRAWS));
  }

  private static List<Set<Integer>> unlinked(int nodes) {
    List<Set<Integer>> links = new ArrayList<>();
    for (int node = 0; node < nodes; node++) {
      links.add(new TreeSet<>());
    }
    return links;
  }

  private static void link(List<Set<Integer>> links, int a, int b) {
    links.get(a).add(b);
    links.get(b).add(a);
  }

  private static Network of(List<Set<Integer>> links) {
    return new Network(links.stream().map(List::copyOf).toList());
  }

  private static boolean connected(List<? extends Iterable<Integer>> neighbours) {
    Set<Integer> reached = new HashSet<>(Set.of(0));
    Deque<Integer> open = new ArrayDeque<>(reached);
    while (!open.isEmpty()) {
      for (int other : neighbours.get(open.remove())) {
        if (reached.add(other)) {
          open.add(other);
        }
      }
    }
    return reached.size() == neighbours.size();
  }

  /** Number of nodes, J. */
  public int nodes() {
    return neighbours.size();
  }

  /** Messages of a round: one from each node to each of its neighbours. */
  public int messages() {
    return neighbours.stream().mapToInt(List::size).sum();
  }

  /**
   * What a node multiplies the messages of itself and its neighbours by, by node. These are
   * Metropolis weights (Xiao, Boyd and Lall, 2006): {@code 1 / (1 + max(deg_i, deg_j))} for a link,
   * and for the node itself what is left of 1. On a ring they are 1/3, 1/3, 1/3.
   */
  public SortedMap<Integer, Double> weights(int node) {
    SortedMap<Integer, Double> weights = new TreeMap<>();
    double own = 1;
    for (int other : neighbours.get(node)) {
      double weight =
          1.0 / (1 + Math.max(neighbours.get(node).size(), neighbours.get(other).size()));
      weights.put(other, weight);
      own -= weight;
    }
    weights.put(node, own);
    return Collections.unmodifiableSortedMap(weights);
  }

  /** The weights of all nodes, {@code W [J, J]}: symmetric and doubly stochastic. */
  public DoubleMatrix mixing() {
    DoubleMatrix mixing = DoubleMatrix.zeros(nodes(), nodes());
    for (int node = 0; node < nodes(); node++) {
      int row = node * nodes();
      weights(node).forEach((other, weight) -> mixing.values()[row + other] = weight);
    }
    return mixing;
  }
}
