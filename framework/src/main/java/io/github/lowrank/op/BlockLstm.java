package io.github.lowrank.op;

import static io.github.lowrank.op.FunctionBuilder.type;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
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

  /** What the forward pass keeps for the gradient, as {@code BlockLSTMV2} names it. */
  private static final List<String> SAVED = List.of("i", "cs", "f", "o", "ci", "co");

  private static final List<String> ARGUMENTS =
      List.of("rows", "index", "zero", "weight", "wci", "wcf", "wco", "b");

  /** What the loop changes, then what it only reads: names and types of the loop's variables. */
  private static final List<Map.Entry<String, DataType>> STATE =
      List.of(
          Map.entry("time", DataType.DT_INT32),
          Map.entry("dz", DataType.DT_VARIANT),
          Map.entry("dh", DataType.DT_FLOAT),
          Map.entry("dc", DataType.DT_FLOAT),
          Map.entry("cell", DataType.DT_FLOAT));

  private static final List<String> READ =
      List.of(
          "wh", "wci", "wcf", "wco", "b", "i", "cells", "f", "o", "ci", "co", "dy", "zero", "x");

  private static final FunctionDef CONDITION = condition();
  private static final FunctionDef BODY = body();
  private static final FunctionDef LOOP = loop();
  private static final Map<Integer, FunctionDef> FORWARD = new ConcurrentHashMap<>();

  static {
    FunctionOps.gradient(BlockLSTM.OP_NAME, BlockLstm::fused);
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
    FunctionDef forward =
        FORWARD.computeIfAbsent(
            parts,
            n -> {
              FunctionOps.gradient(OP + n, BlockLstm::hoisted);
              return forward(n);
            });
    FunctionOps.declare(tf, CONDITION, BODY, LOOP, forward);
    List<Operand<?>> arguments = new ArrayList<>(List.of(rows, index, zero, weight));
    arguments.addAll(peepholes);
    arguments.add(bias);
    return FunctionOps.call(tf, forward, arguments.toArray(new Operand<?>[0])).output(0);
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
      Map<String, Operand<TFloat32>> saved = new java.util.HashMap<>();
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
      dzs.add(
          FunctionOps.call(
                  tf,
                  LOOP,
                  READ.subList(0, READ.size() - 1).stream()
                      .map(saved::get)
                      .toArray(Operand<?>[]::new))
              .output(0));
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

  /** {@code BlockLSTMV2} on each part of the batch; {@code h} joined, the rest as it comes. */
  private static FunctionDef forward(int parts) {
    FunctionBuilder f = new FunctionBuilder(OP + parts);
    ARGUMENTS.forEach(a -> f.input(a, a.equals("index") ? DataType.DT_INT64 : DataType.DT_FLOAT));
    Map<String, AttrValue> int32 = Map.of("T", type(DataType.DT_INT32));
    String shape =
        f.node(
            "Shape",
            "index_shape",
            "output",
            Map.of("T", type(DataType.DT_INT64), "out_type", type(DataType.DT_INT32)),
            "index");
    String time =
        f.node(
            "Cast",
            "time",
            "y",
            Map.of("SrcT", type(DataType.DT_INT32), "DstT", type(DataType.DT_INT64)),
            entry(f, "times", shape, 0));
    String batch = entry(f, "batch", shape, 1);
    String zero = f.scalar("none", 0);
    String all = f.scalar("all", -1);
    List<String> hs = new ArrayList<>();
    List<String> ends = new ArrayList<>();
    ends.add(zero);
    for (int p = 1; p < parts; p++) {
      String share = f.node("Mul", "share" + p, "z", int32, batch, f.scalar("part" + p, p));
      ends.add(f.node("FloorDiv", "end" + p, "z", int32, share, f.scalar("parts" + p, parts)));
    }
    ends.add(batch);
    for (int p = 0; p < parts; p++) {
      String size = f.node("Sub", "size" + p, "z", int32, ends.get(p + 1), ends.get(p));
      String index = "index";
      String state = "zero";
      if (parts > 1) {
        index =
            slice(f, index, p, DataType.DT_INT64, List.of(zero, ends.get(p)), List.of(all, size));
        state =
            slice(f, state, p, DataType.DT_FLOAT, List.of(ends.get(p), zero), List.of(size, all));
      }
      String x = gather(f, "x" + p, "rows", DataType.DT_INT64, index, zero);
      String lstm =
          f.node(
              "BlockLSTMV2",
              "lstm" + p,
              "h",
              Map.of(
                  "T",
                  type(DataType.DT_FLOAT),
                  "use_peephole",
                  FunctionBuilder.bool(true),
                  "cell_clip",
                  AttrValue.newBuilder().setF(0).build()),
              time,
              x,
              state,
              state,
              "weight",
              "wci",
              "wcf",
              "wco",
              "b");
      hs.add(lstm);
    }
    String h =
        parts == 1
            ? hs.get(0)
            : f.node(
                "ConcatV2",
                "h",
                "output",
                Map.of(
                    "T", type(DataType.DT_FLOAT),
                    "Tidx", type(DataType.DT_INT32),
                    "N", FunctionBuilder.integer(parts)),
                concat(hs, f.scalar("axis", 1)));
    f.output("h", DataType.DT_FLOAT, h);
    for (int p = 0; p < parts; p++) {
      for (String saved : SAVED) {
        f.output(saved + p, DataType.DT_FLOAT, "lstm" + p + ":" + saved + ":0");
      }
    }
    return f.build();
  }

  private static String[] concat(List<String> some, String more) {
    List<String> all = new ArrayList<>(some);
    all.add(more);
    return all.toArray(new String[0]);
  }

  private static String slice(
      FunctionBuilder f,
      String value,
      int part,
      DataType of,
      List<String> begin,
      List<String> size) {
    String name = value + "_part" + part;
    return f.node(
        "Slice",
        name,
        "output",
        Map.of("T", type(of), "Index", type(DataType.DT_INT32)),
        value,
        pack(f, name + "_begin", begin),
        pack(f, name + "_size", size));
  }

  private static String pack(FunctionBuilder f, String name, List<String> values) {
    return f.node(
        "Pack",
        name,
        "output",
        Map.of(
            "T", type(DataType.DT_INT32),
            "N", FunctionBuilder.integer(values.size()),
            "axis", FunctionBuilder.integer(0)),
        values.toArray(new String[0]));
  }

  /** A scalar: the entry {@code i} of a shape. */
  private static String entry(FunctionBuilder f, String name, String shape, int i) {
    return f.node(
        "StridedSlice",
        name,
        "output",
        Map.of(
            "T", type(DataType.DT_INT32),
            "Index", type(DataType.DT_INT32),
            "begin_mask", FunctionBuilder.integer(0),
            "end_mask", FunctionBuilder.integer(0),
            "ellipsis_mask", FunctionBuilder.integer(0),
            "new_axis_mask", FunctionBuilder.integer(0),
            "shrink_axis_mask", FunctionBuilder.integer(1)),
        shape,
        f.constant(name + "_begin", i),
        f.constant(name + "_end", i + 1),
        f.constant(name + "_stride", 1));
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
    // The cells begin with that before the first time, so the one before this time stands here.
    String cellBefore = at(f, "cells", axis);
    List<String> cell = new ArrayList<>(List.of("x", cellBefore, "zero", "wh"));
    cell.addAll(List.of("wci", "wcf", "wco", "b"));
    cell.addAll(List.of(at(f, "i", axis), "cell"));
    for (String saved : List.of("f", "o", "ci", "co")) {
      cell.add(at(f, saved, axis));
    }
    cell.add("dc");
    cell.add(
        f.node(
            "AddV2", "dh_now", "z", Map.of("T", type(DataType.DT_FLOAT)), at(f, "dy", axis), "dh"));
    f.node(
        "LSTMBlockCellGrad",
        "cell_grad",
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
            "cell_grad:dicfo:0");
    String dh =
        f.node(
            "MatMul",
            "dh_before",
            "product",
            Map.of(
                "T", type(DataType.DT_FLOAT),
                "transpose_a", FunctionBuilder.bool(false),
                "transpose_b", FunctionBuilder.bool(true)),
            "cell_grad:dicfo:0",
            "wh");
    String before =
        f.node(
            "Sub",
            "before",
            "z",
            Map.of("T", type(DataType.DT_INT32)),
            "time",
            f.scalar("previous", 1));
    f.output("time_out", DataType.DT_INT32, before)
        .output("dz_out", DataType.DT_VARIANT, dz)
        .output("dh_out", DataType.DT_FLOAT, dh)
        .output("dc_out", DataType.DT_FLOAT, "cell_grad:cs_prev_grad:0")
        .output("cell_out", DataType.DT_FLOAT, cellBefore);
    for (String read : READ) {
      f.output(read + "_out", DataType.DT_FLOAT, read);
    }
    return f.build();
  }

  private static String at(FunctionBuilder f, String value, String axis) {
    return gather(f, value + "_now", value, DataType.DT_INT32, "time", axis);
  }

  private static String gather(
      FunctionBuilder f, String name, String value, DataType by, String index, String axis) {
    return f.node(
        "GatherV2",
        name,
        "output",
        Map.of(
            "Tparams", type(DataType.DT_FLOAT),
            "Tindices", type(by),
            "Taxis", type(DataType.DT_INT32)),
        value,
        index,
        axis);
  }

  private static FunctionDef loop() {
    FunctionBuilder f = new FunctionBuilder(GRADIENT_OP);
    List<String> given = READ.subList(0, READ.size() - 1);
    given.forEach(r -> f.input(r, DataType.DT_FLOAT));
    String time = entry(f, "times", SparseRows.shape(f, "dy_shape", "dy"), 0);
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
    String lastCell = gather(f, "last_cell", "cells", DataType.DT_INT32, time, f.scalar("axis", 0));
    List<String> inputs = new ArrayList<>(List.of(last, list, "zero", "zero", lastCell));
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
    return f.output("dz", DataType.DT_FLOAT, dz).build();
  }

  private static AttrValue function(FunctionDef function) {
    return AttrValue.newBuilder()
        .setFunc(NameAttrList.newBuilder().setName(function.getSignature().getName()))
        .build();
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
