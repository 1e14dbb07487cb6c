package io.github.lowrank.op;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A trainable variable that is updated whole, and the one read of it in the graph, by which losses
 * are differentiated.
 *
 * @param variable the variable
 * @param value its value in the graph
 */
public record Parameter(Variable variable, Operand<TFloat32> value) {
  /** {@code variable} with a read of its own. */
  public static Parameter of(Ops tf, Variable variable) {
    return new Parameter(variable, variable.read(tf));
  }
}
