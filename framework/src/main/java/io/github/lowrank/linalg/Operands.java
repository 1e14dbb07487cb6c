package io.github.lowrank.linalg;

import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
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

  static Operand<TFloat64> transposed(Ops tf, Operand<TFloat64> a) {
    return tf.linalg.transpose(a, tf.array(1, 0));
  }

  /** {@code values}, {@code [n]}, as a column {@code [n, 1]}. */
  static Operand<TFloat64> column(Ops tf, Operand<TFloat64> values) {
    return tf.expandDims(values, tf.constant(1));
  }

  /** {@code values}, {@code [n]}, as a row {@code [1, n]}. */
  static Operand<TFloat64> row(Ops tf, Operand<TFloat64> values) {
    return tf.expandDims(values, tf.constant(0));
  }

  /** What a gradient function is given without its type. */
  static Operand<TFloat64> float64(Output<?> value) {
    return value.op().output(value.index());
  }

  /** The gradient of an output; zeros of its shape if the loss does not depend on it. */
  static Operand<TFloat64> float64OrZeros(Ops tf, Output<?> gradient, Output<?> output) {
    boolean present;
    try {
      present = !gradient.op().name().isEmpty();
    } catch (RuntimeException e) {
      present = false; // TensorFlow Java passes an output without a native operation
    }
    return present ? float64(gradient) : tf.zerosLike(float64(output));
  }

  /** Checks that {@code shape} is that of a matrix. */
  static void checkMatrix(Shape shape) {
    if (shape.numDimensions() != 2) {
      throw new IllegalArgumentException("expected a matrix, found shape " + shape);
    }
  }
}
