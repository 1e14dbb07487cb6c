package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.onnx.OnnxTable;
import io.github.lowrank.onnx.OnnxWords;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.CompactOutput;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.framework.activations.ReLU;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The mean of the word vectors and a correction of it, zero at first:
 *
 * <pre>
 * z = m + V relu(W m + b) + c
 * </pre>
 *
 * <p>So training starts from the mean, a strong baseline for classes that it has not seen, and what
 * those need is not forgotten as a network without the sum forgets it.
 *
 * @param hidden units of the hidden layer
 * @param dropout rate on them
 */
@JsonTypeName("residual")
public record Residual(int hidden, double dropout) implements Encoder {
  private static final String IN = "residual_in";
  private static final String IN_BIAS = "residual_in_bias";
  private static final String OUT = "residual_out";
  private static final String OUT_BIAS = "residual_out_bias";

  public Residual {
    if (hidden < 1) {
      throw new IllegalArgumentException("a residual layer needs units, but has " + hidden);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be in [0, 1), but is " + dropout);
    }
  }

  @Override
  public String name() {
    return "residual";
  }

  @Override
  public int width(int dimension) {
    return dimension;
  }

  @Override
  public Map<String, Matrix> initialWeights(int dimension, Random random) {
    Map<String, Matrix> weights = new LinkedHashMap<>();
    weights.put(IN, Matrix.glorot(dimension, hidden, random));
    weights.put(IN_BIAS, Matrix.zeros(1, hidden));
    weights.put(OUT, Matrix.zeros(hidden, dimension));
    weights.put(OUT_BIAS, Matrix.zeros(1, dimension));
    return weights;
  }

  @Override
  public Operand<TFloat32> encode(
      Ops tf,
      WordLayer words,
      Map<String, Operand<TFloat32>> weights,
      Operand<TInt32> ids,
      Dropout dropout) {
    Operand<TFloat32> mean =
        words.project(tf, words.embedding().bag(tf, ids, Encoder.mean(tf, Encoder.mask(tf, ids))));
    Operand<TFloat32> x =
        ReLU.relu(tf, tf.nn.biasAdd(tf.linalg.matMul(mean, weights.get(IN)), weights.get(IN_BIAS)));
    x = tf.linalg.matMul(dropout.apply(tf, x, this.dropout, 0), weights.get(OUT));
    return tf.math.add(mean, tf.nn.biasAdd(x, weights.get(OUT_BIAS)));
  }

  @Override
  public boolean pools() {
    return true;
  }

  @Override
  public long multiplyAdds(Map<String, Matrix> weights, int tokens) {
    return weights.get(IN).size() + weights.get(OUT).size();
  }

  @Override
  public void writeCompact(Map<String, Weight> weights, CompactOutput out) {
    out.kind(CompactFormat.EncoderKind.RESIDUAL);
    CompactLayer.write(weights.get(IN), weights.get(IN_BIAS), true, out);
    CompactLayer.write(weights.get(OUT), weights.get(OUT_BIAS), false, out);
  }

  @Override
  public String onnx(
      OnnxGraph graph, OnnxTable table, Map<String, Weight> weights, OnnxWords words) {
    String mean = table.vectors(graph, words.mean(graph, table.numbers().apply(words.rows())));
    String hidden =
        graph.linear(mean, weights.get(IN).toMatrix(), weights.get(IN_BIAS).toMatrix().values());
    String out =
        graph.linear(
            graph.op("Relu", hidden).value(),
            weights.get(OUT).toMatrix(),
            weights.get(OUT_BIAS).toMatrix().values());
    return graph.op("Add", mean, out).value();
  }
}
