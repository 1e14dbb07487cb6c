package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.onnx.OnnxTable;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.CompactOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;

/**
 * A table of b-bit codes.
 *
 * @param codes the packed table
 */
@JsonTypeName("fixed-point")
public record FixedPoint(PackedCodes codes) implements EmbeddingTable {
  @Override
  public int vocabulary() {
    return codes.rows();
  }

  @Override
  public int dimension() {
    return codes.columns();
  }

  @Override
  public long parameters() {
    return (long) codes.rows() * codes.columns();
  }

  @Override
  public long bytes() {
    return codes.bytes();
  }

  @Override
  public Matrix toMatrix() {
    return codes.dequantize();
  }

  /** One multiplication and one addition per code, to dequantize or to pool. */
  @Override
  public long lookupFlops(int tokens, boolean pooled) {
    return 2L * dimension() * tokens;
  }

  @Override
  public Map<String, Object> columns() {
    return Map.of("bits", codes.bits());
  }

  @Override
  public void writeCompact(int[] rows, CompactOutput out) {
    out.kind(CompactFormat.TableForm.CODES);
    codes.writeCompact(rows, out);
  }

  /** Packed; with one scale per row as floats, for scales are no matrix after the mean. */
  @Override
  public OnnxTable onnx(OnnxGraph graph) {
    return codes.perRow() ? EmbeddingTable.super.onnx(graph) : codes.onnx(graph);
  }

  @Override
  public EmbeddingLayer layer(Ops tf, Variables variables, String name) {
    return codes.balanced()
        ? new BalancedCodes(variables, codes, name)
        : new Layer(variables, codes, name);
  }

  /**
   * Gathered rows of codes as numbers, {@code [batch, length, d]}.
   *
   * @param packed defines the layout of the rows
   * @param rows {@code [batch, length, bytes of a row]}
   * @param scale broadcast to the result
   * @param minimum broadcast to the result
   */
  public static Operand<TFloat32> dequantize(
      Ops tf,
      PackedCodes packed,
      Operand<TUint8> rows,
      Operand<TFloat32> scale,
      Operand<TFloat32> minimum) {
    return tf.math.add(tf.math.mul(codes(tf, packed, rows), scale), minimum);
  }

  /** The codes of gathered rows {@code [batch, length, bytes of a row]}, as floats. */
  static Operand<TFloat32> codes(Ops tf, PackedCodes packed, Operand<TUint8> rows) {
    return codes(tf, packed, rows, plane -> plane);
  }

  /**
   * The codes of gathered rows {@code [batch, length, bytes of a row]} as floats.
   *
   * <p>A section yields one plane {@code [batch, length, bytes]} per code in a byte; concatenated,
   * the planes are the section's part of all codes. Shifts by a scalar are many times faster in
   * TensorFlow than shifts by a vector.
   *
   * @param plane applied to each plane; may sum over the length dimension, and keeps it
   * @return {@code [batch, ..., d]}
   */
  private static Operand<TFloat32> codes(
      Ops tf, PackedCodes packed, Operand<TUint8> row, UnaryOperator<Operand<TFloat32>> plane) {
    List<PackedCodes.Section> sections = PackedCodes.sections(packed.columns(), packed.bits());
    Operand<TFloat32> sum = null;
    for (PackedCodes.Section s : sections) {
      Operand<TUint8> bytes =
          sections.size() == 1
              ? row
              : tf.slice(row, tf.array(0, 0, s.offset()), tf.array(-1, -1, s.bytes()));
      List<Operand<TFloat32>> planes = new ArrayList<>();
      for (int i = 0; i < s.perByte(); i++) {
        Operand<TUint8> shifted =
            i == 0 ? bytes : tf.bitwise.rightShift(bytes, constant(tf, s.width() * i));
        // The shift removes whatever is above the last code of a byte.
        Operand<TUint8> masked =
            i == s.perByte() - 1 ? shifted : tf.bitwise.bitwiseAnd(shifted, constant(tf, s.mask()));
        planes.add(plane.apply(tf.dtypes.cast(masked, TFloat32.class)));
      }
      Operand<TFloat32> part =
          planes.size() == 1 ? planes.get(0) : tf.concat(planes, tf.constant(2));
      if (s.bytes() * s.perByte() > packed.columns()) {
        part = tf.slice(part, tf.array(0, 0, 0), tf.array(-1, -1, packed.columns()));
      }
      if (s.shift() > 0) {
        part = tf.math.mul(part, tf.constant((float) (1 << s.shift())));
      }
      sum = sum == null ? part : tf.math.add(sum, part);
    }
    return sum;
  }

