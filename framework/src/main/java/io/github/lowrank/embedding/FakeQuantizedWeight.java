package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.FakeQuantization;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.QuantizedMatrix;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A float matrix that trains as if it were stored in b-bit codes, {@link FakeQuantization}, with
 * one learned step per row: of the {@code W_b} of a low-rank table, one per component.
 *
 * @param values the numbers behind the codes
 * @param bits width of a code, 2 to 16
 * @param logSteps logarithm of the step of each row
 */
@JsonTypeName("fake-quantized")
public record FakeQuantizedWeight(Matrix values, int bits, float[] logSteps) implements Weight {
  public FakeQuantizedWeight {
    if (bits < 2 || bits > 16) {
      throw new IllegalArgumentException("bits must be in 2 .. 16, but is " + bits);
    }
    if (logSteps.length != values.rows()) {
      throw new IllegalArgumentException(
          "expected %d steps, found %d".formatted(values.rows(), logSteps.length));
    }
  }

  /** {@code values} with the step for each row that makes the squared error smallest. */
  public static FakeQuantizedWeight of(Matrix values, int bits) {
    float[] logSteps = new float[values.rows()];
    for (int r = 0; r < logSteps.length; r++) {
      logSteps[r] = (float) Math.log(FakeQuantization.bestStep(values.row(r), bits));
    }
    return new FakeQuantizedWeight(values, bits, logSteps);
  }

  @Override
  public int rows() {
    return values.rows();
  }

  @Override
  public int columns() {
    return values.columns();
  }

  @Override
  public long parameters() {
    return values.size();
  }

  @Override
  public long bytes() {
    return CodedWeight.bytes(rows(), columns(), bits);
  }

  @Override
  public Matrix toMatrix() {
    float[] rounded = new float[values.values().length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = FakeQuantization.value(values.values()[i], step(i / columns()), bits);
    }
    return values.with(rounded);
  }

  private float step(int row) {
    return (float) Math.exp(logSteps[row]);
  }

  @Override
  public Weight scaled(float[] scales) {
    float[] logs = new float[logSteps.length];
    for (int r = 0; r < logs.length; r++) {
      logs[r] = (float) (logSteps[r] + Math.log(scales[r]));
    }
    return new FakeQuantizedWeight(values.scaledRows(scales), bits, logs);
  }

  @Override
  public Weight times(Matrix right) {
    return of(toMatrix().times(right), bits);
  }

  /** The codes and their steps. */
  @Override
  public Weight packed() {
    int[] codes = new int[values.values().length];
    float[] steps = new float[rows()];
    for (int r = 0; r < steps.length; r++) {
      steps[r] = step(r);
    }
    for (int i = 0; i < codes.length; i++) {
      codes[i] = FakeQuantization.code(values.values()[i], steps[i / columns()], bits);
    }
    return CodedWeight.of(PackedCodes.symmetric(rows(), columns(), bits, codes), steps);
  }

  @Override
  public Layer layer(Ops tf, Variables variables, String name, Shape shape) {
    Parameter matrix = Parameter.of(tf, variables.create(name, shape, TFloat32.class));
    Parameter steps =
        Parameter.of(tf, variables.create(name + "_steps", Shape.of(rows()), TFloat32.class));
    return new InGraph(
        this, matrix, steps, QuantizedMatrix.of(tf, matrix.value(), steps.value(), bits));
  }

  private record InGraph(
      FakeQuantizedWeight initial, Parameter matrix, Parameter logSteps, Operand<TFloat32> value)
      implements Layer {
    @Override
    public List<Parameter> parameters() {
      return List.of(matrix, logSteps);
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      assignment.set(matrix.variable(), initial.values.values());
      assignment.set(logSteps.variable(), initial.logSteps);
    }

    @Override
    public Weight with(Map<Variable, float[]> numbers) {
      return new FakeQuantizedWeight(
          initial.values.with(numbers.get(matrix.variable())),
          initial.bits,
          numbers.get(logSteps.variable()));
    }
  }
}
