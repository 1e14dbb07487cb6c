package io.github.lowrank.distributed;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;

/**
 * A round of DGD+LOCAL with gradient tracking: ours, not the paper's. Tracking itself is that of Di
 * Lorenzo and Scutari (2016) and of DIGing (Nedic, Olshevsky and Shi, 2017). T^j follows the mean
 * of all nodes' gradients, so that it, unlike a single node's gradient, vanishes where the copies
 * agree on the optimum:
 *
 * <pre>
 * U^j &lt;- sum_i W_ji U^i - mu T^j
 * V_j &lt;- V_j - mu grad_V f_j(old)
 * T^j &lt;- sum_i W_ji T^i + grad_U f_j(new) - grad_U f_j(old)
 * </pre>
 *
 * State: U^j {@code [n, r]}, V_j {@code [m, r]}, T^j {@code [n, r]}, and both gradients at U^j and
 * V_j. Sent: U^j and T^j.
 */
record TrackedDescent() implements Round {
  private static final int U = 0;
  private static final int V = 1;
  private static final int T = 2;
  private static final int GRADIENT_U = 3;
  private static final int GRADIENT_V = 4;

  @Override
  public List<DoubleMatrix> message(List<DoubleMatrix> state) {
    return List.of(state.get(U), state.get(T));
  }

  @Override
  public List<DoubleMatrix> next(
      DoubleMatrix rows, List<DoubleMatrix> state, List<DoubleMatrix> mixed, double rate) {
    DoubleMatrix u = mixed.get(0).plus(-rate, state.get(T));
    DoubleMatrix v = state.get(V).plus(-rate, state.get(GRADIENT_V));
    Descent.Gradients<DoubleMatrix> now = Descent.gradients(rows, u, v);
    DoubleMatrix t = mixed.get(1).plus(1, now.u()).plus(-1, state.get(GRADIENT_U));
    return List.of(u, v, t, now.u(), now.v());
  }

  @Override
  public List<Operand<TFloat64>> next(
      Ops tf,
      Mixer mixer,
      Operand<TFloat64> rows,
      List<Operand<TFloat64>> state,
      Operand<TFloat64> rate) {
    Operand<TFloat64> u = tf.math.sub(mixer.mix(state.get(U)), tf.math.mul(rate, state.get(T)));
    Operand<TFloat64> v = tf.math.sub(state.get(V), tf.math.mul(rate, state.get(GRADIENT_V)));
    Descent.Gradients<Operand<TFloat64>> now = Descent.gradients(tf, rows, u, v);
    Operand<TFloat64> t =
        tf.math.sub(tf.math.add(mixer.mix(state.get(T)), now.u()), state.get(GRADIENT_U));
    return List.of(u, v, t, now.u(), now.v());
  }
}
