package io.github.lowrank.linalg;

import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat64;

/** Float64 matrices in a graph. */
final class Operands {
  private Operands() {}

  /** {@code a b}, each transposed or not. */
  static Operand<TFloat64> product(
      Ops tf, Operand<TFloat64> a, boolean transposeA, Operand<TFloat64> b, boolean transposeB) {
    return tf.linalg.matMul(a, b, MatMul.transposeA(transposeA), MatMul.transposeB(transposeB));
  }

  /** What a gradient function is given without its type. */
  static Operand<TFloat64> float64(Output<?> value) {
    return value.op().output(value.index());
  }
}
