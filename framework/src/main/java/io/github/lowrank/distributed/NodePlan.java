package io.github.lowrank.distributed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a node's process is told: all that it knows of the network. In JSON it is {@code node.json}.
 *
 * @param run equal for all nodes of a run, and for no other run
 * @param node number of this node, from 0
 * @param host where it listens
 * @param port where it listens
 * @param weight of its own message
 * @param neighbours the nodes that it talks to; the one with the lower number listens, the other
 *     connects
 * @param columns numbers per row, n
 * @param scale the algorithm sees the rows divided by this, so that a step fits all tables
 * @param algorithm what is computed
 * @param rounds number of rounds
 * @param patienceMillis how long a neighbour may be silent, in milliseconds
 */
public record NodePlan(
    String run,
    int node,
    String host,
    int port,
    double weight,
    List<Neighbour> neighbours,
    int columns,
    double scale,
    Algorithm algorithm,
    long rounds,
    long patienceMillis) {
  /**
   * A neighbour.
   *
   * @param weight of its messages
   */
  public record Neighbour(int node, String host, int port, double weight) {}

  public NodePlan {
    neighbours = List.copyOf(neighbours);
  }

  /**
   * The plans of all nodes of a network on one host.
   *
   * @param ports one per node
   */
  public static List<NodePlan> of(
      String run,
      Network network,
      Algorithm algorithm,
      long rounds,
      int columns,
      double scale,
      String host,
      List<Integer> ports,
      Duration patience) {
    List<NodePlan> plans = new ArrayList<>();
    for (int j = 0; j < network.nodes(); j++) {
      SortedMap<Integer, Double> weights = network.weights(j);
      plans.add(
          new NodePlan(
              run,
              j,
              host,
              ports.get(j),
              weights.get(j),
              network.neighbours().get(j).stream()
                  .map(i -> new Neighbour(i, host, ports.get(i), weights.get(i)))
                  .toList(),
              columns,
              scale,
              algorithm,
              rounds,
              patience.toMillis()));
    }
    return plans;
  }

  /** Whether this is {@code before} but for addresses and patience. */
  boolean continues(NodePlan before) {
    return run.equals(before.run)
        && node == before.node
        && weights().equals(before.weights())
        && columns == before.columns
        && scale == before.scale
        && algorithm.equals(before.algorithm)
        && rounds == before.rounds;
  }

  /** The weights of the node and its neighbours, by node. */
  SortedMap<Integer, Double> weights() {
    SortedMap<Integer, Double> weights = new TreeMap<>();
    weights.put(node, weight);
    neighbours.forEach(n -> weights.put(n.node(), n.weight()));
    return weights;
  }
}
