package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.SymmetricEigen;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.onnx.OnnxTable;
import io.github.lowrank.op.LowRankEmbedding;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.predictor.CompactOutput;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;

/**
 * A full table {@code E = F W} of which lookups see the best rank-k product at every step of a
 * training, so that the table learns to be of low rank before it is factorized:
 *
 * <pre>
 * A = W^T F^T F W = V L V^T,    rows = Gather(F, ids) W V_k V_k^T
 * </pre>
 *
 * <p>{@code E V_k V_k^T = U_k S_k V_k^T} is the best product of rank k, and it takes an
 * eigendecomposition of {@code [d, d]} only, whose gradient is that of {@link
 * SymmetricEigen#projector}. What a loss asks of {@code E} through {@code A} is {@code 2 E dA}, a
 * multiplication of all rows by one matrix, so it is {@code W} that is differentiated through
 * {@code A}, {@code dW = 2 F^T F W dA}: one matrix instead of a dense gradient of the table. The
 * gradient of {@code F} is that of the rows looked up.
 *
 * <p>This form is for training: stored, it is the {@link LowRank} table of two factors.
 *
 * @param rows {@code F}, {@code [V, d]}
 * @param mix {@code W}, {@code [d, d]}, at first the identity
 * @param rank k
 * @param gradient whether {@code V_k} is differentiated
 * @param penalty what is added to the loss
 * @param weight factor of the penalty
 */
