package io.github.lowrank.foreign;

import io.github.lowrank.graphdef.Nodes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** Floats of the widths that tables have, as little-endian bytes. */
final class Numbers {
  static final Map<DataType, Integer> BYTES =
      Map.of(
          DataType.DT_FLOAT,
          4,
          DataType.DT_HALF,
          2,
          DataType.DT_BFLOAT16,
          2,
          DataType.DT_DOUBLE,
          8);

  private Numbers() {}

  /** Reads all of {@code bytes} to {@code values} from {@code start} on. */
  static void read(DataType type, byte[] bytes, float[] values, int start) throws IOException {
    Integer width = BYTES.get(type);
    if (width == null
        || bytes.length % width != 0
        || start + bytes.length / width > values.length) {
      throw new IOException("%d bytes of %s do not fit".formatted(bytes.length, type));
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = start; in.hasRemaining(); i++) {
      values[i] =
          switch (type) {
            case DT_FLOAT -> in.getFloat();
            case DT_DOUBLE -> (float) in.getDouble();
            case DT_BFLOAT16 -> Float.intBitsToFloat(in.getShort() << 16);
            default -> ofHalf(in.getShort());
          };
    }
  }

  /** A matrix of zeros, as a small attribute. */
  static AttrValue zeros(DataType type, long rows, long columns) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setDtype(type).setTensorShape(Nodes.shape(rows, columns));
    switch (type) {
      case DT_FLOAT -> tensor.addFloatVal(0);
      case DT_DOUBLE -> tensor.addDoubleVal(0);
      default -> tensor.addHalfVal(0);
    }
    return AttrValue.newBuilder().setTensor(tensor).build();
  }

  /** The numbers of a constant. */
  static float[] constant(TensorProto tensor) throws IOException {
    long size = 1;
    for (TensorShapeProto.Dim dim : tensor.getTensorShape().getDimList()) {
      size *= dim.getSize();
    }
    float[] values = new float[Math.toIntExact(size)];
    if (!tensor.getTensorContent().isEmpty()) {
      read(tensor.getDtype(), tensor.getTensorContent().toByteArray(), values, 0);
      return values;
    }
    int given =
        Math.max(
            tensor.getFloatValCount(),
            Math.max(tensor.getDoubleValCount(), tensor.getHalfValCount()));
    for (int i = 0; i < values.length && given > 0; i++) {
      int j = Math.min(i, given - 1);
      values[i] =
          switch (tensor.getDtype()) {
            case DT_FLOAT -> tensor.getFloatVal(j);
            case DT_DOUBLE -> (float) tensor.getDoubleVal(j);
            case DT_BFLOAT16 -> Float.intBitsToFloat(tensor.getHalfVal(j) << 16);
            default -> ofHalf((short) tensor.getHalfVal(j));
          };
    }
    return values;
  }

  static byte[] write(DataType type, float[] values) {
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(values.length, BYTES.get(type)))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case DT_FLOAT -> out.putFloat(value);
        case DT_DOUBLE -> out.putDouble(value);
        case DT_BFLOAT16 -> {
          int bits = Float.floatToIntBits(value);
          out.putShort((short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16));
        }
        default -> out.putShort(half(value));
      }
    }
    return out.array();
  }

  static float ofHalf(short half) {
    int exponent = half >> 10 & 0x1f;
    int fraction = half & 0x3ff;
    float magnitude =
        exponent == 0
            ? fraction * 0x1p-24f
            : exponent == 0x1f
                ? (fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
                : Float.intBitsToFloat(exponent + 112 << 23 | fraction << 13);
    return half < 0 ? -magnitude : magnitude;
  }

  /** To the nearest half, ties to even. */
  static short half(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 65520f) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x1p-14f) {
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
    }
    int bits = Float.floatToIntBits(magnitude) - (112 << 23);
    return (short) (sign | bits + 0xfff + (bits >>> 13 & 1) >>> 13);
  }
}
