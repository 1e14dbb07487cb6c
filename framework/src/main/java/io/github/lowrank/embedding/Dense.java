package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.LowRankEmbedding;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * One float per entry.
 *
 * @param values {@code [V, d]}
 */
@JsonTypeName("dense")
public record Dense(Matrix values) implements EmbeddingTable {
  @Override
  public int vocabulary() {
    return values.rows();
  }

  @Override
  public int dimension() {
    return values.columns();
  }

  @Override
  public long parameters() {
    return values.size();
  }

  @Override
  public long bytes() {
    return values.size() * Float.BYTES;
  }

  @Override
  public Matrix toMatrix() {
    return values;
  }

  /** A lookup costs nothing; pooling takes one multiplication and one addition per number. */
  @Override
  public long lookupFlops(int tokens, boolean pooled) {
    return pooled ? 2L * dimension() * tokens : 0;
  }

  @Override
  public EmbeddingLayer layer(Ops tf, Variables variables, String name) {
    return new Layer(
        this, variables.create(name, Shape.of(values.rows(), values.columns()), TFloat32.class));
  }

  private record Layer(Dense initial, Variable table) implements EmbeddingLayer {
    @Override
    public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
      return SparseRows.gather(tf, table, ids);
    }

    @Override
    public Operand<TFloat32> rowsTimes(
        Ops tf, Operand<TInt32> ids, Operand<TFloat32> right, int d, int n) {
      return LowRankEmbedding.lookup(tf, table, right, ids);
    }

    @Override
    public Operand<TFloat32> bagTimes(
        Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights, Operand<TFloat32> right) {
      return LowRankEmbedding.bag(tf, table, right, ids, weights);
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
      assignment.set(table, initial.values.values());
    }

    @Override
    public EmbeddingTable with(Map<Variable, float[]> numbers) {
      return new Dense(initial.values.with(numbers.get(table)));
    }
  }
}
