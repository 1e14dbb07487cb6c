package io.github.lowrank.onnx;

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
}
