package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.onnx.OnnxTable;
import io.github.lowrank.op.LowRankEmbedding;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.CompactOutput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Two factors, {@code W_a W_b}. With a dense {@code W_a} the lookups are the ops of {@link
 * LowRankEmbedding}.
 *
 * @param wa {@code [V, k]}, in any form
 * @param wb {@code [k, d]}
 */
@JsonTypeName("low-rank")
public record LowRank(EmbeddingTable wa, Weight wb) implements EmbeddingTable {
  public LowRank {
    if (wa.dimension() != wb.rows()) {
      throw new IllegalArgumentException(
          "W_a is %d x %d, but W_b is %d x %d"
              .formatted(wa.vocabulary(), wa.dimension(), wb.rows(), wb.columns()));
    }
  }

  /** A table with a {@code W_b} of floats. */
  public LowRank(EmbeddingTable wa, Matrix wb) {
    this(wa, new FloatWeight(wb));
  }

  /** A table of two float factors. */
  public static LowRank of(TruncatedSvd.Factors factors) {
    return new LowRank(new Dense(factors.wa()), factors.wb());
  }

  /** The inner dimension k. */
  public int rank() {
    return wb.rows();
  }

  @Override
  public int vocabulary() {
    return wa.vocabulary();
  }

  @Override
  public int dimension() {
    return wb.columns();
  }

  @Override
  public long parameters() {
    return wa.parameters() + wb.parameters();
  }

  @Override
  public long bytes() {
    return wa.bytes() + wb.bytes();
  }

  @Override
  public Matrix toMatrix() {
    return wa.toMatrix().times(wb.toMatrix());
  }

  @Override
  public long lookupFlops(int tokens, boolean pooled) {
    return wa.lookupFlops(tokens, pooled) + 2L * (pooled ? 1 : tokens) * rank() * dimension();
  }

  @Override
  public Map<String, Object> columns() {
    Map<String, Object> columns = new LinkedHashMap<>(Map.of("rank", rank()));
    columns.putAll(wa.columns());
    return columns;
  }

  @Override
  public EmbeddingTable withRows(Function<Matrix, EmbeddingTable> form) {
    return new LowRank(wa.withRows(form), wb);
  }

  /** Scales of the columns of {@code W_a} become part of {@code W_b}. */
  @Override
  public EmbeddingTable packed() {
    EmbeddingTable rows = wa.packed();
    Weight columns = wb.packed();
    return rows.folded(columns).orElseGet(() -> new LowRank(rows, columns));
  }

  @Override
  public EmbeddingTable multiplied() {
    return wb.factors()
        .<EmbeddingTable>map(f -> new LowRank(new Dense(wa.toMatrix().times(f.wa())), f.wb()))
        .orElse(this);
  }

  @Override
  public EmbeddingTable withWeights(Function<Matrix, Weight> form) {
    return new LowRank(wa, wb.withMatrices(form));
  }

  /**
   * Folds {@code W_b} and the weight after it into one matrix, which saves parameters and
   * multiplications.
   */
  @Override
  public Optional<EmbeddingTable> folded(Weight following) {
    return Optional.of(new LowRank(wa, wb.times(following.toMatrix())));
  }

  @Override
  public void writeCompact(int[] rows, CompactOutput out) {
    out.kind(CompactFormat.TableForm.LOW_RANK);
    wa.writeCompact(rows, out);
    wb.writeCompact(out);
  }

  @Override
  public OnnxTable onnx(OnnxGraph graph) {
    return wa.onnx(graph).times(wb.toMatrix());
  }

  @Override
  public EmbeddingLayer layer(Ops tf, Variables variables, String name) {
    EmbeddingLayer rows = wa.layer(tf, variables, name + "_wa");
    return new Layer(
        this, rows, wb.layer(tf, variables, name + "_wb", Shape.of(wb.rows(), wb.columns())));
  }

  private record Layer(LowRank initial, EmbeddingLayer wa, Weight.Layer wb)
      implements EmbeddingLayer {
    @Override
    public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
      return wa.rowsTimes(tf, ids, wb.value(), initial.rank(), initial.dimension());
    }

    @Override
    public Operand<TFloat32> bag(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
      return wa.bagTimes(tf, ids, weights, wb.value());
    }

    @Override
    public Factors factors(Ops tf, Operand<TInt32> ids) {
      return new Factors(wa.rows(tf, ids), wb.value());
    }

    @Override
    public List<Variable> tables() {
      return wa.tables();
    }

    /** {@code W_b} is trainable if {@code W_a} is. */
    @Override
    public List<Parameter> parameters() {
      if (wa.tables().isEmpty()) {
        return List.of();
      }
      List<Parameter> all = new ArrayList<>(wa.parameters());
      all.addAll(wb.parameters());
      return all;
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      wa.initialize(assignment);
      wb.initialize(assignment);
    }

    @Override
    public EmbeddingTable with(Map<Variable, float[]> numbers) {
      return new LowRank(wa.with(numbers), wa.tables().isEmpty() ? initial.wb : wb.with(numbers));
    }
  }
}
