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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A table whose columns are scaled: {@code E diag(scales)}. Codes with one scale per column need no
 * multiplication of their own: a matrix that follows takes the scales up, see {@link #folded}.
 *
 * @param unscaled {@code E}, {@code [V, d]}; not trainable
 * @param scales one per column
 */
@JsonTypeName("scaled-columns")
public record ScaledColumns(EmbeddingTable unscaled, float[] scales) implements EmbeddingTable {
  public ScaledColumns {
    if (scales.length != unscaled.dimension()) {
      throw new IllegalArgumentException(
          "expected %d scales, found %d".formatted(unscaled.dimension(), scales.length));
    }
  }

  @Override
  public int vocabulary() {
    return unscaled.vocabulary();
  }

  @Override
  public int dimension() {
    return unscaled.dimension();
  }

  @Override
  public long parameters() {
    return unscaled.parameters();
  }

  @Override
  public long bytes() {
    return unscaled.bytes() + (long) scales.length * Float.BYTES;
  }

  @Override
  public Matrix toMatrix() {
    Matrix matrix = unscaled.toMatrix();
    float[] values = matrix.values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] *= scales[i % scales.length];
    }
    return matrix.with(values);
  }

  @Override
  public long lookupFlops(int tokens, boolean pooled) {
    return unscaled.lookupFlops(tokens, pooled) + (long) scales.length * (pooled ? 1 : tokens);
  }

  @Override
  public Map<String, Object> columns() {
    return unscaled.columns();
  }

  /** {@code E diag(s) W} as {@code E} and {@code diag(s) W}. */
  @Override
  public Optional<EmbeddingTable> folded(Weight following) {
    return Optional.of(new LowRank(unscaled, following.scaled(scales)));
  }

  @Override
  public void writeCompact(int[] rows, CompactOutput out) {
    out.kind(CompactFormat.TableForm.SCALED_COLUMNS);
    unscaled.writeCompact(rows, out);
    out.floats(scales);
  }

  @Override
  public OnnxTable onnx(OnnxGraph graph) {
    int d = scales.length;
    Matrix diagonal = Matrix.zeros(d, d);
    for (int i = 0; i < d; i++) {
      diagonal.values()[i * d + i] = scales[i];
    }
    return unscaled.onnx(graph).times(diagonal);
  }

  @Override
  public EmbeddingLayer layer(Ops tf, Variables variables, String name) {
    EmbeddingLayer layer = unscaled.layer(tf, variables, name);
    return new Layer(
        this, layer, variables.create(name + "_columns", Shape.of(scales.length), TFloat32.class));
  }

  private record Layer(ScaledColumns initial, EmbeddingLayer unscaled, Variable scales)
      implements EmbeddingLayer {
    @Override
    public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
      return tf.math.mul(unscaled.rows(tf, ids), scales.read(tf));
    }

    @Override
    public Operand<TFloat32> bag(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
      return tf.math.mul(unscaled.bag(tf, ids, weights), scales.read(tf));
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
      unscaled.initialize(assignment);
      assignment.set(scales, initial.scales);
    }

    @Override
    public EmbeddingTable with(Map<Variable, float[]> numbers) {
      return initial; // not trainable, so it never changes
    }
  }
}
