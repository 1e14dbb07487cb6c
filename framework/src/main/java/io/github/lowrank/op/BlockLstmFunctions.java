package io.github.lowrank.op;

import static io.github.lowrank.op.FunctionBuilder.type;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NameAttrList;

/** The functions of {@link BlockLstm}, node by node. */
final class BlockLstmFunctions {
  /** What the forward pass keeps for the gradient, as {@code BlockLSTMV2} names it. */
  static final List<String> SAVED = List.of("i", "cs", "f", "o", "ci", "co");

  static final List<String> ARGUMENTS =
      List.of("rows", "index", "zero", "weight", "wci", "wcf", "wco", "b");

  /** What the loop changes, then what it only reads: names and types of the loop's variables. */
  private static final List<Map.Entry<String, DataType>> STATE =
      List.of(
          Map.entry("time", DataType.DT_INT32),
          Map.entry("dz", DataType.DT_VARIANT),
          Map.entry("dh", DataType.DT_FLOAT),
          Map.entry("dc", DataType.DT_FLOAT),
          Map.entry("cell", DataType.DT_FLOAT));

  static final List<String> READ =
      List.of(
          "wh", "wci", "wcf", "wco", "b", "i", "cells", "f", "o", "ci", "co", "dy", "zero", "x");

  static final FunctionDef CONDITION = condition();
  static final FunctionDef BODY = body();
  static final FunctionDef LOOP = loop();

  private BlockLstmFunctions() {}

  /** {@code BlockLSTMV2} on each part of the batch; {@code h} joined, the rest as it comes. */
  static FunctionDef forward(int parts) {
    FunctionBuilder f = new FunctionBuilder(BlockLstm.OP + parts);
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
        "Reshape",
        name + "_scalar",
        "output",
        Map.of("T", type(DataType.DT_INT32), "Tshape", type(DataType.DT_INT32)),
        SparseRows.entry(f, name, shape, i),
        f.constant(name + "_no_shape"));
  }

  private static FunctionBuilder signature(String name) {
    FunctionBuilder f = new FunctionBuilder(name);
    STATE.forEach(s -> f.input(s.getKey(), s.getValue()));
    READ.forEach(r -> f.input(r, DataType.DT_FLOAT));
    return f;
  }

  private static FunctionDef condition() {
    FunctionBuilder f = signature(BlockLstm.GRADIENT_OP + "Condition");
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
    FunctionBuilder f = signature(BlockLstm.GRADIENT_OP + "Body");
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
    FunctionBuilder f = new FunctionBuilder(BlockLstm.GRADIENT_OP);
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
}
