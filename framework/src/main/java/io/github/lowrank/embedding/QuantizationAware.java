package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.FakeQuantization;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.QuantizedRows;
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
 * A float table that trains as if it were stored in b-bit codes: every lookup rounds the rows that
 * it gathers, {@link FakeQuantization}, with one learned step per column. A step of training costs
 * as many rows as it looks up; the steps are a few numbers beside the table.
 *
 * @param values {@code [V, d]}
 * @param bits width of a code, 1 to 16
 * @param logSteps logarithm of the step of each column
 */
@JsonTypeName("quantization-aware")
public record QuantizationAware(Matrix values, int bits, float[] logSteps)
    implements EmbeddingTable {
  public QuantizationAware {
    if (bits < 1 || bits > 16) {
      throw new IllegalArgumentException("bits must be in 1 .. 16, but is " + bits);
    }
    if (logSteps.length != values.columns()) {
      throw new IllegalArgumentException(
          "expected %d steps, found %d".formatted(values.columns(), logSteps.length));
    }
  }

  /** {@code values} with the step for each column that makes the squared error smallest. */
  public static QuantizationAware of(Matrix values, int bits) {
    float[] logSteps = new float[values.columns()];
    for (int c = 0; c < logSteps.length; c++) {
      logSteps[c] = (float) Math.log(FakeQuantization.bestStep(values.column(c), bits));
    }
    return new QuantizationAware(values, bits, logSteps);
  }

  private float[] steps() {
    float[] steps = new float[logSteps.length];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = (float) Math.exp(logSteps[i]);
    }
    return steps;
  }

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
    // One scale and one minimum of the codes, one step per column.
    return (long) vocabulary() * PackedCodes.bytesPerRow(dimension(), bits)
        + (2L + dimension()) * Float.BYTES;
  }

  @Override
  public Matrix toMatrix() {
    float[] steps = steps();
    float[] rounded = new float[Math.toIntExact(values.size())];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = FakeQuantization.value(values.values()[i], steps[i % steps.length], bits);
    }
    return values.with(rounded);
  }

  @Override
  public long lookupFlops(int tokens, boolean pooled) {
    return 2L * dimension() * tokens + (long) dimension() * (pooled ? 1 : tokens);
  }

  @Override
  public Map<String, Object> columns() {
    return Map.of("bits", bits);
  }

  /** The codes, whose steps stand apart: {@link ScaledColumns}. */
  @Override
  public EmbeddingTable packed() {
    float[] steps = steps();
    int[] codes = new int[Math.toIntExact(values.size())];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = FakeQuantization.code(values.values()[i], steps[i % steps.length], bits);
    }
    return new ScaledColumns(
        new FixedPoint(PackedCodes.symmetric(values.rows(), values.columns(), bits, codes)), steps);
  }

  @Override
  public EmbeddingLayer layer(Ops tf, Variables variables, String name) {
    Variable table =
        variables.create(name, Shape.of(values.rows(), values.columns()), TFloat32.class);
    Variable steps = variables.create(name + "_steps", Shape.of(values.columns()), TFloat32.class);
    return new Layer(this, table, Parameter.of(tf, steps));
  }

  private record Layer(QuantizationAware initial, Variable table, Parameter logSteps)
      implements EmbeddingLayer {
    @Override
    public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
      return QuantizedRows.rows(tf, table, logSteps.value(), initial.bits, ids);
    }

    @Override
    public Operand<TFloat32> bag(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
      return QuantizedRows.bag(tf, table, logSteps.value(), initial.bits, ids, weights);
    }

    @Override
    public List<Variable> tables() {
      return List.of(table);
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(logSteps);
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      assignment.set(table, initial.values.values());
      assignment.set(logSteps.variable(), initial.logSteps);
    }

    @Override
    public EmbeddingTable with(Map<Variable, float[]> numbers) {
      return new QuantizationAware(
          initial.values.with(numbers.get(table)), initial.bits, numbers.get(logSteps.variable()));
    }
  }
}
