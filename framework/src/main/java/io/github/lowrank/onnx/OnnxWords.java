package io.github.lowrank.onnx;

import io.github.lowrank.linalg.Matrix;

/**
 * The words of texts in a graph of ONNX.
 *
 * @param rows their row numbers, int64 {@code [batch, length]}; below 1 for padding and unknown
 *     words
 * @param known 1 for words with a row, 0 for others: float {@code [batch, length]}
 * @param count how many words of each text have a row, at least 1: float {@code [batch, 1]}
 */
public record OnnxWords(String rows, String known, String count) {
  /** Means of what the known words have, {@code [batch, length, k]}: {@code [batch, k]}. */
  public String mean(OnnxGraph graph, String numbers) {
    String sum = graph.op("MatMul", graph.unsqueeze(known, 1), numbers).value();
    return graph.op("Div", graph.squeeze(sum, 1), count).value();
  }

  /**
   * Words in their order, for encoders that depend on it.
   *
   * @param rows {@code [batch, length, k]}; unknown words are zero vectors
   * @param weight what multiplies them, {@code [k, n]}
   */
  public record Inputs(String rows, Matrix weight) {}

  /**
   * What the words have in {@code table}, whose {@link OnnxTable#right} must be there. What each
   * row of the table has added to it comes from one more number, which unknown words do not have.
   */
  public Inputs inputs(OnnxGraph graph, OnnxTable table) {
    Matrix right =
        table.right().orElseThrow(() -> new UnsupportedOperationException("no input weight"));
    String one = graph.unsqueeze(known, 2);
    String numbers = graph.op("Mul", table.numbers().apply(rows), one).value();
    Matrix weight = Matrix.zeros(right.rows() + 1, right.columns());
    System.arraycopy(right.values(), 0, weight.values(), 0, right.values().length);
    System.arraycopy(table.plus(), 0, weight.values(), right.values().length, right.columns());
    return new Inputs(graph.op("Concat", numbers, one).with("axis", 2).value(), weight);
  }
}
