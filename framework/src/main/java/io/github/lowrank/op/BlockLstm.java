package io.github.lowrank.op;

import static io.github.lowrank.op.FunctionBuilder.type;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.nn.BlockLSTM;
import org.tensorflow.op.nn.BlockLSTMGrad;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NameAttrList;
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
 *
 * <p>Only the gradient of the gates runs through time. With {@code dz_t} that of {@code [i f g o]},
 * those of the weight and of the input are products over all times at once:
 *
 * <pre>
 * dh_t = dy_t + dz_(t+1) W_h^T,    dz_t = the cell's gradient of (dh_t, dc_t)
 * dW   = [x h]^T dz,    dx = dz W_x^T,    db = sum dz
 * </pre>
 *
 * <p>The loop over time is the function {@value #GRADIENT_OP}, whose body is one {@code
 * LSTMBlockCellGrad} and one product. TensorFlow's own {@code BlockLSTMGrad} updates the whole
 * {@code dW} at every time instead; {@link Backward#FUSED} keeps it for comparison.
 */
public final class BlockLstm {
  /** Op type of the loop of the gradient. */
  public static final String GRADIENT_OP = "BlockLstmHoistedGrad";

  /** Which gradient. */
  public enum Backward {
    /** Products with the weights over all times at once. */
    HOISTED,
    /** TensorFlow's {@code BlockLSTMGrad}. */
    FUSED
  }

  private static final int GATES = 4;

  /** What the loop changes, then what it only reads: names and types of the loop's variables. */
  private static final List<Map.Entry<String, DataType>> STATE =
      List.of(
          Map.entry("time", DataType.DT_INT32),
          Map.entry("dz", DataType.DT_VARIANT),
          Map.entry("dh", DataType.DT_FLOAT),
          Map.entry("dc", DataType.DT_FLOAT),
          Map.entry("dwci", DataType.DT_FLOAT),
          Map.entry("dwcf", DataType.DT_FLOAT),
          Map.entry("dwco", DataType.DT_FLOAT));

  private static final List<String> READ =
      List.of("wh", "wci", "wcf", "wco", "b", "i", "cs", "f", "o", "ci", "co", "dy", "zero", "x");

  private static final FunctionDef CONDITION = condition();
  private static final FunctionDef BODY = body();
  private static final FunctionDef LOOP = loop();

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
      int units,
      Backward backward) {
    FunctionOps.declare(tf, CONDITION, BODY, LOOP);
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
    // The registered gradient knows nothing but the node: its name says which one is asked for.
    return tf.withName(backward.name())
        .nn
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
    return op.name().contains(Backward.FUSED.name())
        ? fused(tf, op, dy)
        : hoisted(tf, op, dy.get(6).expect(TFloat32.class));
  }

  /** The gradient by that of {@code h}, the only output that {@link #create} gives away. */
  private static List<Operand<?>> hoisted(Ops tf, GraphOperation op, Operand<TFloat32> dh) {
    Operand<TFloat32> x = input(op, 1);
    Operand<TFloat32> zero = input(op, 2);
    Operand<TFloat32> weight = input(op, 4);
    Operand<TFloat32> h = output(op, 6);
    Operand<TInt32> last = tf.array(-1);
    Operand<TInt32> first = tf.constant(0);
    // The graph is locked while gradients are built: to ask a node for its shape would wait for
    // ever, so shapes are computed.
    Operand<TInt32> units = tf.slice(tf.shape(zero), tf.array(1), tf.array(1));

    Operand<TFloat32> ordered = swap(tf, weight, 1);
    Operand<TInt32> inputs = tf.slice(tf.shape(x), tf.array(2), tf.array(1));
    Operand<TInt32> start = tf.concat(List.of(inputs, tf.array(0)), first);
    Operand<TFloat32> recurrent = tf.slice(ordered, start, tf.array(-1, -1));
    Operand<TFloat32> ofInput =
        tf.slice(ordered, tf.array(0, 0), tf.concat(List.of(inputs, last), first));

    List<Operand<?>> arguments = new ArrayList<>();
    arguments.add(recurrent);
    for (int i = 5; i < 9; i++) {
      arguments.add(input(op, i));
    }
    for (int i = 0; i < 6; i++) {
      arguments.add(output(op, i));
    }
    arguments.add(dh);
    arguments.add(zero);
    Operation loop = FunctionOps.call(tf, LOOP, arguments.toArray(new Operand<?>[0]));
    Operand<TFloat32> dz =
        tf.reshape(
            loop.<TFloat32>output(0),
            tf.concat(List.of(last, tf.math.mul(units, tf.array(GATES))), first)); // i, g, f, o

    Operand<TFloat32> flat = tf.reshape(x, tf.concat(List.of(last, inputs), first));
    Operand<TFloat32> before =
        tf.reshape(
            tf.concat(
                List.of(
                    tf.expandDims(zero, first),
                    tf.slice(
                        h,
                        tf.array(0, 0, 0),
                        tf.concat(
                            List.of(
                                tf.math.add(
                                    tf.slice(tf.shape(h), tf.array(0), tf.array(1)), tf.array(-1)),
                                tf.array(-1, -1)),
                            first))),
                first),
            tf.concat(List.of(last, units), first));
    Operand<TFloat32> dWeight =
        swap(
            tf,
            tf.concat(
                List.of(
                    tf.linalg.matMul(flat, dz, MatMul.transposeA(true)),
                    tf.linalg.matMul(before, dz, MatMul.transposeA(true))),
                first),
            1);
    Operand<TFloat32> dx =
        tf.reshape(tf.linalg.matMul(dz, ofInput, MatMul.transposeB(true)), tf.shape(x));
    Operand<TFloat32> dBias = swap(tf, tf.reduceSum(dz, first), 0);
    return List.of(
        tf.zerosLike(op.input(0)),
        dx,
        tf.zerosLike(zero),
        tf.zerosLike(zero),
        dWeight,
        loop.<TFloat32>output(1),
        loop.<TFloat32>output(2),
        loop.<TFloat32>output(3),
        dBias);
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

  private static FunctionBuilder signature(String name) {
    FunctionBuilder f = new FunctionBuilder(name);
    STATE.forEach(s -> f.input(s.getKey(), s.getValue()));
    READ.forEach(r -> f.input(r, DataType.DT_FLOAT));
    return f;
  }

  private static FunctionDef condition() {
    FunctionBuilder f = signature(GRADIENT_OP + "Condition");
    String more =
        f.node(
            "GreaterEqual",
            "more",
            "z",
            Map.of("T", type(DataType.DT_INT32)),
            "time",
            f.scalar("zero_time", 0));
    return f.output("more", DataType.DT_BOOL, more).build();
  }

  private static FunctionDef body() {
    FunctionBuilder f = signature(GRADIENT_OP + "Body");
    String axis = f.scalar("axis", 0);
    String previous = f.scalar("previous", 1);
    Map<String, AttrValue> int32 = Map.of("T", type(DataType.DT_INT32));
    String before = f.node("Sub", "before", "z", int32, "time", previous);
    String safe = f.node("Maximum", "safe", "z", int32, before, axis);
    // The cell before the first time is zero; a product with 0 or 1 costs less than a branch.
    String exists =
        f.node(
            "Cast",
            "exists",
            "y",
            Map.of("SrcT", type(DataType.DT_BOOL), "DstT", type(DataType.DT_FLOAT)),
            f.node("GreaterEqual", "has_before", "z", int32, before, axis));
    Map<String, AttrValue> real = Map.of("T", type(DataType.DT_FLOAT));
    String cellBefore = f.node("Mul", "cell_before", "z", real, at(f, "cs", safe, axis), exists);
    List<String> cell = new ArrayList<>(List.of("x", cellBefore, "zero", "wh"));
    cell.addAll(List.of("wci", "wcf", "wco", "b"));
    for (String saved : List.of("i", "cs", "f", "o", "ci", "co")) {
      cell.add(at(f, saved, "time", axis));
    }
    cell.add("dc");
    cell.add(f.node("AddV2", "dh_now", "z", real, at(f, "dy", "time", axis), "dh"));
    f.node(
        "LSTMBlockCellGrad",
        "cell",
        "cs_prev_grad",
        Map.of("use_peephole", FunctionBuilder.bool(true), "T", type(DataType.DT_FLOAT)),
        cell.toArray(new String[0]));
    String dz =
        f.node(
            "TensorListSetItem",
            "dz_now",
            "output_handle",
            Map.of("element_dtype", type(DataType.DT_FLOAT)),
            "dz",
            "time",
            "cell:dicfo:0");
    String dh =
        f.node(
            "MatMul",
            "dh_before",
            "product",
            Map.of(
                "T", type(DataType.DT_FLOAT),
                "transpose_a", FunctionBuilder.bool(false),
                "transpose_b", FunctionBuilder.bool(true)),
            "cell:dicfo:0",
            "wh");
    f.output("time_out", DataType.DT_INT32, before)
        .output("dz_out", DataType.DT_VARIANT, dz)
        .output("dh_out", DataType.DT_FLOAT, dh)
        .output("dc_out", DataType.DT_FLOAT, "cell:cs_prev_grad:0");
    for (String gate : List.of("i", "f", "o")) {
      String sum =
          f.node("AddV2", "sum_" + gate, "z", real, "dwc" + gate, "cell:wc" + gate + "_grad:0");
      f.output("dwc" + gate + "_out", DataType.DT_FLOAT, sum);
    }
    for (String read : READ) {
      f.output(read + "_out", DataType.DT_FLOAT, read);
    }
    return f.build();
  }

  private static String at(FunctionBuilder f, String value, String time, String axis) {
    return f.node(
        "GatherV2",
        value + "_at_" + time.replaceFirst(":.*", ""),
        "output",
        Map.of(
            "Tparams", type(DataType.DT_FLOAT),
            "Tindices", type(DataType.DT_INT32),
            "Taxis", type(DataType.DT_INT32)),
        value,
        time,
        axis);
  }

  private static FunctionDef loop() {
    FunctionBuilder f = new FunctionBuilder(GRADIENT_OP);
    List<String> given = READ.subList(0, READ.size() - 1);
    given.forEach(r -> f.input(r, DataType.DT_FLOAT));
    String time =
        f.node(
            "StridedSlice",
            "times",
            "output",
            Map.of(
                "T", type(DataType.DT_INT32),
                "Index", type(DataType.DT_INT32),
                "begin_mask", FunctionBuilder.integer(0),
                "end_mask", FunctionBuilder.integer(0),
                "ellipsis_mask", FunctionBuilder.integer(0),
                "new_axis_mask", FunctionBuilder.integer(0),
                "shrink_axis_mask", FunctionBuilder.integer(1)),
            SparseRows.shape(f, "dy_shape", "dy"),
            f.constant("begin", 0),
            f.constant("end", 1),
            f.constant("stride", 1));
    String list =
        f.node(
            "TensorListReserve",
            "dz",
            "handle",
            Map.of("element_dtype", type(DataType.DT_FLOAT), "shape_type", type(DataType.DT_INT32)),
            f.scalar("any_shape", -1),
            time);
    String last =
        f.node("Sub", "last", "z", Map.of("T", type(DataType.DT_INT32)), time, f.scalar("one", 1));
    List<String> inputs = new ArrayList<>(List.of(last, list, "zero", "zero"));
    for (String gate : List.of("i", "f", "o")) {
      inputs.add(
          f.node(
              "ZerosLike",
              "no_dwc" + gate,
              "y",
              Map.of("T", type(DataType.DT_FLOAT)),
              "wc" + gate));
    }
    inputs.addAll(given);
    // The cell's gradient asks for its input only to know its width: none.
    inputs.add(
        f.node(
            "Slice",
            "no_input",
            "output",
            Map.of("T", type(DataType.DT_FLOAT), "Index", type(DataType.DT_INT32)),
            "zero",
            f.constant("corner", 0, 0),
            f.constant("no_width", -1, 0)));
    AttrValue.ListValue.Builder types = AttrValue.ListValue.newBuilder();
    STATE.forEach(s -> types.addType(s.getValue()));
    READ.forEach(r -> types.addType(DataType.DT_FLOAT));
    f.node(
        "StatelessWhile",
        "loop",
        "output",
        Map.of(
            "T", AttrValue.newBuilder().setList(types).build(),
            "cond", function(CONDITION),
            "body", function(BODY),
            "parallel_iterations", FunctionBuilder.integer(1),
            "_lower_using_switch_merge", FunctionBuilder.bool(true)),
        inputs.toArray(new String[0]));
    String dz =
        f.node(
            "TensorListStack",
            "dz_all",
            "tensor",
            Map.of(
                "element_dtype", type(DataType.DT_FLOAT),
                "num_elements", FunctionBuilder.integer(-1)),
            "loop:output:1",
            f.scalar("any_element", -1));
    f.output("dz", DataType.DT_FLOAT, dz);
    int i = 4;
    for (String gate : List.of("i", "f", "o")) {
      f.output("dwc" + gate, DataType.DT_FLOAT, "loop:output:" + i++);
    }
    return f.build();
  }

  private static AttrValue function(FunctionDef function) {
    return AttrValue.newBuilder()
        .setFunc(NameAttrList.newBuilder().setName(function.getSignature().getName()))
        .build();
  }

  private static List<Operand<?>> fused(Ops tf, GraphOperation op, List<Output<?>> dy) {
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
