package io.github.lowrank.embedding;

import io.github.lowrank.op.FakeQuantization;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;

/**
 * Codes around zero in a graph. Of p codes of w bits, {@code b} is the number whose digits they
 * are, and rounding gives its planes:
 *
 * <pre>
 * b   = sum_i c_i 2^(w i),          |c_i| < 2^(w-1)
 * P_i = rint(b / 2^(w i))           never a tie
 * c_i = P_i - 2^w P_(i+1),          c_(p-1) = P_(p-1)
 * </pre>
 *
 * <p>All but the rounding is linear, so a bag pools the planes, and where a matrix follows, that
 * takes up the difference: the codes themselves are never computed. There is neither a minimum nor
 * a mask; each op spared is a percent or two of an answer at batch 1.
 */
final class BalancedCodes implements EmbeddingLayer {
  private final PackedCodes packed;
  private final PackedCodes.Section section;
  private final Variable bytes;

  BalancedCodes(Variables variables, PackedCodes packed, String name) {
    this.packed = packed;
    this.section = PackedCodes.sections(packed.columns(), packed.bits()).get(0);
    this.bytes =
        variables.create(
            name + "_codes", Shape.of(packed.rows(), packed.bytesPerRow()), TUint8.class);
  }

  /** The planes of gathered rows: p times {@code [batch, length, bytes of a row]}. */
  private List<Operand<TFloat32>> planes(Ops tf, Operand<TInt32> ids) {
    Operand<TFloat32> all =
        tf.math.sub(
            tf.dtypes.cast(bytes.byteRows(tf, ids), TFloat32.class), tf.constant((float) zeros()));
    List<Operand<TFloat32>> planes = new ArrayList<>(List.of(all));
    for (int i = 1; i < section.perByte(); i++) {
      planes.add(tf.math.rint(tf.math.mul(all, tf.constant(1f / (1 << i * section.width())))));
    }
    return planes;
  }

  /** The stored byte whose codes are all zero; {@code b} is a stored byte minus this one. */
  private int zeros() {
    int zeros = 0;
    for (int i = 0; i < section.perByte(); i++) {
      zeros += FakeQuantization.largest(packed.bits()) << i * section.width();
    }
    return zeros;
  }

  /** {@code [..., d]} from planes of {@code rank} dimensions. */
  private Operand<TFloat32> codes(Ops tf, List<Operand<TFloat32>> planes, int rank) {
    List<Operand<TFloat32>> codes = new ArrayList<>(planes);
    for (int i = 0; i + 1 < codes.size(); i++) {
      codes.set(i, tf.math.sub(planes.get(i), tf.math.mul(planes.get(i + 1), base(tf))));
    }
    Operand<TFloat32> joined = joined(tf, codes, rank);
    if (padded() == packed.columns()) {
      return joined;
    }
    int[] size = new int[rank];
    Arrays.fill(size, -1);
    size[rank - 1] = packed.columns();
    return tf.slice(joined, tf.constant(new int[rank]), tf.constant(size));
  }

  private static Operand<TFloat32> joined(Ops tf, List<Operand<TFloat32>> parts, int rank) {
    return parts.size() == 1 ? parts.get(0) : tf.concat(parts, tf.constant(rank - 1));
  }

  private Operand<TFloat32> base(Ops tf) {
    return tf.constant((float) (1 << section.width()));
  }

  /** Codes of a row with those that only fill up its bytes. */
  private int padded() {
    return section.perByte() * section.bytes();
  }

  @Override
  public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
    return codes(tf, planes(tf, ids), 3);
  }

  /** Sums of each plane, p times {@code [batch, bytes of a row]}. */
  private List<Operand<TFloat32>> pooled(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
    // To join the planes first, for one product, costs more than the products: rows are short.
    return planes(tf, ids).stream().map(plane -> EmbeddingLayer.pool(tf, plane, weights)).toList();
  }

  @Override
  public Operand<TFloat32> bag(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
    return codes(tf, pooled(tf, ids, weights), 2);
  }

  /** {@code sum_i c_i R_i = sum_i P_i (R_i - 2^w R_(i-1))}, with zero rows of R for padding. */
  @Override
  public Operand<TFloat32> bagTimes(
      Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights, Operand<TFloat32> right) {
    int missing = padded() - packed.columns();
    Operand<TFloat32> rows =
        missing == 0 ? right : tf.pad(right, rows(tf, 0, missing), tf.constant(0f));
    if (section.perByte() > 1) {
      Operand<TFloat32> lower =
          tf.slice(rows, tf.array(0, 0), tf.array(padded() - section.bytes(), -1));
      Operand<TFloat32> shifted = tf.pad(lower, rows(tf, section.bytes(), 0), tf.constant(0f));
      rows = tf.math.sub(rows, tf.math.mul(shifted, base(tf)));
    }
    return tf.linalg.matMul(joined(tf, pooled(tf, ids, weights), 2), rows);
  }

  private static Operand<TInt32> rows(Ops tf, int before, int after) {
    return tf.constant(new int[][] {{before, after}, {0, 0}});
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
    assignment.set(bytes, packed.codes());
  }

  @Override
  public EmbeddingTable with(Map<Variable, float[]> numbers) {
    return new FixedPoint(packed); // not trainable, so it never changes
  }
}
