package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.CompactOutput;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;

/**
 * Codes with one scale per row. Not trainable. The scales of a factorization span many orders of
 * magnitude, more than IEEE half precision holds, and need few digits: they are bfloat16.
 *
 * @param codes the codes
 * @param scales bfloat16, little-endian, two bytes each
 */
@JsonTypeName("coded")
public record CodedWeight(PackedCodes codes, byte[] scales) implements Weight {
  public CodedWeight {
    if (scales.length != 2 * codes.rows()) {
      throw new IllegalArgumentException(
          "expected %d bytes of scales, found %d".formatted(2 * codes.rows(), scales.length));
    }
  }

  /** Codes times {@code scales}, which are rounded to bfloat16. */
  static CodedWeight of(PackedCodes codes, float[] scales) {
    byte[] bytes = new byte[2 * scales.length];
    for (int r = 0; r < scales.length; r++) {
      int rounded = Float.floatToIntBits(scales[r]) + (1 << 15);
      bytes[2 * r] = (byte) (rounded >> 16);
      bytes[2 * r + 1] = (byte) (rounded >> 24);
    }
    return new CodedWeight(codes, bytes);
  }

  /** Bytes of an {@code m x n} matrix of b-bit codes: codes, scales, and two floats. */
  static long bytes(int rows, int columns, int bits) {
    return (long) rows * (PackedCodes.bytesPerRow(columns, bits) + 2) + 2L * Float.BYTES;
  }

  private float[] floats() {
    float[] floats = new float[codes.rows()];
    for (int r = 0; r < floats.length; r++) {
      floats[r] =
          Float.intBitsToFloat((scales[2 * r] & 0xff) << 16 | (scales[2 * r + 1] & 0xff) << 24);
    }
    return floats;
  }

  @Override
  public int rows() {
    return codes.rows();
  }

  @Override
  public int columns() {
    return codes.columns();
  }

  @Override
  public long parameters() {
    return (long) rows() * columns();
  }

  @Override
  public long bytes() {
    return codes.bytes() + scales.length;
  }

  @Override
  public Matrix toMatrix() {
    return new FixedPoint(codes).toMatrix().scaledRows(floats());
  }

  @Override
  public Weight scaled(float[] factors) {
    float[] product = floats();
    for (int r = 0; r < product.length; r++) {
      product[r] *= factors[r];
    }
    return of(codes, product);
  }

  @Override
  public Weight times(Matrix right) {
    return FakeQuantizedWeight.of(toMatrix().times(right), codes.bits()).packed();
  }

  /** Constants, so that TensorFlow dequantizes them once, before the first answer. */
  @Override
  public void writeCompact(CompactOutput out) {
    out.kind(CompactFormat.WeightForm.CODES);
    codes.writeCompact(IntStream.range(0, rows()).toArray(), out);
    out.raw(scales);
  }

  @Override
  public Layer layer(Ops tf, Variables variables, String name, Shape shape) {
    Operand<TFloat32> floats =
        tf.dtypes.cast(
            tf.bitcast(
                variables.constant(name + "_rows", scales, Shape.of(rows(), 1, 2)),
                TBfloat16.class),
            TFloat32.class);
    Operand<TFloat32> all =
        FixedPoint.dequantize(
            tf,
            codes,
            variables.constant(
                name + "_codes", codes.codes(), Shape.of(1, rows(), codes.bytesPerRow())),
            tf.constant(codes.scales()[0]),
            tf.constant(codes.minima()[0]));
    return new InGraph(this, tf.math.mul(tf.squeeze(all, Squeeze.axis(0L)), floats));
  }

  private record InGraph(CodedWeight initial, Operand<TFloat32> value) implements Layer {
    @Override
    public List<Parameter> parameters() {
      return List.of();
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      // Constants.
    }

    @Override
    public Weight with(Map<Variable, float[]> numbers) {
      return initial; // not trainable, so it never changes
    }
  }
}
