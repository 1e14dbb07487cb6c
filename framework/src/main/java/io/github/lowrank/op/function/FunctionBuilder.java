package io.github.lowrank.op.function;

import static org.tensorflow.proto.DataType.DT_DOUBLE;
import static org.tensorflow.proto.DataType.DT_INT32;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.TensorProto;

/**
 * Writes a {@link FunctionOp} node by node.
 *
 * <p>TensorFlow Java's own {@code ConcreteFunction} refuses inputs of type {@code DT_RESOURCE}, and
 * without the handle of a variable as input a lookup would copy its whole table.
 */
public final class FunctionBuilder {
  private final FunctionDef.Builder function = FunctionDef.newBuilder();
  private final Map<String, Value> inputs = new HashMap<>();
  private final Set<String> names = new HashSet<>();

  /** A function without inputs yet, whose name is the op type {@code type}. */
  public FunctionBuilder(String type) {
    function.getSignatureBuilder().setName(type);
  }

  /** Marks a function that reads variables. */
  public FunctionBuilder stateful() {
    function.getSignatureBuilder().setIsStateful(true);
    return this;
  }

  /** Adds an input. */
  public Value input(String name, DataType type) {
    reserve(name);
    function
        .getSignatureBuilder()
        .addInputArg(OpDef.ArgDef.newBuilder().setName(name).setType(type));
    Value value = new Value(this, name, type);
    inputs.put(name, value);
    return value;
  }

  /** The input of that name. */
  public Value input(String name) {
    Value value = inputs.get(name);
    if (value == null) {
      throw new IllegalArgumentException("function " + this + " has no input " + name);
    }
    return value;
  }

  /** Adds an output. */
  public FunctionBuilder output(String name, Value value) {
    function.putRet(name, value.in(this));
    function
        .getSignatureBuilder()
        .addOutputArg(OpDef.ArgDef.newBuilder().setName(name).setType(value.type()));
    return this;
  }

  /** A node of any op, which {@link Node#in} adds. */
  public Node node(String op, String name) {
    return new Node(this, op, name);
  }

  /** The first output of a node whose attributes follow from its inputs. */
  public Value op(String op, String name, Value... inputs) {
    return node(op, name).in(inputs).output();
  }

  /** An int32 scalar. */
  public Value scalar(String name, int value) {
    return constant(name, TensorProto.newBuilder().setDtype(DT_INT32).addIntVal(value));
  }

  /** A double scalar. */
  public Value scalar(String name, double value) {
    return constant(name, TensorProto.newBuilder().setDtype(DT_DOUBLE).addDoubleVal(value));
  }

  /** An int32 vector. */
  public Value vector(String name, int... values) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setDtype(DT_INT32);
    tensor.getTensorShapeBuilder().addDimBuilder().setSize(values.length);
    Arrays.stream(values).forEach(tensor::addIntVal);
    return constant(name, tensor);
  }

  private Value constant(String name, TensorProto.Builder tensor) {
    tensor.getTensorShapeBuilder(); // a scalar's shape is present, though empty
    return node("Const", name)
        .attr("dtype", a -> a.setType(tensor.getDtype()))
        .attr("value", a -> a.setTensor(tensor))
        .in()
        .output();
  }

  /** The shape, int32. */
  public Value shape(String name, Value value) {
    return node("Shape", name).attr("out_type", a -> a.setType(DT_INT32)).in(value).output();
  }

  /** Entry {@code i} of a shape, {@code [1]}. */
  public Value entry(String name, Value shape, int i) {
    return op("Slice", name, shape, vector(name + "_begin", i), vector(name + "_size", 1));
  }

  /** Entry {@code i} of a shape, a scalar. */
  public Value scalarEntry(String name, Value shape, int i) {
    return reshape(name + "_scalar", entry(name, shape, i), vector(name + "_no_shape"));
  }

  /** The last entry of a shape, {@code [1]}. */
  public Value lastEntry(String name, Value shape) {
    return node("StridedSlice", name)
        .attr("begin_mask", a -> a.setI(0))
        .attr("end_mask", a -> a.setI(1))
        .attr("ellipsis_mask", a -> a.setI(0))
        .attr("new_axis_mask", a -> a.setI(0))
        .attr("shrink_axis_mask", a -> a.setI(0))
        .in(
            shape,
            vector(name + "_begin", -1),
            vector(name + "_end", 0),
            vector(name + "_stride", 1))
        .output();
  }

  /** {@code value} in another shape. */
  public Value reshape(String name, Value value, Value shape) {
    return op("Reshape", name, value, shape);
  }

  /** {@code value} as a matrix of {@code columns}, {@code [1]}. */
  public Value flatten(String name, Value value, Value columns) {
    String shape = name + "_shape";
    Value rows = vector(name + "_rows", -1);
    return reshape(name, value, concat(shape, scalar(shape + "_axis", 0), rows, columns));
  }

  /** {@code values} joined along an axis, which is a scalar. */
  public Value concat(String name, Value axis, Value... values) {
    Value[] inputs = Arrays.copyOf(values, values.length + 1);
    inputs[values.length] = axis;
    return op("ConcatV2", name, inputs);
  }

  /** {@code values} stacked along a new first axis. */
  public Value pack(String name, Value... values) {
    return node("Pack", name).attr("axis", a -> a.setI(0)).in(values).output();
  }

  /** Rows of {@code value} along an axis, which is a scalar. */
  public Value gather(String name, Value value, Value ids, Value axis) {
    return op("GatherV2", name, value, ids, axis);
  }

  /** Rows of the variable of {@code type} behind {@code handle}. */
  public Value resourceGather(String name, Value handle, Value ids, DataType type) {
    return node("ResourceGather", name)
        .attr("dtype", a -> a.setType(type))
        .in(handle, ids)
        .output();
  }

  /** The product of two matrices, each transposed or not. */
  public Value matMul(String name, Value x, Value y, boolean transposeA, boolean transposeB) {
    return node("MatMul", name)
        .attr("transpose_a", a -> a.setB(transposeA))
        .attr("transpose_b", a -> a.setB(transposeB))
        .in(x, y)
        .output();
  }

  /** {@code value} with another element type. */
  public Value cast(String name, Value value, DataType type) {
    return node("Cast", name).attr("DstT", a -> a.setType(type)).in(value).output();
  }

  /** The function. */
  public FunctionOp build() {
    return new FunctionOp(function.build());
  }

  void add(NodeDef node) {
    reserve(node.getName());
    function.addNodeDef(node);
  }

  private void reserve(String name) {
    if (!names.add(name)) {
      throw new IllegalArgumentException("function " + this + " has two values named " + name);
    }
  }

  /** The op type. */
  @Override
  public String toString() {
    return function.getSignature().getName();
  }
}
