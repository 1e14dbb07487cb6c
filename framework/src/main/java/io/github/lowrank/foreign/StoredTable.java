package io.github.lowrank.foreign;

import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.linalg.Matrix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Signature;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TNumber;

/**
 * What a variable holds in the place of a table: {@code W_a} in numbers of the table's own type, or
 * in codes. Codes lie in the bytes of those numbers, a row each: scale and minimum as floats, then
 * the codes, padded to whole numbers. So the variable keeps its type, and all that saves, restores
 * or hands it on stays as it is.
 */
final class StoredTable {
  private static final int SCALES = 2 * Float.BYTES;

  private final DataType type;
  private final Matrix wa;
  private final Matrix wb;
  private final PackedCodes codes;

  /**
   * The stored form of {@code wa} times {@code wb}.
   *
   * @param wb null if the table is not factorized
   * @param codes null to store the numbers themselves
   */
  StoredTable(DataType type, Matrix wa, Matrix wb, PackedCodes codes) {
    this.type = type;
    this.wa = wa;
    this.wb = wb;
    this.codes = codes;
  }

  /** {@code W_b}, or null. */
  Matrix wb() {
    return wb;
  }

  boolean coded() {
    return codes != null;
  }

  /** Columns of {@code W_a}. */
  int rank() {
    return wa.columns();
  }

  /** Columns of the variable. */
  int width() {
    return coded() ? width(type, codes.bytesPerRow()) : wa.columns();
  }

  private static int width(DataType type, int codeBytes) {
    int size = Numbers.BYTES.get(type);
    return (SCALES + codeBytes + size - 1) / size;
  }

  /** Bytes of a table of {@code rows} rows with {@code rank} columns in {@code bits} bits. */
  static long bytes(DataType type, long rows, int rank, int bits) {
    int codeBytes = 0;
    for (int shift = 0; shift < bits; ) {
      int width = Math.min(8, Integer.highestOneBit(bits - shift));
      codeBytes += (rank * width + 7) / 8;
      shift += width;
    }
    int size = Numbers.BYTES.get(type);
    return rows * size * (bits < Float.SIZE ? width(type, codeBytes) : rank);
  }

  /** Rows {@code start .. start + count} of the variable. */
  byte[] bytes(int start, int count) {
    int columns = wa.columns();
    if (!coded()) {
      float[] part = new float[Math.multiplyExact(count, columns)];
      System.arraycopy(wa.values(), start * columns, part, 0, part.length);
      return Numbers.write(type, part);
    }
    int row = width() * Numbers.BYTES.get(type);
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(count, row)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      out.position(i * row);
      out.putFloat(codes.scales()[start + i]);
      out.putFloat(codes.minima()[start + i]);
      out.put(codes.codes(), (start + i) * codes.bytesPerRow(), codes.bytesPerRow());
    }
    return out.array();
  }

  /** The function that turns rows of the variable into rows of {@code W_a}. */
  FunctionDef decoder(String name) {
    Class<? extends TNumber> java =
        switch (type) {
          case DT_HALF -> TFloat16.class;
          case DT_BFLOAT16 -> TBfloat16.class;
          case DT_DOUBLE -> TFloat64.class;
          default -> TFloat32.class;
        };
    try (ConcreteFunction function = ConcreteFunction.create(tf -> signature(tf, java));
        Graph graph = new Graph()) {
      graph.attachFunction(function);
      // TensorFlow Java names the function and its output after what it is made of.
      FunctionDef.Builder made = graph.toGraphDef().getLibrary().getFunction(0).toBuilder();
      String output = made.getSignature().getOutputArg(0).getName();
      made.getSignatureBuilder().setName(name).getOutputArgBuilder(0).setName("rows");
      made.putRet("rows", made.getRetOrThrow(output)).removeRet(output);
      return made.build();
    }
  }

  private <T extends TNumber> Signature signature(Ops tf, Class<T> java) {
    Placeholder<T> stored = tf.placeholder(java);
    int row = width() * Numbers.BYTES.get(type);
    Operand<TUint8> bytes = tf.reshape(tf.bitcast(stored, TUint8.class), tf.array(-1, row));
    Operand<TFloat32> scales = number(tf, bytes, 0);
    Operand<TFloat32> minima = number(tf, bytes, Float.BYTES);
    Operand<TUint8> packed =
        tf.reshape(
            tf.slice(bytes, tf.array(0, SCALES), tf.array(-1, codes.bytesPerRow())),
            tf.array(1, -1, codes.bytesPerRow()));
    Operand<TInt32> flat = tf.array(-1, codes.columns());
    return Signature.builder()
        .key("decode")
        .input("stored", stored)
        .output("rows", tf.reshape(FixedPoint.dequantize(tf, codes, packed, scales, minima), flat))
        .build();
  }

  /** The float at byte {@code offset} of each row, {@code [1, n, 1]}. */
  private static Operand<TFloat32> number(Ops tf, Operand<TUint8> bytes, int offset) {
    Operand<TUint8> four = tf.slice(bytes, tf.array(0, offset), tf.array(-1, Float.BYTES));
    return tf.bitcast(tf.reshape(four, tf.array(1, -1, 1, Float.BYTES)), TFloat32.class);
  }
}
