package io.github.lowrank.onnx;

import io.github.lowrank.linalg.Matrix;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A table in a graph of ONNX: row r is {@code numbers(r) right + plus}. Whatever is linear is left
 * to {@code right}, so that a mean of rows meets it once, together with the matrix after it.
 *
 * @param numbers from row numbers {@code [batch, length]} to floats {@code [batch, length, k]}
 * @param right {@code [k, d]}; empty if it would be the unit matrix
 * @param plus d numbers
 */
public record OnnxTable(UnaryOperator<String> numbers, Optional<Matrix> right, float[] plus) {
  /** A table of floats. */
  public static OnnxTable of(OnnxGraph graph, Matrix rows) {
    return new OnnxTable(
        ids -> graph.op("Gather", graph.floats(rows), ids).value(),
        Optional.empty(),
        new float[rows.columns()]);
  }

  /** This table times a matrix. */
  public OnnxTable times(Matrix matrix) {
    return new OnnxTable(
        numbers,
        Optional.of(right.map(r -> r.times(matrix)).orElse(matrix)),
        new Matrix(1, plus.length, plus).times(matrix).values());
  }

  /** This table with more added to each row. */
  public OnnxTable plus(float[] more) {
    float[] sum = plus.clone();
    for (int j = 0; j < sum.length; j++) {
      sum[j] += more[j];
    }
    return new OnnxTable(numbers, right, sum);
  }

  /**
   * Rows, or means of them, from their numbers.
   *
   * @param numbers {@code [batch, k]}
   * @return {@code [batch, d]}
   */
  public String vectors(OnnxGraph graph, String numbers) {
    return right.isPresent()
        ? graph.linear(numbers, right.get(), plus)
        : graph.op("Add", numbers, graph.vector(plus)).value();
  }
}
