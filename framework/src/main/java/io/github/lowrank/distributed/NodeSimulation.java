package io.github.lowrank.distributed;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Node by node, with the code that processes run: {@link GossipNode}'s results are equal to this
 * one's to the last bit.
 */
public final class NodeSimulation implements Simulation {
  private final List<Node> nodes = new ArrayList<>();
  private final Network network;
  private long sent;

  /**
   * All nodes before their first round.
   *
   * @param rows of each node, {@code [m_j, n]}
   */
  public NodeSimulation(Network network, Algorithm algorithm, List<DoubleMatrix> rows) {
    this.network = network;
    for (int j = 0; j < network.nodes(); j++) {
      nodes.add(new Node(algorithm, j, network.weights(j), rows.get(j)));
    }
  }

  @Override
  public void run(long rounds) {
    for (long i = 0; i < rounds; i++) {
      Map<Integer, double[]> messages = new TreeMap<>();
      for (int j = 0; j < nodes.size(); j++) {
        double[] message = nodes.get(j).message();
        messages.put(j, message);
        sent += (long) message.length * network.neighbours().get(j).size();
      }
      nodes.forEach(node -> node.step(messages));
    }
  }

  @Override
  public long round() {
    return nodes.get(0).round();
  }

  @Override
  public List<List<DoubleMatrix>> states() {
    return nodes.stream().map(Node::state).toList();
  }

  @Override
  public long numbersSent() {
    return sent;
  }

  /** Nothing to free. */
  @Override
  public void close() {}
}
