package io.github.lowrank.op.function;

import org.tensorflow.proto.DataType;

/**
 * A value inside a function: an input, or an output of a node. {@link FunctionBuilder} makes them.
 *
 * @param function the function that it is in
 * @param name {@code input} or {@code node:output:index}, as in the function's definition
 * @param type element type
 */
public record Value(FunctionBuilder function, String name, DataType type) {
  /** The name, for use in {@code user}. */
  String in(FunctionBuilder user) {
    if (function != user) {
      throw new IllegalArgumentException(
          name + " is a value of function " + function + ", not of " + user);
    }
    return name;
  }
}
