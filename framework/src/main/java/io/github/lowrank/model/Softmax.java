package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.io.Json;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.CompactOutput;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A linear layer and the softmax cross-entropy: one label per text. The loss of a text counts
 *
 * <pre>
 * (texts / (classes n_c))^balance,  n_c training texts of its class c
 * </pre>
 *
 * @param balance 0: as much as any other's; 1: all classes count alike, however rare
 */
@JsonTypeName("softmax")
public record Softmax(@JsonInclude(JsonInclude.Include.NON_DEFAULT) double balance)
    implements Head {
  public Softmax {
    if (!(balance >= 0 && balance <= 1)) {
      throw new IllegalArgumentException("balance must be in [0, 1], but is " + balance);
    }
  }

  /** Every text counts alike. */
  public Softmax() {
    this(0);
  }

  @JsonCreator
  static Softmax read(
      @JsonProperty("balance")
          @JacksonInject(value = Json.ABSENT_IS_ZERO, useInput = OptBoolean.TRUE)
          double balance) {
    return new Softmax(balance);
  }

  private static final String WEIGHT = "output";
  private static final String BIAS = "output_bias";

  @Override
  public String name() {
    return "softmax";
  }

  @Override
  public Map<String, Matrix> initialWeights(int width, int classes, Random random) {
    Map<String, Matrix> weights = new LinkedHashMap<>();
    weights.put(WEIGHT, Matrix.glorot(width, classes, random));
    weights.put(BIAS, Matrix.zeros(1, classes));
    return weights;
  }

  @Override
  public Operand<TFloat32> scores(
      Ops tf, Operand<TFloat32> vectors, Map<String, Operand<TFloat32>> numbers) {
    return tf.nn.biasAdd(tf.linalg.matMul(vectors, numbers.get(WEIGHT)), numbers.get(BIAS));
  }

  @Override
  public Map<String, Weight> scaled(Map<String, Weight> weights, float factor) {
    Map<String, Weight> scaled = new LinkedHashMap<>(weights);
    for (String name : List.of(WEIGHT, BIAS)) {
      float[] factors = new float[weights.get(name).rows()];
      Arrays.fill(factors, factor);
      scaled.put(name, weights.get(name).scaled(factors));
    }
    return scaled;
  }

  @Override
  public Operand<TFloat32> losses(Ops tf, Operand<TFloat32> scores, Operand<TFloat32> targets) {
    return tf.nn.softmaxCrossEntropyWithLogits(scores, targets).loss();
  }

  @Override
  public float[] classWeights(int[] counts) {
    double mean = (double) Arrays.stream(counts).sum() / counts.length;
    float[] weights = new float[counts.length];
    for (int c = 0; c < counts.length; c++) {
      weights[c] = (float) Math.pow(mean / Math.max(1, counts[c]), balance);
    }
    return weights;
  }

  /** Of a balanced loss: its exponent. */
  @Override
  public Map<String, Object> columns() {
    return balance == 0 ? Map.of() : Map.of("balance", balance);
  }

  @Override
  public void writeCompact(Map<String, Weight> weights, CompactOutput out) {
    out.kind(CompactFormat.HeadKind.SOFTMAX);
    CompactLayer.write(weights.get(WEIGHT), weights.get(BIAS), false, out);
  }

  @Override
  public String onnx(OnnxGraph graph, String vectors, Map<String, Weight> weights) {
    String scores =
        graph.linear(
            vectors, weights.get(WEIGHT).toMatrix(), weights.get(BIAS).toMatrix().values());
    return graph.op("Softmax", scores).value();
  }
}
