package io.github.lowrank.op.example;

import static org.tensorflow.proto.DataType.DT_FLOAT;

import io.github.lowrank.op.function.FunctionBuilder;
import io.github.lowrank.op.function.FunctionOp;
import io.github.lowrank.op.function.Value;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** The example of {@link io.github.lowrank.op.function}, as a user of the library writes it. */
final class SquaredRelu {
  private static final FunctionOp GRADIENT = gradient();
  private static final FunctionOp OP =
      forward()
          .withGradient(
              (tf, op, dy) -> List.of(GRADIENT.call(tf, op.output(1), dy.get(0)).output(0)));

  private static FunctionOp forward() {
    FunctionBuilder f = new FunctionBuilder("SquaredRelu");
    Value relu = f.op("Relu", "relu", f.input("x", DT_FLOAT));
    return f.output("y", f.op("Mul", "y", relu, relu)).output("relu", relu).build();
  }

  private static FunctionOp gradient() {
    FunctionBuilder f = new FunctionBuilder("SquaredReluGrad");
    Value relu = f.input("relu", DT_FLOAT);
    Value slope = f.op("AddV2", "slope", relu, relu);
    return f.output("dx", f.op("Mul", "dx", f.input("dy", DT_FLOAT), slope)).build();
  }

  static Operand<TFloat32> of(Ops tf, Operand<TFloat32> x) {
    FunctionOp.declare(tf, OP, GRADIENT);
    return OP.call(tf, x).output(0);
  }
}
