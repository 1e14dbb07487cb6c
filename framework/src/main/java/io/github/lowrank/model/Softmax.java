package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.io.Json;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.CompactOutput;
import java.util.Arrays;
import java.util.Map;
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
    implements LinearHead {
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

  @Override
  public String name() {
    return "softmax";
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
    writeLayer(weights, out.kind(CompactFormat.HeadKind.SOFTMAX));
  }

  @Override
  public String onnx(OnnxGraph graph, String vectors, Map<String, Weight> weights) {
    return graph.op("Softmax", onnxScores(graph, vectors, weights)).value();
  }
}
