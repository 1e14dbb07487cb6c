package io.github.lowrank.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import io.github.lowrank.linalg.Matrix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A graph of ONNX that grows node by node. Values go by their names, which are made up in the order
 * of the nodes, so that equal models are equal bytes.
 */
public final class OnnxGraph {
  private static final String CORE = "";
  private static final String LEARNING = "ai.onnx.ml";
  private static final String RUNTIME = "com.microsoft";

  /**
   * Versions of the operators: old enough for ONNX Runtime 1.14, new enough for all that is used.
   */
  private static final Map<String, Integer> VERSIONS =
      new TreeMap<>(Map.of(CORE, 18, LEARNING, 3, RUNTIME, 1));

  /** Version of the file format that came with operators of version 18. */
  private static final int FORMAT = 8;

  /** Types of values. */
  public enum Type {
    FLOAT(TensorProto.DataType.FLOAT),
    UINT8(TensorProto.DataType.UINT8),
    INT32(TensorProto.DataType.INT32),
    INT64(TensorProto.DataType.INT64),
    BOOL(TensorProto.DataType.BOOL),
    STRING(TensorProto.DataType.STRING);

    private final TensorProto.DataType code;

    Type(TensorProto.DataType code) {
      this.code = code;
    }
  }

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("lowrank");
  private int made;

  /** A node with its attributes. */
  public final class Node {
    private final NodeProto.Builder node;

    private Node(NodeProto.Builder node) {
      this.node = node;
    }

    private AttributeProto.Builder attribute(String name, AttributeProto.AttributeType type) {
      return node.addAttributeBuilder().setName(name).setType(type);
    }

    /** Sets an attribute. */
    public Node with(String name, long value) {
      attribute(name, AttributeProto.AttributeType.INT).setI(value);
      return this;
    }

    /** Sets an attribute. */
    public Node with(String name, Type value) {
      return with(name, value.code.getNumber());
    }

    /** Sets an attribute. */
    public Node with(String name, String value) {
      attribute(name, AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(value));
      return this;
    }

    /** Sets an attribute. */
    public Node with(String name, long[] values) {
      AttributeProto.Builder attribute = attribute(name, AttributeProto.AttributeType.INTS);
      Arrays.stream(values).forEach(attribute::addInts);
      return this;
    }

    /** Sets an attribute. */
    public Node with(String name, Iterable<String> values) {
      AttributeProto.Builder attribute = attribute(name, AttributeProto.AttributeType.STRINGS);
      values.forEach(value -> attribute.addStrings(ByteString.copyFromUtf8(value)));
      return this;
    }

    /** Adds the node to the graph; its value. */
    public String value() {
      return as(name());
    }

    /** Adds the node to the graph, whose value is called {@code name}. */
    public String as(String name) {
      graph.addNode(node.addOutput(name));
      return name;
    }
  }

  private String name() {
    return "v" + made++;
  }

  /** A node of ONNX itself. An empty input stands for none. */
  public Node op(String type, String... inputs) {
    return node(CORE, type, inputs);
  }

  /** A node of ONNX for classical machine learning. */
  public Node learningOp(String type, String... inputs) {
    return node(LEARNING, type, inputs);
  }

  /** A node that every build of ONNX Runtime has. */
  public Node runtimeOp(String type, String... inputs) {
    return node(RUNTIME, type, inputs);
  }

  private Node node(String domain, String type, String... inputs) {
    return new Node(
        NodeProto.newBuilder()
            .setName("n" + graph.getNodeCount())
            .setDomain(domain)
            .setOpType(type)
            .addAllInput(List.of(inputs)));
  }

  private String constant(Type type, ByteBuffer values, long... shape) {
    TensorProto.Builder tensor = tensor(type, shape);
    tensor.setRawData(ByteString.copyFrom(values.rewind()));
    return tensor.getName();
  }

  private TensorProto.Builder tensor(Type type, long... shape) {
    TensorProto.Builder tensor =
        graph.addInitializerBuilder().setName(name()).setDataType(type.code.getNumber());
    Arrays.stream(shape).forEach(tensor::addDims);
    return tensor;
  }

