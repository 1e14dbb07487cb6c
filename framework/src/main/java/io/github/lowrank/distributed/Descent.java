package io.github.lowrank.distributed;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TFloat64;

/**
 * A round of DGD+LOCAL as in the paper's demo, both updates from the old values:
 *
 * <pre>
 * R_j = U^j V_j^T - Y_j,  Y_j = E_j^T
 * U^j &lt;- sum_i W_ji U^i - 2 mu R_j V_j
 * V_j &lt;- V_j - 2 mu R_j^T U^j
 * </pre>
 *
 * State: U^j {@code [n, r]}, V_j {@code [m, r]}. Sent: U^j.
 */
record Descent() implements Round {
  /**
   * The gradients of {@code f_j = ||U V^T - Y_j||_F^2}.
   *
   * @param u {@code [n, r]}
   * @param v {@code [m, r]}
   */
  record Gradients<M>(M u, M v) {}

  static Gradients<DoubleMatrix> gradients(DoubleMatrix rows, DoubleMatrix u, DoubleMatrix v) {
    DoubleMatrix residual = v.times(u.transposed()).plus(-1, rows); // R_j^T
    return new Gradients<>(
        residual.transposedTimes(v).map(x -> 2 * x), residual.times(u).map(x -> 2 * x));
  }

  static Gradients<Operand<TFloat64>> gradients(
      Ops tf, Operand<TFloat64> rows, Operand<TFloat64> u, Operand<TFloat64> v) {
    Operand<TFloat64> two = tf.constant(2.0);
    Operand<TFloat64> residual =
        tf.math.sub(tf.train.batchMatMul(v, u, TFloat64.class, BatchMatMul.adjY(true)), rows);
    return new Gradients<>(
        tf.math.mul(two, tf.train.batchMatMul(residual, v, TFloat64.class, BatchMatMul.adjX(true))),
        tf.math.mul(two, tf.train.batchMatMul(residual, u, TFloat64.class)));
  }

  @Override
  public List<DoubleMatrix> message(List<DoubleMatrix> state) {
    return state.subList(0, 1);
  }

  @Override
  public List<DoubleMatrix> next(
      DoubleMatrix rows, List<DoubleMatrix> state, List<DoubleMatrix> mixed, double rate) {
    Gradients<DoubleMatrix> old = gradients(rows, state.get(0), state.get(1));
    return List.of(mixed.get(0).plus(-rate, old.u()), state.get(1).plus(-rate, old.v()));
  }

  @Override
  public List<Operand<TFloat64>> next(
      Ops tf,
      Mixer mixer,
      Operand<TFloat64> rows,
      List<Operand<TFloat64>> state,
      Operand<TFloat64> rate) {
    Gradients<Operand<TFloat64>> old = gradients(tf, rows, state.get(0), state.get(1));
    return List.of(
        tf.math.sub(mixer.mix(state.get(0)), tf.math.mul(rate, old.u())),
        tf.math.sub(state.get(1), tf.math.mul(rate, old.v())));
  }
}
