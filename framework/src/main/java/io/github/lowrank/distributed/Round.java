package io.github.lowrank.distributed;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;

/**
 * What every node does in a round, written twice: for one node in plain Java, and for all nodes at
 * once in a graph. Rounds are records, and equal ones do the same.
 *
 * <p>A node's state is a list of matrices. The round sends some of them to the neighbours, and only
 * those; each node gets back the weighted sums {@code sum_i W_ji M^i} over itself and its
 * neighbours, and computes its next state from them, its own rows and its own state.
 */
public interface Round {
  /** Which of the state's matrices a node sends to its neighbours: a view, in this order. */
  List<DoubleMatrix> message(List<DoubleMatrix> state);

  /**
   * The next state of a node.
   *
   * @param rows the node's rows of the table, {@code [m, n]}
   * @param mixed the weighted sums of the messages, in their order
   * @param rate the step, if there is one
   */
  List<DoubleMatrix> next(
      DoubleMatrix rows, List<DoubleMatrix> state, List<DoubleMatrix> mixed, double rate);

  /** Multiplies the stacked matrices of all nodes by the mixing weights. */
  interface Mixer {
    /**
     * The weighted sums.
     *
     * @param stacked {@code [J, a, b]}
     */
    Operand<TFloat64> mix(Operand<TFloat64> stacked);
  }

  /**
   * The same for all nodes: every matrix has the nodes as its first dimension.
   *
   * @param rows {@code [J, m, n]}
   * @param rate a scalar
   */
  List<Operand<TFloat64>> next(
      Ops tf,
      Mixer mixer,
      Operand<TFloat64> rows,
      List<Operand<TFloat64>> state,
      Operand<TFloat64> rate);
}
