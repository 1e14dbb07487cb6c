package io.github.lowrank.graphdef;

import com.google.protobuf.ByteString;
import io.github.lowrank.linalg.Matrix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** Pieces of graphs as protocol buffers. */
public final class Nodes {
  private Nodes() {}

  public static AttrValue type(DataType type) {
    return AttrValue.newBuilder().setType(type).build();
  }

  public static TensorShapeProto shape(long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : sizes) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return shape.build();
  }

  /** A tensor as an attribute; {@code bytes} in native byte order. */
  public static AttrValue tensor(DataType type, ByteString bytes, long... sizes) {
    return AttrValue.newBuilder()
        .setTensor(
            TensorProto.newBuilder()
                .setDtype(type)
                .setTensorShape(shape(sizes))
                .setTensorContent(bytes))
        .build();
  }

  public static AttrValue tensor(Matrix matrix) {
    ByteBuffer bytes =
        ByteBuffer.allocate(matrix.values().length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(matrix.values());
    return tensor(DataType.DT_FLOAT, ByteString.copyFrom(bytes), matrix.rows(), matrix.columns());
  }

  public static NodeDef constant(String name, DataType type, AttrValue value) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("Const")
        .putAttr("dtype", type(type))
        .putAttr("value", value)
        .build();
  }

  /** The int32 scalar 0: the axis of rows. */
  public static NodeDef zero(String name) {
    return constant(
        name,
        DataType.DT_INT32,
        tensor(DataType.DT_INT32, ByteString.copyFrom(new byte[Integer.BYTES])));
  }
}
