package io.github.lowrank.op;

import static org.tensorflow.proto.DataType.DT_FLOAT;
import static org.tensorflow.proto.DataType.DT_INT32;
import static org.tensorflow.proto.DataType.DT_INT64;
import static org.tensorflow.proto.DataType.DT_VARIANT;

import io.github.lowrank.op.function.FunctionBuilder;
import io.github.lowrank.op.function.FunctionOp;
import io.github.lowrank.op.function.Node;
import io.github.lowrank.op.function.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The functions of {@link BlockLstm}, node by node. */
final class BlockLstmFunctions {
  /** What the forward pass keeps for the gradient, as {@code BlockLSTMV2} names it. */
  static final List<String> SAVED = List.of("i", "cs", "f", "o", "ci", "co");

  static final List<String> ARGUMENTS =
      List.of("rows", "index", "zero", "weight", "wci", "wcf", "wco", "b");

  /** What the loop only reads; what it changes comes first in {@link #signature}. */
  static final List<String> READ =
      List.of(
          "wh", "wci", "wcf", "wco", "b", "i", "cells", "f", "o", "ci", "co", "dy", "zero", "x");

  static final FunctionOp CONDITION = condition();
  static final FunctionOp BODY = body();
  static final FunctionOp LOOP = loop();

  private BlockLstmFunctions() {}

  /** {@code BlockLSTMV2} on each part of the batch; {@code h} joined, the rest as it comes. */
  static FunctionOp forward(int parts) {
    FunctionBuilder f = new FunctionBuilder(BlockLstm.OP + parts);
    ARGUMENTS.forEach(a -> f.input(a, a.equals("index") ? DT_INT64 : DT_FLOAT));
    Value shape = f.shape("index_shape", f.input("index"));
    Value time = f.cast("time", f.scalarEntry("times", shape, 0), DT_INT64);
    Value batch = f.scalarEntry("batch", shape, 1);
    Value zero = f.scalar("none", 0);
    Value all = f.scalar("all", -1);
    List<Value> ends = new ArrayList<>(List.of(zero));
    for (int p = 1; p < parts; p++) {
      Value share = f.op("Mul", "share" + p, batch, f.scalar("part" + p, p));
      ends.add(f.op("FloorDiv", "end" + p, share, f.scalar("parts" + p, parts)));
    }
    ends.add(batch);
    List<Node> lstms = new ArrayList<>();
    for (int p = 0; p < parts; p++) {
      Value start = ends.get(p);
      Value size = f.op("Sub", "size" + p, ends.get(p + 1), start);
      Value index = f.input("index");
      Value state = f.input("zero");
      if (parts > 1) {
        index = slice(f, index, p, zero, start, all, size);
        state = slice(f, state, p, start, zero, size, all);
      }
      Value x = f.gather("x" + p, f.input("rows"), index, zero);
      List<Value> in = new ArrayList<>(List.of(time, x, state, state));
      ARGUMENTS.subList(3, ARGUMENTS.size()).forEach(a -> in.add(f.input(a)));
      lstms.add(
          f.node("BlockLSTMV2", "lstm" + p)
              .attr("use_peephole", a -> a.setB(true))
              .attr("cell_clip", a -> a.setF(0))
              .in(in.toArray(new Value[0])));
    }
    Value[] hs = lstms.stream().map(l -> l.output("h")).toArray(Value[]::new);
    f.output("h", parts == 1 ? hs[0] : f.concat("h", f.scalar("axis", 1), hs));
    for (int p = 0; p < parts; p++) {
      for (String saved : SAVED) {
        f.output(saved + p, lstms.get(p).output(saved));
      }
    }
    return f.build();
  }

  /** Part {@code part} of a matrix: from row and column, so many rows and columns. */
  private static Value slice(
      FunctionBuilder f,
      Value value,
      int part,
      Value row,
      Value column,
      Value rows,
      Value columns) {
    String name = value.name() + "_part" + part;
    Value begin = f.pack(name + "_begin", row, column);
    return f.op("Slice", name, value, begin, f.pack(name + "_size", rows, columns));
  }

