package io.github.lowrank.op;

import static io.github.lowrank.op.BlockLstmFunctions.ARGUMENTS;
import static io.github.lowrank.op.BlockLstmFunctions.BODY;
import static io.github.lowrank.op.BlockLstmFunctions.CONDITION;
import static io.github.lowrank.op.BlockLstmFunctions.LOOP;
import static io.github.lowrank.op.BlockLstmFunctions.READ;
import static io.github.lowrank.op.BlockLstmFunctions.SAVED;

import io.github.lowrank.op.function.FunctionOp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.nn.BlockLSTM;
import org.tensorflow.op.nn.BlockLSTMGrad;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * TensorFlow's fused LSTM, {@code BlockLSTMV2}, made trainable. With peepholes (Gers and
 * Schmidhuber 2000), gates in the order i, f, g, o:
 *
 * <pre>
 * [i f g o] = [x_t h_(t-1)] W + b,   i += wci c_(t-1),  f += wcf c_(t-1)
 * c_t = sigmoid(f) c_(t-1) + sigmoid(i) tanh(g)
 * h_t = sigmoid(o + wco c_t) tanh(c_t)
 * </pre>
 *
 * <p>Only the gradient of the gates runs through time. With {@code dz_t} that of {@code [i f g o]},
 * those of the weights and of the input are products over all times at once:
 *
 * <pre>
 * dh_t = dy_t + dz_(t+1) W_h^T,    dz_t = the cell's gradient of (dh_t, dc_t)
 * dW   = [x h]^T dz,    dx = dz W_x^T,    db = sum dz
 * dwci = sum di c_(t-1),    dwcf = sum df c_(t-1),    dwco = sum do c_t
 * </pre>
 *
 * <p>The loop over time is the function {@value #GRADIENT_OP}, whose body is one {@code
 * LSTMBlockCellGrad} and one product. TensorFlow's own {@code BlockLSTMGrad} updates the whole
 * {@code dW} at every time instead; {@link Backward#FUSED} keeps it for comparison.
 *
 * <p>Texts do not know of each other until those products, so the batch may be cut into parts that
 * run through time side by side, forwards and backwards, each on a thread of its own. Equal words
 * meet before the products with the input's weight, so a word costs once however often it comes.
 */
public final class BlockLstm {
  /** Op type of the loop of the gradient. */
  public static final String GRADIENT_OP = "BlockLstmHoistedGrad";

  /** First letters of the op types; the number of parts follows. */
  public static final String OP = "BlockLstmOf";

  /** Which gradient. */
  public enum Backward {
    /** Products with the weights over all times at once. */
    HOISTED,
    /** TensorFlow's {@code BlockLSTMGrad}, never in parts. */
    FUSED
  }

  private static final int GATES = 4;

  private static final Map<Integer, FunctionOp> FORWARD = new ConcurrentHashMap<>();

  static {
    FunctionOp.registerGradient(BlockLSTM.OP_NAME, BlockLstm::fused);
  }

  private BlockLstm() {}

  /**
   * Hidden states over time, from zero states.
   *
   * @param rows distinct inputs, {@code [distinct, input]}
   * @param index which of them the input of each text is at each time, {@code [time, batch]}
   * @param weight {@code [input + units, 4 units]}, rows of the input first
   * @param peepholes of input, forget and output gate, {@code [units]} each
   * @param bias {@code [4 units]}
   * @param parts of the batch that run side by side
   * @return {@code [time, batch, units]}
   */
  public static Operand<TFloat32> create(
      Ops tf,
      Operand<TFloat32> rows,
      Operand<TInt64> index,
      Operand<TFloat32> weight,
      List<Operand<TFloat32>> peepholes,
      Operand<TFloat32> bias,
      int units,
      Backward backward,
      int parts) {
    Operand<TInt32> shape = tf.shape(index);
    Operand<TInt32> stateShape =
        tf.concat(
            List.of(tf.slice(shape, tf.array(1), tf.array(1)), tf.array(units)), tf.constant(0));
    // Shapes are no function of the numbers, but their gradients would be built all the same.
    Operand<TFloat32> zero = tf.stopGradient(tf.fill(stateShape, tf.constant(0f)));
    if (backward == Backward.FUSED) {
      Operand<TInt64> time =
          tf.stopGradient(
              tf.dtypes.cast(
                  tf.reshape(tf.slice(shape, tf.array(0), tf.array(1)), tf.constant(new int[0])),
                  TInt64.class));
      return tf.nn
          .blockLSTM(
              time,
              tf.gather(rows, index, tf.constant(0)),
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
    FunctionOp forward =
        FORWARD.computeIfAbsent(
            parts, n -> BlockLstmFunctions.forward(n).withGradient(BlockLstm::hoisted));
    FunctionOp.declare(tf, CONDITION, BODY, LOOP, forward);
    List<Operand<?>> arguments = new ArrayList<>(List.of(rows, index, zero, weight));
    arguments.addAll(peepholes);
    arguments.add(bias);
    return forward.call(tf, arguments.toArray(new Operand<?>[0])).output(0);
  }

  private static List<Operand<?>> hoisted(Ops tf, GraphOperation op, List<Output<?>> dy) {
    Operand<TFloat32> dh = dy.get(0).expect(TFloat32.class);
    Operand<TFloat32> rows = input(op, 0);
    Operand<TInt64> index = op.input(1).expect(TInt64.class);
    Operand<TFloat32> zero = input(op, 2);
    Operand<TFloat32> weight = input(op, 3);
    Operand<TFloat32> h = output(op, 0);
    int parts = (op.numOutputs() - 1) / SAVED.size();
    Operand<TInt32> last = tf.array(-1);
    Operand<TInt32> first = tf.constant(0);
    // The graph is locked while gradients are built: to ask a node for its shape would wait for
    // ever, so shapes are computed.
    Operand<TInt32> units = tf.slice(tf.shape(zero), tf.array(1), tf.array(1));
    Operand<TInt32> inputs = tf.slice(tf.shape(rows), tf.array(1), tf.array(1));
    Operand<TInt32> gates = tf.math.mul(units, tf.array(GATES));

    Operand<TFloat32> ordered = swap(tf, weight, 1);
    Operand<TInt32> start = tf.concat(List.of(inputs, tf.array(0)), first);
    Operand<TFloat32> recurrent = tf.slice(ordered, start, tf.array(-1, -1));
    Operand<TFloat32> ofInput =
        tf.slice(ordered, tf.array(0, 0), tf.concat(List.of(inputs, last), first));

    List<Operand<TFloat32>> dzs = new ArrayList<>();
    List<Operand<TFloat32>> cells = new ArrayList<>();
    Operand<TInt32> from = tf.array(0);
    for (int p = 0; p < parts; p++) {
      Operand<TInt32> size =
          tf.slice(tf.shape(output(op, 1 + p * SAVED.size())), tf.array(1), tf.array(1));
      Operand<TFloat32> none =
          tf.slice(
              zero,
              tf.concat(List.of(from, tf.array(0)), first),
              tf.concat(List.of(size, last), first));
      Map<String, Operand<TFloat32>> saved = new HashMap<>();
      for (String name : SAVED) {
        saved.put(name, output(op, 1 + p * SAVED.size() + SAVED.indexOf(name)));
      }
      saved.put("cells", tf.concat(List.of(tf.expandDims(none, first), saved.get("cs")), first));
      cells.add(saved.get("cells"));
      saved.put("wh", recurrent);
      for (int i = 4; i < ARGUMENTS.size(); i++) {
        saved.put(ARGUMENTS.get(i), input(op, i));
      }
      saved.put("zero", none);
      saved.put(
          "dy",
          tf.slice(
              dh,
              tf.concat(List.of(tf.array(0), from, tf.array(0)), first),
              tf.concat(List.of(last, size, last), first)));
      Stream<String> read = READ.stream().limit(READ.size() - 1);
      dzs.add(LOOP.call(tf, read.map(saved::get).toArray(Operand<?>[]::new)).output(0));
      from = tf.math.add(from, size);
    }

    Operand<TInt32> byUnit = tf.concat(List.of(last, units), first);
    Operand<TFloat32> dz = // i, g, f, o
        tf.reshape(join(tf, dzs), tf.concat(List.of(last, gates), first));
    // Equal inputs meet before the products, so a word costs once however often it comes.
    Operand<TFloat32> ofRows =
        tf.math.unsortedSegmentSum(
            dz,
            tf.reshape(index, last),
            tf.reshape(
                tf.slice(tf.shape(rows), tf.array(0), tf.array(1)), tf.constant(new int[0])));
    Operand<TFloat32> before =
        tf.reshape(tf.concat(List.of(tf.expandDims(zero, first), butLast(tf, h)), first), byUnit);
    Operand<TFloat32> cell = join(tf, cells);
    Operand<TFloat32> cellBefore = tf.reshape(butLast(tf, cell), byUnit);
    Operand<TFloat32> cellNow =
        tf.reshape(tf.slice(cell, tf.array(1, 0, 0), tf.array(-1, -1, -1)), byUnit);
    List<Output<TFloat32>> gate = tf.split(tf.constant(1), dz, (long) GATES).output();
    List<Output<TFloat32>> rowGate = tf.split(tf.constant(1), ofRows, (long) GATES).output();
    List<Operand<TFloat32>> dWeight = new ArrayList<>();
    for (int i : new int[] {0, 2, 1, 3}) { // one product a gate: there are threads to share them
      dWeight.add(
          tf.concat(
              List.of(
                  tf.linalg.matMul(rows, rowGate.get(i), MatMul.transposeA(true)),
                  tf.linalg.matMul(before, gate.get(i), MatMul.transposeA(true))),
              first));
    }
    return List.of(
        tf.linalg.matMul(ofRows, ofInput, MatMul.transposeB(true)),
        tf.zerosLike(index),
        tf.zerosLike(zero),
        tf.concat(dWeight, tf.constant(1)),
        tf.reduceSum(tf.math.mul(gate.get(0), cellBefore), first),
        tf.reduceSum(tf.math.mul(gate.get(2), cellBefore), first),
        tf.reduceSum(tf.math.mul(gate.get(3), cellNow), first),
        swap(tf, tf.reduceSum(dz, first), 0));
  }

  private static Operand<TFloat32> join(Ops tf, List<Operand<TFloat32>> parts) {
    return parts.size() == 1 ? parts.get(0) : tf.concat(parts, tf.constant(1));
  }

  private static Operand<TFloat32> butLast(Ops tf, Operand<TFloat32> x) {
    Operand<TInt32> times =
        tf.math.add(tf.slice(tf.shape(x), tf.array(0), tf.array(1)), tf.array(-1));
    return tf.slice(
        x, tf.array(0, 0, 0), tf.concat(List.of(times, tf.array(-1, -1)), tf.constant(0)));
  }

  /** Gates i, f, g, o as i, g, f, o, and back. */
  private static Operand<TFloat32> swap(Ops tf, Operand<TFloat32> gates, int axis) {
    List<Output<TFloat32>> parts = tf.split(tf.constant(axis), gates, (long) GATES).output();
    return tf.concat(
        List.of(parts.get(0), parts.get(2), parts.get(1), parts.get(3)), tf.constant(axis));
  }

  private static Operand<TFloat32> input(GraphOperation op, int i) {
    return op.input(i).expect(TFloat32.class);
  }

  private static Operand<TFloat32> output(GraphOperation op, int i) {
    return op.output(i).expect(TFloat32.class);
  }

  private static List<Operand<?>> fused(Ops tf, GraphOperation op, List<Output<?>> dy) {
    List<Operand<TFloat32>> in = new ArrayList<>();
    for (int i = 1; i < 9; i++) {
      in.add(input(op, i));
    }
    List<Operand<TFloat32>> out = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      out.add(output(op, i));
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
            tf.zerosLike(out.get(1)), // no loss sees the cells
            dy.get(6).expect(TFloat32.class),
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
}
