package io.github.lowrank.distributed;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;

/**
 * Gossip: the first matrix of the state becomes the weighted mean of the neighbours', {@code M^j <-
 * sum_i W_ji M^i}, and so in time the mean over all nodes; the error falls by the second largest
 * absolute eigenvalue of W per round. The rest of the state stays.
 */
record Averaging() implements Round {
  @Override
  public List<DoubleMatrix> message(List<DoubleMatrix> state) {
    return state.subList(0, 1);
  }

  @Override
  public List<DoubleMatrix> next(
      DoubleMatrix rows, List<DoubleMatrix> state, List<DoubleMatrix> mixed, double rate) {
    List<DoubleMatrix> next = new ArrayList<>(state);
    next.set(0, mixed.get(0));
    return next;
  }

  @Override
  public List<Operand<TFloat64>> next(
      Ops tf,
      Mixer mixer,
      Operand<TFloat64> rows,
      List<Operand<TFloat64>> state,
      Operand<TFloat64> rate) {
    List<Operand<TFloat64>> next = new ArrayList<>(state);
    next.set(0, mixer.mix(state.get(0)));
    return next;
  }
}
