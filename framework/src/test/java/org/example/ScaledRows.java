package org.example;

import static org.tensorflow.proto.DataType.DT_FLOAT;
import static org.tensorflow.proto.DataType.DT_INT32;
import static org.tensorflow.proto.DataType.DT_RESOURCE;

import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.function.FunctionBuilder;
import io.github.lowrank.op.function.FunctionOp;
import io.github.lowrank.op.function.Value;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** A lookup that is an op pair of its own: {@code rows = factor Gather(table, ids)}. */
final class ScaledRows {
  private static final double FACTOR = 3;
  private static final FunctionOp GRADIENT = gradient();
  private static final FunctionOp LOOKUP =
      lookup()
          .withGradient(
              (tf, op, dy) ->
                  List.of(
                      GRADIENT.call(tf, op.input(1), dy.get(0)).output(1),
                      tf.zerosLike(op.input(1))));

  private ScaledRows() {}

  private static Value factor(FunctionBuilder f) {
    return f.cast("factor", f.scalar("factor_double", FACTOR), DT_FLOAT);
  }

  private static FunctionOp lookup() {
    FunctionBuilder f = new FunctionBuilder("ScaledRows").stateful();
    Value table = f.input("table", DT_RESOURCE);
    Value ids = f.input("ids", DT_INT32);
    Value rows = f.resourceGather("gathered", table, ids, DT_FLOAT);
    return f.output("rows", f.op("Mul", "scaled", rows, factor(f))).build();
  }

  private static FunctionOp gradient() {
    FunctionBuilder f = new FunctionBuilder("ScaledRowsGrad");
    Value ids = f.input("ids", DT_INT32);
    Value dy = f.input("dy", DT_FLOAT);
    Value flat = f.flatten("flat", dy, f.lastEntry("columns", f.shape("shape", dy)));
    return SparseRows.merge(f, ids, f.op("Mul", "scaled", flat, factor(f))).build();
  }

  static Operand<TFloat32> lookup(Ops tf, Variable table, Operand<TInt32> ids) {
    FunctionOp.declare(tf, LOOKUP, GRADIENT);
    return LOOKUP.call(tf, table.handle(), ids).output(0);
  }
}
