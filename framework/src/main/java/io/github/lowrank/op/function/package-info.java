/**
 * Writes TensorFlow functions whose names are used as op types, each with a gradient of its own.
 * Such an op runs in every TensorFlow runtime, since the function travels with the graph. A whole
 * op, the squared ReLU of <a href="https://arxiv.org/abs/2109.08668">So et al. (2021)</a>, which
 * keeps {@code relu} for its gradient:
 *
 * <pre>{@code
 * final class SquaredRelu {
 *   private static final FunctionOp GRADIENT = gradient();
 *   private static final FunctionOp OP =
 *       forward()
 *           .withGradient(
 *               (tf, op, dy) -> List.of(GRADIENT.call(tf, op.output(1), dy.get(0)).output(0)));
 *
 *   private static FunctionOp forward() {
 *     FunctionBuilder f = new FunctionBuilder("SquaredRelu");
 *     Value relu = f.op("Relu", "relu", f.input("x", DT_FLOAT));
 *     return f.output("y", f.op("Mul", "y", relu, relu)).output("relu", relu).build();
 *   }
 *
 *   private static FunctionOp gradient() {
 *     FunctionBuilder f = new FunctionBuilder("SquaredReluGrad");
 *     Value relu = f.input("relu", DT_FLOAT);
 *     Value slope = f.op("AddV2", "slope", relu, relu);
 *     return f.output("dx", f.op("Mul", "dx", f.input("dy", DT_FLOAT), slope)).build();
 *   }
 *
 *   static Operand<TFloat32> of(Ops tf, Operand<TFloat32> x) {
 *     FunctionOp.declare(tf, OP, GRADIENT);
 *     return OP.call(tf, x).output(0);
 *   }
 * }
 * }</pre>
 *
 * <p>Forbidden: variables, models, and everything else of ours; this room knows TensorFlow alone.
 */
package io.github.lowrank.op.function;
