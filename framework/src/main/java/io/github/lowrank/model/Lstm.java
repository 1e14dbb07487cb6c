package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.onnx.OnnxTable;
import io.github.lowrank.onnx.OnnxWords;
import io.github.lowrank.op.BlockLstm;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.CompactOutput;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * LSTM with peepholes, dropout on its outputs, and the mean of the outputs over the known words.
 * With a low-rank table it reads the k-dimensional rows of {@code W_a}: {@code W_b} is multiplied
 * by the input weight first, so the recurrence never sees d dimensions.
 *
 * @param units hidden units
 * @param dropout rate on the outputs
 * @param backward how the gradient is propagated through time; all variants agree up to rounding
 */
@JsonTypeName("lstm")
public record Lstm(int units, double dropout, BlockLstm.Backward backward) implements Encoder {
  private static final String INPUT = "lstm_input";

  /**
   * Number of parts of a training batch that run through time in parallel. It is not the number of
   * threads, because the number of rows of a matrix product changes its rounding, and results
   * should not depend on the machine.
   */
  private static final int PARTS = 2;

  private static final List<String> PEEPHOLES =
      List.of("lstm_peephole_i", "lstm_peephole_f", "lstm_peephole_o");

  public Lstm {
    if (units < 1) {
      throw new IllegalArgumentException("an LSTM needs units, but has " + units);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be in [0, 1), but is " + dropout);
    }
  }

  /** The fastest form. */
  public Lstm(int units, double dropout) {
    this(units, dropout, BlockLstm.Backward.HOISTED);
  }

  /** The paper's configuration: 150 units, dropout 0.5. */
  public static Lstm ofPaper() {
    return new Lstm(150, 0.5);
  }

  @Override
  public String name() {
    return "lstm";
  }

  @Override
  public int width(int dimension) {
    return units;
  }

  @Override
  public Map<String, Matrix> initialWeights(int dimension, Random random) {
    Map<String, Matrix> weights = new LinkedHashMap<>();
    weights.put(INPUT, Matrix.glorot(dimension, 4 * units, random));
    weights.put("lstm_recurrent", Matrix.glorot(units, 4 * units, random));
    Matrix bias = Matrix.zeros(1, 4 * units);
    // The gates are in the order i, f, g, o; a forget bias of 1 lets gradients flow at the start.
    Arrays.fill(bias.values(), units, 2 * units, 1);
    weights.put("lstm_bias", bias);
    PEEPHOLES.forEach(name -> weights.put(name, Matrix.zeros(1, units)));
    return weights;
  }

  @Override
  public Optional<String> inputWeight() {
    return Optional.of(INPUT);
  }

  @Override
  public Operand<TFloat32> encode(
      Ops tf,
      WordLayer words,
      Map<String, Operand<TFloat32>> weights,
      Operand<TInt32> ids,
      Dropout dropout) {
    Operand<TFloat32> mask = Encoder.mask(tf, ids);
    WordLayer.Words distinct = words.distinct(tf, ids);
    // Transposed as floats, exact below 2^24: for integers oneDNN prints a warning to standard
    // error.
    Operand<TInt64> index =
        tf.dtypes.cast(
            tf.linalg.transpose(
                tf.dtypes.cast(distinct.index(), TFloat32.class), tf.constant(new int[] {1, 0})),
            TInt64.class);
    Operand<TFloat32> h =
        BlockLstm.create(
            tf,
            distinct.rows(),
            index,
            tf.concat(List.of(distinct.matrix(), weights.get("lstm_recurrent")), tf.constant(0)),
            PEEPHOLES.stream().<Operand<TFloat32>>map(weights::get).toList(),
            weights.get("lstm_bias"),
            units,
            backward,
            dropout == Dropout.NONE ? 1 : PARTS);
    Operand<TFloat32> outputs = dropout.apply(tf, h, this.dropout, 0);
    Operand<TFloat32> byTime =
        tf.expandDims(
            tf.linalg.transpose(Encoder.mean(tf, mask), tf.constant(new int[] {1, 0})),
            tf.constant(2));
    return tf.reduceSum(tf.math.mul(outputs, byTime), tf.constant(0));
  }

  @Override
  public boolean pools() {
    return false;
  }

  @Override
  public long multiplyAdds(Map<String, Matrix> weights, int tokens) {
    return (weights.get("lstm_recurrent").size() + 3L * units) * tokens;
  }

  @Override
  public void writeCompact(Map<String, Weight> weights, CompactOutput out) {
    Weight input = weights.get(INPUT);
    out.kind(CompactFormat.EncoderKind.LSTM).integer(units).octet(input == null ? 0 : 1);
    if (input != null) {
      input.writeCompact(out);
    }
    weights.get("lstm_recurrent").writeCompact(out);
    out.floats(weights.get("lstm_bias").toMatrix().values());
    PEEPHOLES.forEach(name -> out.floats(weights.get(name).toMatrix().values()));
  }

  @Override
  public String onnx(
      OnnxGraph graph, OnnxTable table, Map<String, Weight> weights, OnnxWords words) {
    OnnxWords.Inputs inputs = words.inputs(graph, table);
    Matrix input = inputs.weight();
    float[] bias = new float[8 * units]; // of inputs and of outputs
    System.arraycopy(gates(weights.get("lstm_bias").toMatrix()), 0, bias, 0, 4 * units);
    float[] peepholes = new float[3 * units];
    for (int p = 0; p < 3; p++) {
      String name = List.of("lstm_peephole_i", "lstm_peephole_o", "lstm_peephole_f").get(p);
      System.arraycopy(weights.get(name).toMatrix().values(), 0, peepholes, p * units, units);
    }
    String outputs =
        graph
            .op(
                "LSTM",
                graph.op("Transpose", inputs.rows()).with("perm", new long[] {1, 0, 2}).value(),
                graph.floats(gates(input), 1, 4L * units, input.rows()),
                graph.floats(gates(weights.get("lstm_recurrent").toMatrix()), 1, 4L * units, units),
                graph.floats(bias, 1, 8L * units),
                "",
                "",
                "",
                graph.floats(peepholes, 1, 3L * units))
            .with("hidden_size", units)
            .value();
    String byText =
        graph.op("Transpose", graph.squeeze(outputs, 1)).with("perm", new long[] {1, 0, 2}).value();
    return words.mean(graph, byText);
  }

  /** The transpose of {@code [m, 4 n]}, with the gates i, f, g, o in ONNX's order: i, o, f, g. */
  private float[] gates(Matrix matrix) {
    int m = matrix.rows();
    int[] from = {0, 3, 1, 2};
    float[] values = new float[m * 4 * units];
    for (int row = 0; row < 4 * units; row++) {
      float[] column = matrix.column(from[row / units] * units + row % units);
      System.arraycopy(column, 0, values, row * m, m);
    }
    return values;
  }
}
