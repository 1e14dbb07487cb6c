package io.github.lowrank.op;

import java.util.Map;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Writes a {@link FunctionDef} node by node.
 *
 * <p>TensorFlow Java's own {@code ConcreteFunction} refuses arguments of type {@code DT_RESOURCE},
 * and without the handle of a variable as argument a lookup would copy its whole table. So the
 * library's functions are written out here. A value inside a function is named {@code
 * node:output:index}; an argument by its own name.
 */
final class FunctionBuilder {
  private final FunctionDef.Builder function = FunctionDef.newBuilder();

  FunctionBuilder(String name) {
    function.getSignatureBuilder().setName(name);
  }

  /** Marks a function that reads variables. */
  FunctionBuilder stateful() {
    function.getSignatureBuilder().setIsStateful(true);
    return this;
  }

  FunctionBuilder input(String name, DataType type) {
    function
        .getSignatureBuilder()
        .addInputArg(OpDef.ArgDef.newBuilder().setName(name).setType(type));
    return this;
  }

  FunctionBuilder output(String name, DataType type, String value) {
    function
        .getSignatureBuilder()
        .addOutputArg(OpDef.ArgDef.newBuilder().setName(name).setType(type));
    function.putRet(name, value);
    return this;
  }

  /**
   * Adds a node.
   *
   * @param output the name of the node's output argument in its op definition
   * @return the reference to the node's first output
   */
  String node(
      String op, String name, String output, Map<String, AttrValue> attributes, String... inputs) {
    NodeDef.Builder node = NodeDef.newBuilder().setOp(op).setName(name).putAllAttr(attributes);
    for (String input : inputs) {
      node.addInput(input);
    }
    function.addNodeDef(node);
    return name + ":" + output + ":0";
  }

  String constant(String name, int... values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_INT32)
            .setTensorShape(
                TensorShapeProto.newBuilder()
                    .addDim(TensorShapeProto.Dim.newBuilder().setSize(values.length)));
    for (int value : values) {
      tensor.addIntVal(value);
    }
    return constant(name, tensor.build());
  }

  String scalar(String name, int value) {
    return constant(
        name,
        TensorProto.newBuilder()
            .setDtype(DataType.DT_INT32)
            .setTensorShape(TensorShapeProto.getDefaultInstance())
            .addIntVal(value)
            .build());
  }

  String scalar(String name, double value) {
    return constant(
        name,
        TensorProto.newBuilder()
            .setDtype(DataType.DT_DOUBLE)
            .setTensorShape(TensorShapeProto.getDefaultInstance())
            .addDoubleVal(value)
            .build());
  }

  private String constant(String name, TensorProto tensor) {
    return node(
        "Const",
        name,
        "output",
        Map.of(
            "dtype",
            type(tensor.getDtype()),
            "value",
            AttrValue.newBuilder().setTensor(tensor).build()));
  }

  FunctionDef build() {
    return function.build();
  }

  static AttrValue type(DataType type) {
    return AttrValue.newBuilder().setType(type).build();
  }

  static AttrValue bool(boolean value) {
    return AttrValue.newBuilder().setB(value).build();
  }

  static AttrValue integer(long value) {
    return AttrValue.newBuilder().setI(value).build();
  }
}