@JsonTypeName("truncated")
public record TruncatedTable(
    Matrix rows, Matrix mix, int rank, Through gradient, Penalty penalty, double weight)
    implements EmbeddingTable {
  /** Where the gradient of a lookup goes. */
  public enum Through {
    /** To the rows, and through the truncation to {@code W}. */
    TRUNCATION,
    /** To the rows alone, as if {@code V_k} were a constant; {@code W} stays the identity. */
    ROWS
  }

  /** A term of the loss, for the singular values {@code s} of {@code E}. */
  public enum Penalty {
    /** None. */
    NONE,
    /** The nuclear norm in units of the first singular value, {@code sum_i s_i / s_1}. */
    NUCLEAR_NORM,
    /** The share of the nuclear norm that is omitted, {@code sum_{i > k} s_i / sum_i s_i}. */
    OMITTED
  }

  public TruncatedTable {
    if (mix.rows() != rows.columns() || mix.columns() != rows.columns()) {
      throw new IllegalArgumentException(
          "F is %d x %d, but W is %d x %d"
              .formatted(rows.rows(), rows.columns(), mix.rows(), mix.columns()));
    }
    if (rank < 1 || rank > rows.columns()) {
      throw new IllegalArgumentException(
          "the rank of a table with %d columns must be in 1 .. %d, but is %d"
              .formatted(rows.columns(), rows.columns(), rank));
    }
    if (!(weight >= 0) || Double.isInfinite(weight)) {
      throw new IllegalArgumentException("expected a weight of at least 0, found " + weight);
    }
  }

  /** {@code table} as it is, with {@code W} the identity. */
  public static TruncatedTable of(
      Matrix table, int rank, Through gradient, Penalty penalty, double weight) {
    int d = table.columns();
    float[] identity = new float[d * d];
    for (int i = 0; i < d; i++) {
      identity[i * d + i] = 1;
    }
    return new TruncatedTable(table, new Matrix(d, d, identity), rank, gradient, penalty, weight);
  }

  /** The best factors of rank k. */
  public TruncatedSvd factorized() {
    return TruncatedSvd.of(rows.times(mix), rank);
  }

  @Override
  public int vocabulary() {
    return rows.rows();
  }

  @Override
  public int dimension() {
    return rows.columns();
  }

  /** As stored. */
  @Override
  public long parameters() {
    return (long) rank * (vocabulary() + dimension());
  }

  @Override
  public long bytes() {
    return parameters() * Float.BYTES;
  }

  @Override
  public Matrix toMatrix() {
    return packed().toMatrix();
  }

  @Override
  public EmbeddingTable packed() {
    return LowRank.of(factorized().factors(TruncatedSvd.Split.BALANCED));
  }

  @Override
  public EmbeddingTable withRows(Function<Matrix, EmbeddingTable> form) {
    return packed().withRows(form);
  }

  @Override
  public Optional<EmbeddingTable> folded(Weight following) {
    return packed().folded(following);
  }

  @Override
  public void writeCompact(int[] numbers, CompactOutput out) {
    packed().writeCompact(numbers, out);
  }

  @Override
  public OnnxTable onnx(OnnxGraph graph) {
    return packed().onnx(graph);
  }

  @Override
  public long lookupFlops(int tokens, boolean pooled) {
    return packed().lookupFlops(tokens, pooled);
  }

  @Override
  public Map<String, Object> columns() {
    return Map.of("rank", rank);
  }

  @Override
  public EmbeddingLayer layer(Ops tf, Variables variables, String name) {
    int d = dimension();
    Variable f = variables.create(name, Shape.of(vocabulary(), d), TFloat32.class);
    Variable w = variables.create(name + "_mix", Shape.of(d, d), TFloat32.class);
    Parameter read = Parameter.of(tf, w);
    Operand<TFloat32> table = tf.stopGradient(f.read(tf));
    Operand<TFloat64> gram =
        tf.dtypes.cast(tf.linalg.matMul(table, table, MatMul.transposeA(true)), TFloat64.class);
    Operand<TFloat64> wide = tf.dtypes.cast(read.value(), TFloat64.class);
    Operand<TFloat64> a =
        tf.linalg.matMul(wide, tf.linalg.matMul(gram, wide), MatMul.transposeA(true));
    Operand<TFloat64> right = tf.linalg.matMul(wide, SymmetricEigen.projector(tf, a, rank));
    return new Layer(
        this,
        f,
        read,
        tf.dtypes.cast(gradient == Through.ROWS ? tf.stopGradient(right) : right, TFloat32.class),
        penalty(tf, a));
  }

  private Optional<Operand<TFloat32>> penalty(Ops tf, Operand<TFloat64> a) {
    if (penalty == Penalty.NONE) {
      return Optional.empty();
    }
    Operand<TFloat64> l = SymmetricEigen.of(tf, a).values();
    int d = dimension();
    Operand<TFloat64> largest = tf.slice(l, tf.array(d - 1), tf.array(1));
    // Rounding leaves eigenvalues of 0 on either side of it, and the root has no slope there.
    Operand<TFloat64> floor = tf.math.mul(tf.stopGradient(largest), tf.constant(1e-12));
    Operand<TFloat64> s = tf.math.sqrt(tf.math.maximum(l, floor));
    Operand<TFloat64> all = tf.reduceSum(s, tf.array(0));
    Operand<TFloat64> term =
        penalty == Penalty.NUCLEAR_NORM
            ? tf.math.div(all, tf.squeeze(tf.math.sqrt(largest)))
            : tf.math.div(
                tf.reduceSum(tf.slice(s, tf.array(0), tf.array(d - rank)), tf.array(0)), all);
    return Optional.of(tf.dtypes.cast(tf.math.mul(term, tf.constant(weight)), TFloat32.class));
  }

  private record Layer(
      TruncatedTable initial,
      Variable f,
      Parameter w,
      Operand<TFloat32> right,
      Optional<Operand<TFloat32>> penalty)
      implements EmbeddingLayer {
    @Override
    public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
      return LowRankEmbedding.lookup(tf, f, right, ids);
    }

    @Override
    public Operand<TFloat32> bag(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
      return LowRankEmbedding.bag(tf, f, right, ids, weights);
    }

    @Override
    public List<Variable> tables() {
      return List.of(f);
    }

    @Override
    public List<Parameter> parameters() {
      boolean trained = initial.gradient == Through.TRUNCATION || penalty.isPresent();
      return trained ? List.of(w) : List.of();
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      assignment.set(f, initial.rows.values());
      assignment.set(w.variable(), initial.mix.values());
    }

    @Override
    public EmbeddingTable with(Map<Variable, float[]> numbers) {
      float[] mixed = numbers.getOrDefault(w.variable(), initial.mix.values());
      return new TruncatedTable(
          initial.rows.with(numbers.get(f)),
          initial.mix.with(mixed),
          initial.rank,
          initial.gradient,
          initial.penalty,
          initial.weight);
    }
  }
}