  private static FunctionBuilder signature(String name) {
    FunctionBuilder f = new FunctionBuilder(name);
    f.input("time", DT_INT32);
    f.input("dz", DT_VARIANT);
    f.input("dh", DT_FLOAT);
    f.input("dc", DT_FLOAT);
    f.input("cell", DT_FLOAT);
    READ.forEach(r -> f.input(r, DT_FLOAT));
    return f;
  }

  private static FunctionOp condition() {
    FunctionBuilder f = signature(BlockLstm.GRADIENT_OP + "Condition");
    Value more = f.op("GreaterEqual", "more", f.input("time"), f.scalar("zero_time", 0));
    return f.output("more", more).build();
  }

  private static FunctionOp body() {
    FunctionBuilder f = signature(BlockLstm.GRADIENT_OP + "Body");
    Value axis = f.scalar("axis", 0);
    // The cells begin with that before the first time, so the one before this time stands here.
    Value cellBefore = now(f, "cells", axis);
    List<Value> in = new ArrayList<>(List.of(f.input("x"), cellBefore, f.input("zero")));
    READ.subList(0, 5).forEach(r -> in.add(f.input(r)));
    in.addAll(List.of(now(f, "i", axis), f.input("cell")));
    Stream.of("f", "o", "ci", "co").forEach(r -> in.add(now(f, r, axis)));
    in.add(f.input("dc"));
    in.add(f.op("AddV2", "dh_now", now(f, "dy", axis), f.input("dh")));
    Node cell =
        f.node("LSTMBlockCellGrad", "cell_grad")
            .attr("use_peephole", a -> a.setB(true))
            .in(in.toArray(new Value[0]));
    Value dgates = cell.output("dicfo");
    Value time = f.input("time");
    Value dz = f.op("TensorListSetItem", "dz_now", f.input("dz"), time, dgates);
    Value dh = f.matMul("dh_before", dgates, f.input("wh"), false, true);
    f.output("time_out", f.op("Sub", "before", time, f.scalar("previous", 1)))
        .output("dz_out", dz)
        .output("dh_out", dh)
        .output("dc_out", cell.output("cs_prev_grad"))
        .output("cell_out", cellBefore);
    READ.forEach(r -> f.output(r + "_out", f.input(r)));
    return f.build();
  }

  /** An input's row of the present time. */
  private static Value now(FunctionBuilder f, String input, Value axis) {
    return f.gather(input + "_now", f.input(input), f.input("time"), axis);
  }

  private static FunctionOp loop() {
    FunctionBuilder f = new FunctionBuilder(BlockLstm.GRADIENT_OP);
    List<String> given = READ.subList(0, READ.size() - 1);
    given.forEach(r -> f.input(r, DT_FLOAT));
    Value time = f.scalarEntry("times", f.shape("dy_shape", f.input("dy")), 0);
    Value list =
        f.node("TensorListReserve", "dz")
            .attr("element_dtype", a -> a.setType(DT_FLOAT))
            .in(f.scalar("any_shape", -1), time)
            .output();
    Value last = f.op("Sub", "last", time, f.scalar("one", 1));
    Value lastCell = f.gather("last_cell", f.input("cells"), time, f.scalar("axis", 0));
    Value zero = f.input("zero");
    List<Value> inputs = new ArrayList<>(List.of(last, list, zero, zero, lastCell));
    given.forEach(r -> inputs.add(f.input(r)));
    // The cell's gradient asks for its input only to know its width: none.
    inputs.add(
        f.op("Slice", "no_input", zero, f.vector("corner", 0, 0), f.vector("no_width", -1, 0)));
    Node loop =
        f.node("StatelessWhile", "loop")
            .attr("cond", a -> a.getFuncBuilder().setName(CONDITION.type()))
            .attr("body", a -> a.getFuncBuilder().setName(BODY.type()))
            .attr("parallel_iterations", a -> a.setI(1))
            .attr("_lower_using_switch_merge", a -> a.setB(true))
            .in(inputs.toArray(new Value[0]));
    Value dz =
        f.node("TensorListStack", "dz_all")
            .attr("element_dtype", a -> a.setType(DT_FLOAT))
            .attr("num_elements", a -> a.setI(-1))
            .in(loop.output("output", 1), f.scalar("any_element", -1))
            .output();
    return f.output("dz", dz).build();
  }
}