  private static Operand<TUint8> constant(Ops tf, int value) {
    return tf.dtypes.cast(tf.constant(value), TUint8.class);
  }

  /** Gathers codes and dequantizes the gathered rows. */
  private static final class Layer implements EmbeddingLayer {
    private final PackedCodes packed;
    private final Variable codes;
    private final Variable scales;
    private final Variable minima;

    private Layer(Variables variables, PackedCodes packed, String name) {
      this.packed = packed;
      int groups = packed.scales().length;
      codes =
          variables.create(
              name + "_codes", Shape.of(packed.rows(), packed.bytesPerRow()), TUint8.class);
      scales = variables.create(name + "_scales", Shape.of(groups, 1), TFloat32.class);
      minima = variables.create(name + "_minima", Shape.of(groups, 1), TFloat32.class);
    }

    @Override
    public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
      Operand<TFloat32> scale;
      Operand<TFloat32> minimum;
      if (packed.perRow()) {
        scale = scales.rows(tf, ids);
        minimum = minima.rows(tf, ids);
      } else {
        scale = scales.read(tf);
        minimum = minima.read(tf);
      }
      return dequantize(tf, packed, codes.byteRows(tf, ids), scale, minimum);
    }

    /**
     * {@code sum w (lo + scale code) = sum (w scale) code + sum w lo}: pools the codes. One scale
     * and one minimum for all rows are constants here, and only the pooled codes meet them: of so
     * short a computation each op is a few percent.
     */
    @Override
    public Operand<TFloat32> bag(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
      if (!packed.perRow()) {
        Operand<TFloat32> sums = tf.reduceSum(weights, tf.constant(1), ReduceSum.keepDims(true));
        float scale = packed.scales()[0];
        Operand<TFloat32> pooled = pooled(tf, ids, weights);
        return tf.math.add(
            scale == 1 ? pooled : tf.math.mul(pooled, tf.constant(scale)),
            tf.math.mul(sums, tf.constant(packed.minima()[0])));
      }
      Operand<TFloat32> codeWeights =
          tf.math.mul(weights, tf.squeeze(scales.rows(tf, ids), Squeeze.axis(2L)));
      Operand<TFloat32> offsetWeights =
          tf.math.mul(weights, tf.squeeze(minima.rows(tf, ids), Squeeze.axis(2L)));
      return tf.math.add(
          pooled(tf, ids, codeWeights),
          tf.reduceSum(offsetWeights, tf.constant(1), ReduceSum.keepDims(true)));
    }

    /** Weighted sums of codes, {@code [batch, d]}. */
    private Operand<TFloat32> pooled(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
      Operand<TFloat32> row = tf.expandDims(weights, tf.constant(1));
      return tf.squeeze(
          codes(
              tf,
              packed,
              codes.byteRows(tf, ids),
              plane -> tf.train.batchMatMul(row, plane, TFloat32.class)),
          Squeeze.axis(1L));
    }

    @Override
    public List<Variable> tables() {
      return List.of();
    }

    @Override
    public List<Parameter> parameters() {
      return List.of();
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      assignment.set(codes, packed.codes());
      assignment.set(scales, packed.scales());
      assignment.set(minima, packed.minima());
    }

    @Override
    public EmbeddingTable with(Map<Variable, float[]> numbers) {
      return new FixedPoint(packed); // not trainable, so it never changes
    }
  }
}
