package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.CompactOutput;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Two factors, {@code A B}.
 *
 * @param a {@code [m, k]}
 * @param b {@code [k, n]}
 */
@JsonTypeName("low-rank-weight")
public record LowRankWeight(Weight a, Weight b) implements Weight {
  public LowRankWeight {
    if (a.columns() != b.rows()) {
      throw new IllegalArgumentException(
          "A is %d x %d, but B is %d x %d".formatted(a.rows(), a.columns(), b.rows(), b.columns()));
    }
  }

  /** The best factors of {@code matrix} of rank k, by truncated SVD. */
  public static LowRankWeight of(Matrix matrix, int k) {
    TruncatedSvd.Factors factors = TruncatedSvd.of(matrix, k).factors(TruncatedSvd.Split.BALANCED);
    return new LowRankWeight(new FloatWeight(factors.wa()), new FloatWeight(factors.wb()));
  }

  @Override
  public Optional<TruncatedSvd.Factors> factors() {
    return Optional.of(new TruncatedSvd.Factors(a.toMatrix(), b.toMatrix()));
  }

  @Override
  public int rows() {
    return a.rows();
  }

  @Override
  public int columns() {
    return b.columns();
  }

  @Override
  public long parameters() {
    return a.parameters() + b.parameters();
  }

  @Override
  public long bytes() {
    return a.bytes() + b.bytes();
  }

  @Override
  public Matrix toMatrix() {
    return a.toMatrix().times(b.toMatrix());
  }

  @Override
  public Weight scaled(float[] scales) {
    return new LowRankWeight(a.scaled(scales), b);
  }

  @Override
  public Weight times(Matrix right) {
    return new LowRankWeight(a, b.times(right));
  }

  @Override
  public Weight packed() {
    return new LowRankWeight(a.packed(), b.packed());
  }

  @Override
  public Weight withMatrices(Function<Matrix, Weight> form) {
    return new LowRankWeight(a.withMatrices(form), b.withMatrices(form));
  }

  @Override
  public void writeCompact(CompactOutput out) {
    out.kind(CompactFormat.WeightForm.PRODUCT);
    a.writeCompact(out);
    b.writeCompact(out);
  }

  @Override
  public Layer layer(Ops tf, Variables variables, String name, Shape shape) {
    Layer left = a.layer(tf, variables, name + "_a", Shape.of(a.rows(), a.columns()));
    Layer right = b.layer(tf, variables, name + "_b", Shape.of(b.rows(), b.columns()));
    return new InGraph(left, right, tf.linalg.matMul(left.value(), right.value()));
  }

  private record InGraph(Layer a, Layer b, Operand<TFloat32> value) implements Layer {
    @Override
    public List<Parameter> parameters() {
      return Stream.concat(a.parameters().stream(), b.parameters().stream()).toList();
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      a.initialize(assignment);
      b.initialize(assignment);
    }

    @Override
    public Weight with(Map<Variable, float[]> numbers) {
      return new LowRankWeight(a.with(numbers), b.with(numbers));
    }
  }
}