  private static ByteBuffer buffer(int count, int bytes) {
    return ByteBuffer.allocate(Math.multiplyExact(count, bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Floats of a given shape; without a shape, a single one. */
  public String floats(float[] values, long... shape) {
    ByteBuffer buffer = buffer(values.length, Float.BYTES);
    for (float value : values) {
      buffer.putFloat(value);
    }
    return constant(Type.FLOAT, buffer, shape);
  }

  /** A matrix. */
  public String floats(Matrix matrix) {
    return floats(matrix.values(), matrix.rows(), matrix.columns());
  }

  /** A vector. */
  public String vector(float... values) {
    return floats(values, values.length);
  }

  /** One float. */
  public String number(float value) {
    return floats(new float[] {value});
  }

  /** Unsigned bytes of a given shape; without a shape, a single one. */
  public String bytes(byte[] values, long... shape) {
    return constant(Type.UINT8, ByteBuffer.wrap(values), shape);
  }

  private String longs(long[] values, long... shape) {
    ByteBuffer buffer = buffer(values.length, Long.BYTES);
    for (long value : values) {
      buffer.putLong(value);
    }
    return constant(Type.INT64, buffer, shape);
  }

  /** A vector of integers. */
  public String longs(long... values) {
    return longs(values, values.length);
  }

  /** One integer. */
  public String integer(long value) {
    return longs(new long[] {value}, new long[0]);
  }

  /** A vector of strings. */
  public String strings(List<String> values) {
    TensorProto.Builder tensor = tensor(Type.STRING, values.size());
    values.forEach(value -> tensor.addStringData(ByteString.copyFromUtf8(value)));
    return tensor.getName();
  }

  /**
   * An input that need not be fed; its name.
   *
   * @param values its usual value
   * @param shape a name for the first size, which {@code values} decides, and numbers
   */
  public String parameter(String name, float[] values, String... shape) {
    input(name, Type.FLOAT, shape);
    long[] sizes = new long[shape.length];
    long known = 1;
    for (int i = 1; i < shape.length; i++) {
      sizes[i] = Long.parseLong(shape[i]);
      known *= sizes[i];
    }
    sizes[0] = values.length / known;
    floats(values, sizes);
    return named(name);
  }

  /** Strings that are an input which need not be fed; its name. */
  public String parameter(String name, List<String> values, String size) {
    input(name, Type.STRING, size);
    strings(values);
    return named(name);
  }

  /** Names the last constant. */
  private String named(String name) {
    graph.getInitializerBuilder(graph.getInitializerCount() - 1).setName(name);
    return name;
  }

  /** {@code x} as another type. */
  public String cast(String x, Type type) {
    return op("Cast", x).with("to", type).value();
  }

  /** {@code x} with a dimension of one at {@code axis}. */
  public String unsqueeze(String x, int axis) {
    return op("Unsqueeze", x, longs(axis)).value();
  }

  /** {@code x} without its dimension of one at {@code axis}. */
  public String squeeze(String x, int axis) {
    return op("Squeeze", x, longs(axis)).value();
  }

  /** {@code x W + b}, for vectors {@code x}. */
  public String linear(String x, Matrix weight, float[] bias) {
    return op("Gemm", x, floats(weight), vector(bias)).value();
  }

  /**
   * States the type of a value; its name. The inference of shapes in ONNX's Python library crashes
   * after operators that it does not know if nothing does.
   */
  public String typed(String name, Type type) {
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.code.getNumber());
    graph.addValueInfo(
        ValueInfoProto.newBuilder()
            .setName(name)
            .setType(TypeProto.newBuilder().setTensorType(tensor)));
    return name;
  }

  private static ValueInfoProto.Builder info(String name, Type type, String... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (String size : shape) {
      TensorShapeProto.Dimension.Builder dimension = dimensions.addDimBuilder();
      if (size.matches("\\d+")) {
        dimension.setDimValue(Long.parseLong(size));
      } else {
        dimension.setDimParam(size);
      }
    }
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.code.getNumber()).setShape(dimensions);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor));
  }

  /**
   * Adds an input.
   *
   * @param shape a number for a fixed size, a name for any
   */
  public void input(String name, Type type, String... shape) {
    graph.addInput(info(name, type, shape));
  }

  /**
   * Makes a value an output.
   *
   * @param shape a number for a fixed size, a name for any
   */
  public void output(String name, Type type, String... shape) {
    graph.addOutput(info(name, type, shape));
  }

  /**
   * The file.
   *
   * @param metadata what programs find beside the graph
   */
  public byte[] model(Map<String, String> metadata) {
    ModelProto.Builder model =
        ModelProto.newBuilder().setIrVersion(FORMAT).setProducerName("lowrank").setGraph(graph);
    VERSIONS.forEach(
        (domain, version) ->
            model.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
    new TreeMap<>(metadata)
        .forEach(
            (key, value) ->
                model.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build().toByteArray();
  }
}
