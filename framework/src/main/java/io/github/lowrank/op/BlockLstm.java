package io.github.lowrank.op;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.BlockLSTM;
import org.tensorflow.op.nn.BlockLSTMGrad;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * TensorFlow's fused LSTM, {@code BlockLSTMV2}, made trainable: its gradient is registered from
 * here. With peepholes (Gers and Schmidhuber 2000), gates in the order i, f, g, o:
 *
 * <pre>
 * [i f g o] = [x_t h_(t-1)] W + b,   i += wci c_(t-1),  f += wcf c_(t-1)
 * c_t = sigmoid(f) c_(t-1) + sigmoid(i) tanh(g)
 * h_t = sigmoid(o + wco c_t) tanh(c_t)
 * </pre>
 */
public final class BlockLstm {
  static {
    FunctionOps.gradient(BlockLSTM.OP_NAME, BlockLstm::gradient);
  }

  private BlockLstm() {}

  /**
   * Hidden states over time, from zero states.
   *
   * @param x {@code [time, batch, input]}
   * @param weight {@code [input + units, 4 units]}, rows of the input first
   * @param peepholes of input, forget and output gate, {@code [units]} each
   * @param bias {@code [4 units]}
   * @return {@code [time, batch, units]}
   */
  public static Operand<TFloat32> create(
      Ops tf,
      Operand<TFloat32> x,
      Operand<TFloat32> weight,
      List<Operand<TFloat32>> peepholes,
      Operand<TFloat32> bias,
      int units) {
    Operand<TInt32> shape = tf.shape(x);
    // Shapes are no function of the numbers, but their gradients would be built all the same.
    Operand<TInt64> time =
        tf.stopGradient(
            tf.dtypes.cast(
                tf.reshape(tf.slice(shape, tf.array(0), tf.array(1)), tf.constant(new int[0])),
                TInt64.class));
    Operand<TInt32> stateShape =
        tf.concat(
            List.of(tf.slice(shape, tf.array(1), tf.array(1)), tf.array(units)), tf.constant(0));
    Operand<TFloat32> zero = tf.stopGradient(tf.fill(stateShape, tf.constant(0f)));
    return tf.nn
        .blockLSTM(
            time,
            x,
            zero,
            zero,
            weight,
            peepholes.get(0),
            peepholes.get(1),
            peepholes.get(2),
            bias,
            BlockLSTM.usePeephole(true),
            BlockLSTM.cellClip(0f))
        .h();
  }

  private static List<Operand<?>> gradient(Ops tf, GraphOperation op, List<Output<?>> dy) {
    List<Operand<TFloat32>> in = new ArrayList<>();
    for (int i = 1; i < 9; i++) {
      in.add(op.input(i).expect(TFloat32.class));
    }
    List<Operand<TFloat32>> out = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      out.add(op.output(i).expect(TFloat32.class));
    }
    Output<TInt64> time = op.input(0).expect(TInt64.class);
    BlockLSTMGrad<TFloat32> g =
        tf.nn.blockLSTMGrad(
            time,
            in.get(0),
            in.get(1),
            in.get(2),
            in.get(3),
            in.get(4),
            in.get(5),
            in.get(6),
            in.get(7),
            out.get(0),
            out.get(1),
            out.get(2),
            out.get(3),
            out.get(4),
            out.get(5),
            out.get(6),
            given(tf, dy.get(1), out.get(1)),
            given(tf, dy.get(6), out.get(6)),
            true);
    return List.of(
        tf.zerosLike(time),
        g.xGrad(),
        g.csPrevGrad(),
        g.hPrevGrad(),
        g.wGrad(),
        g.wciGrad(),
        g.wcfGrad(),
        g.wcoGrad(),
        g.bGrad());
  }

  /** The gradient of an output, or zero: outputs that no loss uses come without a native op. */
  private static Operand<TFloat32> given(Ops tf, Output<?> dy, Operand<TFloat32> output) {
    try {
      if (dy.op().name() != null && !dy.isClosed()) {
        return dy.expect(TFloat32.class);
      }
    } catch (RuntimeException e) {
      // TensorFlow Java has no other sign of an unused output.
    }
    return tf.zerosLike(output);
  }
}
