package io.github.lowrank.embedding;

import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.LowRankEmbedding;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;

/**
 * An {@link EmbeddingTable} in a graph: its variables and its lookups.
 *
 * <p>Pooling comes before any product or dequantisation wherever that gives the same value: see
 * {@link #bag}.
 */
public sealed interface EmbeddingLayer {
  /**
   * Word vectors.
   *
   * @param ids row numbers, {@code [batch, length]}
   * @return {@code [batch, length, d]}
   */
  Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids);

  /**
   * Weighted sums of word vectors.
   *
   * @param ids row numbers, {@code [batch, length]}
   * @param weights weight of each word, {@code [batch, length]}
   * @return {@code [batch, d]}
   */
  Operand<TFloat32> bag(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights);

  /**
   * Word vectors as a product that is not computed yet, for layers that multiply by a weight of
   * their own: {@code rows = left right}.
   *
   * @param left {@code [batch, length, k]}
   * @param right {@code [k, d]}, or null if {@code left} is the rows
   */
  record Factors(Operand<TFloat32> left, Operand<TFloat32> right) {}

  /**
   * Word vectors, not multiplied out if the form has two factors.
   *
   * @param ids row numbers, {@code [batch, length]}
   */
  default Factors factors(Ops tf, Operand<TInt32> ids) {
    return new Factors(rows(tf, ids), null);
  }

  /** Variables that are updated row by row, through {@link SparseRows}; none if not trainable. */
  List<Variable> tables();

  /** Small trainable variables, updated whole, with the read that the lookups use. */
  List<Parameter> parameters();

  /** Adds the table's values to {@code assignment}. */
  void initialize(Variables.Assignment assignment);

  /**
   * The table with other numbers.
   *
   * @param numbers of the trainable variables
   */
  EmbeddingTable with(Map<Variable, float[]> numbers);

  /**
   * A variable and the one read of it in the graph, by which losses are differentiated.
   *
   * @param variable the variable
   * @param value its value in the graph
   */
  record Parameter(Variable variable, Operand<TFloat32> value) {}

  /** The layer of {@code table}; its variables are named {@code embedding...}. */
  static EmbeddingLayer create(Ops tf, Variables variables, EmbeddingTable table) {
    return create(tf, variables, table, "embedding");
  }

  private static EmbeddingLayer create(
      Ops tf, Variables variables, EmbeddingTable table, String name) {
    if (table instanceof EmbeddingTable.Dense dense) {
      return new DenseLayer(variables, dense, name);
    } else if (table instanceof EmbeddingTable.FixedPoint fixed) {
      return new FixedPointLayer(variables, fixed.codes(), name);
    } else if (table instanceof EmbeddingTable.LowRank lowRank) {
      return lowRank.wa() instanceof EmbeddingTable.Dense
          ? new LowRankLayer(tf, variables, lowRank, name)
          : new LowRankCodesLayer(
              tf,
              variables,
              lowRank,
              (FixedPointLayer) create(tf, variables, lowRank.wa(), name + "_wa"),
              name);
    }
    throw new AssertionError(table);
  }

  private static Operand<TFloat32> pool(Ops tf, Operand<TFloat32> rows, Operand<TFloat32> weights) {
    return tf.squeeze(
        tf.train.batchMatMul(tf.expandDims(weights, tf.constant(1)), rows, TFloat32.class),
        Squeeze.axis(1L));
  }

  private static Shape shape(Matrix matrix) {
    return Shape.of(matrix.rows(), matrix.columns());
  }

  /** Layer of {@link EmbeddingTable.Dense}. */
  final class DenseLayer implements EmbeddingLayer {
    private final Matrix initial;
    private final Variable table;

    private DenseLayer(Variables variables, EmbeddingTable.Dense dense, String name) {
      this.initial = dense.values();
      this.table = variables.create(name, shape(initial), TFloat32.class);
    }

    @Override
    public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
      return SparseRows.gather(tf, table, ids);
    }

    @Override
    public Operand<TFloat32> bag(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
      return pool(tf, rows(tf, ids), weights);
    }

    @Override
    public List<Variable> tables() {
      return List.of(table);
    }

    @Override
    public List<Parameter> parameters() {
      return List.of();
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      assignment.set(table, initial.values());
    }

    @Override
    public EmbeddingTable with(Map<Variable, float[]> numbers) {
      return new EmbeddingTable.Dense(
          new Matrix(initial.rows(), initial.columns(), numbers.get(table)));
    }
  }

  /**
   * Layer of {@link EmbeddingTable.LowRank} with float factors: the {@link LowRankEmbedding} ops.
   */
  final class LowRankLayer implements EmbeddingLayer {
    private final EmbeddingTable.LowRank initial;
    private final Variable wa;
    private final Parameter wb;

    private LowRankLayer(Ops tf, Variables variables, EmbeddingTable.LowRank lowRank, String name) {
      this.initial = lowRank;
      this.wa = variables.create(name + "_wa", shape(lowRank.wa().toMatrix()), TFloat32.class);
      Variable b = variables.create(name + "_wb", shape(lowRank.wb()), TFloat32.class);
      this.wb = new Parameter(b, b.read(tf));
    }

    @Override
    public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
      return LowRankEmbedding.lookup(tf, wa, wb.value(), ids);
    }

    @Override
    public Factors factors(Ops tf, Operand<TInt32> ids) {
      return new Factors(SparseRows.gather(tf, wa, ids), wb.value());
    }

    @Override
    public Operand<TFloat32> bag(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
      return LowRankEmbedding.bag(tf, wa, wb.value(), ids, weights);
    }

    @Override
    public List<Variable> tables() {
      return List.of(wa);
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(wb);
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      assignment.set(wa, initial.wa().toMatrix().values());
      assignment.set(wb.variable(), initial.wb().values());
    }

    @Override
    public EmbeddingTable with(Map<Variable, float[]> numbers) {
      Matrix a = new Matrix(initial.vocabulary(), initial.rank(), numbers.get(wa));
      Matrix b = new Matrix(initial.rank(), initial.dimension(), numbers.get(wb.variable()));
      return new EmbeddingTable.LowRank(new EmbeddingTable.Dense(a), b);
    }
  }

  /**
   * Layer of {@link EmbeddingTable.FixedPoint}: gathers codes and dequantises the gathered rows.
   */
  final class FixedPointLayer implements EmbeddingLayer {
    private final PackedCodes packed;
    private final Variable codes;
    private final Variable scales;
    private final Variable minima;

    private FixedPointLayer(Variables variables, PackedCodes packed, String name) {
      this.packed = packed;
      int groups = packed.scales().length;
      codes =
          variables.create(
              name + "_codes", Shape.of(packed.rows(), packed.bytesPerRow()), TUint8.class);
      scales = variables.create(name + "_scales", Shape.of(groups, 1), TFloat32.class);
      minima = variables.create(name + "_minima", Shape.of(groups, 1), TFloat32.class);
    }

    /**
     * The codes of gathered rows {@code [batch, length, bytes of a row]} as floats.
     *
     * <p>A section gives as many planes {@code [batch, length, bytes]} as it has codes in a byte;
     * one behind the other they are the section's part of all codes. The shifts are by scalars,
     * which TensorFlow computes many times faster than by a vector.
     *
     * @param plane what is done to each plane; may drop the dimension of length
     * @param axis the last dimension after that
     * @return {@code [..., d]}
     */
    private static Operand<TFloat32> codes(
        Ops tf,
        PackedCodes packed,
        Operand<TUint8> row,
        UnaryOperator<Operand<TFloat32>> plane,
        int axis) {
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
          // What is above the last code of a byte is gone after the shift.
          Operand<TUint8> masked =
              i == s.perByte() - 1
                  ? shifted
                  : tf.bitwise.bitwiseAnd(shifted, constant(tf, s.mask()));
          planes.add(plane.apply(tf.dtypes.cast(masked, TFloat32.class)));
        }
        Operand<TFloat32> part =
            planes.size() == 1 ? planes.get(0) : tf.concat(planes, tf.constant(axis));
        if (s.bytes() * s.perByte() > packed.columns()) {
          int[] size = new int[axis + 1];
          Arrays.fill(size, -1);
          size[axis] = packed.columns();
          part = tf.slice(part, tf.constant(new int[axis + 1]), tf.constant(size));
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
     * Gathered rows of codes as numbers, {@code [batch, length, d]}.
     *
     * @param packed whose layout the rows have
     * @param rows {@code [batch, length, bytes of a row]}
     * @param scale broadcast to the result
     * @param minimum likewise
     */
    public static Operand<TFloat32> dequantize(
        Ops tf,
        PackedCodes packed,
        Operand<TUint8> rows,
        Operand<TFloat32> scale,
        Operand<TFloat32> minimum) {
      return tf.math.add(tf.math.mul(codes(tf, packed, rows, plane -> plane, 2), scale), minimum);
    }

    /** {@code sum w (lo + scale code) = sum (w scale) code + sum w lo}: pools the codes. */
    @Override
    public Operand<TFloat32> bag(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
      Operand<TFloat32> codeWeights;
      Operand<TFloat32> offsetWeights;
      if (packed.perRow()) {
        codeWeights = tf.math.mul(weights, tf.squeeze(scales.rows(tf, ids), Squeeze.axis(2L)));
        offsetWeights = tf.math.mul(weights, tf.squeeze(minima.rows(tf, ids), Squeeze.axis(2L)));
      } else {
        codeWeights = tf.math.mul(weights, scales.read(tf));
        offsetWeights = tf.math.mul(weights, minima.read(tf));
      }
      Operand<TFloat32> offset =
          tf.expandDims(tf.reduceSum(offsetWeights, tf.constant(1)), tf.constant(1));
      Operand<TFloat32> wordWeights = codeWeights;
      return tf.math.add(
          codes(tf, packed, codes.byteRows(tf, ids), plane -> pool(tf, plane, wordWeights), 1),
          offset);
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
      return new EmbeddingTable.FixedPoint(packed); // never changes: not trainable
    }
  }

  /** Layer of {@link EmbeddingTable.LowRank} whose {@code W_a} is stored in codes. */
  final class LowRankCodesLayer implements EmbeddingLayer {
    private final EmbeddingTable.LowRank initial;
    private final FixedPointLayer wa;
    private final Parameter wb;

    private LowRankCodesLayer(
        Ops tf,
        Variables variables,
        EmbeddingTable.LowRank lowRank,
        FixedPointLayer wa,
        String name) {
      this.initial = lowRank;
      this.wa = wa;
      Variable b = variables.create(name + "_wb", shape(lowRank.wb()), TFloat32.class);
      this.wb = new Parameter(b, b.read(tf));
    }

    @Override
    public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
      Operand<TFloat32> flat =
          tf.linalg.matMul(tf.reshape(wa.rows(tf, ids), tf.array(-1, initial.rank())), wb.value());
      return tf.reshape(
          flat, tf.concat(List.of(tf.shape(ids), tf.array(initial.dimension())), tf.constant(0)));
    }

    @Override
    public Factors factors(Ops tf, Operand<TInt32> ids) {
      return new Factors(wa.rows(tf, ids), wb.value());
    }

    @Override
    public Operand<TFloat32> bag(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
      return tf.linalg.matMul(wa.bag(tf, ids, weights), wb.value());
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
      wa.initialize(assignment);
      assignment.set(wb.variable(), initial.wb().values());
    }

    @Override
    public EmbeddingTable with(Map<Variable, float[]> numbers) {
      return initial; // never changes: not trainable
    }
  }
}
