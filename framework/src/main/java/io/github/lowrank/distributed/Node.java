package io.github.lowrank.distributed;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * One node: its rows, its state and its round. Simulation and processes both run this code, and
 * Java's arithmetic is the same everywhere, so their bits are equal. Not thread-safe.
 */
final class Node {
  private final Algorithm algorithm;
  private final int index;
  private final SortedMap<Integer, Double> weights;
  private final DoubleMatrix rows;
  private List<DoubleMatrix> state;
  private long round;

  /**
   * A node that goes on from a state.
   *
   * @param weights of itself and of its neighbours
   */
  Node(
      Algorithm algorithm,
      int index,
      SortedMap<Integer, Double> weights,
      DoubleMatrix rows,
      List<DoubleMatrix> state,
      long round) {
    this.algorithm = algorithm;
    this.index = index;
    this.weights = weights;
    this.rows = rows;
    this.state = state;
    this.round = round;
  }

  /** A node before its first round. */
  Node(Algorithm algorithm, int index, SortedMap<Integer, Double> weights, DoubleMatrix rows) {
    this(algorithm, index, weights, rows, algorithm.start(rows, index), 0);
  }

  List<DoubleMatrix> state() {
    return state;
  }

  long round() {
    return round;
  }

  /** All numbers that the node sends to each of its neighbours in this round. */
  double[] message() {
    List<DoubleMatrix> parts = algorithm.round(round).message(state);
    double[] message = new double[parts.stream().mapToInt(p -> p.values().length).sum()];
    int at = 0;
    for (DoubleMatrix part : parts) {
      System.arraycopy(part.values(), 0, message, at, part.values().length);
      at += part.values().length;
    }
    return message;
  }

  /**
   * Does a round.
   *
   * @param messages of the node and its neighbours
   */
  void step(Map<Integer, double[]> messages) {
    double[] sum = new double[messages.get(index).length];
    weights.forEach( // ascending: the order decides the last bits
        (other, weight) -> {
          double[] message = messages.get(other);
          for (int i = 0; i < sum.length; i++) {
            sum[i] += weight * message[i];
          }
        });
    Round now = algorithm.round(round);
    List<DoubleMatrix> mixed = new ArrayList<>();
    int at = 0;
    for (DoubleMatrix part : now.message(state)) {
      double[] values = new double[part.values().length];
      System.arraycopy(sum, at, values, 0, values.length);
      at += values.length;
      mixed.add(part.with(values));
    }
    state = now.next(rows, state, mixed, algorithm.rate(round));
    round++;
  }
}
