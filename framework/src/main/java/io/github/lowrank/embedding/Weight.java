package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
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
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A weight matrix in one of its forms. Unlike an {@link EmbeddingTable} it is read and updated as a
 * whole. Each form is one file.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "form")
public interface Weight {
  /** Number of rows. */
  int rows();

  /** Number of columns. */
  int columns();

  /** Stored numbers, whatever their width; scales not counted. */
  long parameters();

  /** Bytes of all stored numbers, codes and scales. */
  long bytes();

  /** Its two factors, if it is a product; else empty. */
  default Optional<TruncatedSvd.Factors> factors() {
    return Optional.empty();
  }

  /** The matrix that this form stands for. */
  Matrix toMatrix();

  /**
   * The matrix in a graph.
   *
   * @param name names of its variables begin with it
   * @param shape shape of its value: {@code [rows, columns]}, or {@code [columns]} for a vector
   */
  Layer layer(Ops tf, Variables variables, String name, Shape shape);

  /** {@code diag(scales)} times this matrix, in this form. */
  Weight scaled(float[] scales);

  /** This matrix times {@code right}, in a form that stores its numbers as this one does. */
  Weight times(Matrix right);

  /** This matrix as it is stored: without what only training needs. */
  default Weight packed() {
    return this;
  }

  /** This weight with its matrix, or its factors, in another form. */
  default Weight withMatrices(Function<Matrix, Weight> form) {
    return form.apply(toMatrix());
  }

  /**
   * Writes this matrix to a compact file; as floats, unless the form has a shorter way that the
   * predictor knows.
   */
  default void writeCompact(CompactOutput out) {
    out.kind(CompactFormat.WeightForm.FLOATS)
        .integer(rows())
        .integer(columns())
        .floats(toMatrix().values());
  }

  /** A {@link Weight} in a graph. */
  interface Layer {
    /** The matrix. */
    Operand<TFloat32> value();

    /** Trainable variables; empty if the form is not trainable. */
    List<Parameter> parameters();

    /** Adds the form's values to {@code assignment}. */
    void initialize(Variables.Assignment assignment);

    /**
     * The form with other values.
     *
     * @param numbers values of the trainable variables
     */
    Weight with(Map<Variable, float[]> numbers);
  }
}
