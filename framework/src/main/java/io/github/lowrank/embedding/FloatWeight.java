package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * One float per entry.
 *
 * @param toMatrix the numbers
 */
@JsonTypeName("float")
public record FloatWeight(Matrix toMatrix) implements Weight {
  /** All of {@code matrices} in this form. */
  public static Map<String, Weight> all(Map<String, Matrix> matrices) {
    Map<String, Weight> weights = new LinkedHashMap<>();
    matrices.forEach((name, matrix) -> weights.put(name, new FloatWeight(matrix)));
    return weights;
  }

  @Override
  public int rows() {
    return toMatrix.rows();
  }

  @Override
  public int columns() {
    return toMatrix.columns();
  }

  @Override
  public long parameters() {
    return toMatrix.size();
  }

  @Override
  public long bytes() {
    return toMatrix.size() * Float.BYTES;
  }

  @Override
  public Weight scaled(float[] scales) {
    return new FloatWeight(toMatrix.scaledRows(scales));
  }

  @Override
  public Weight times(Matrix right) {
    return new FloatWeight(toMatrix.times(right));
  }

  @Override
  public Layer layer(Ops tf, Variables variables, String name, Shape shape) {
    return new InGraph(toMatrix, Parameter.of(tf, variables.create(name, shape, TFloat32.class)));
  }

  private record InGraph(Matrix initial, Parameter parameter) implements Layer {
    @Override
    public Operand<TFloat32> value() {
      return parameter.value();
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(parameter);
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      assignment.set(parameter.variable(), initial.values());
    }

    @Override
    public Weight with(Map<Variable, float[]> numbers) {
      float[] now = numbers.get(parameter.variable());
      return new FloatWeight(now == null ? initial : initial.with(now));
    }
  }
}
