package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Weight;
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

/** A linear layer and the mean softmax cross-entropy: one label per text. */
@JsonTypeName("softmax")
public record Softmax() implements Head {
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
