package io.github.lowrank.model;

import io.github.lowrank.embedding.Weight;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.predictor.CompactOutput;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** A head whose scores are those of one linear layer. */
interface LinearHead extends Head {
  /** Name of the layer's weight. */
  String WEIGHT = "output";

  /** Name of its bias. */
  String BIAS = "output_bias";

  @Override
  default Map<String, Matrix> initialWeights(int width, int classes, Random random) {
    Map<String, Matrix> weights = new LinkedHashMap<>();
    weights.put(WEIGHT, Matrix.glorot(width, classes, random));
    weights.put(BIAS, Matrix.zeros(1, classes));
    return weights;
  }

  @Override
  default Operand<TFloat32> scores(
      Ops tf, Operand<TFloat32> vectors, Map<String, Operand<TFloat32>> numbers) {
    return tf.nn.biasAdd(tf.linalg.matMul(vectors, numbers.get(WEIGHT)), numbers.get(BIAS));
  }

  @Override
  default Map<String, Weight> scaled(Map<String, Weight> weights, float factor) {
    Map<String, Weight> scaled = new LinkedHashMap<>(weights);
    for (String name : List.of(WEIGHT, BIAS)) {
      float[] factors = new float[weights.get(name).rows()];
      Arrays.fill(factors, factor);
      scaled.put(name, weights.get(name).scaled(factors));
    }
    return scaled;
  }

  /** Writes the layer to a compact file. */
  default CompactOutput writeLayer(Map<String, Weight> weights, CompactOutput out) {
    CompactLayer.write(weights.get(WEIGHT), weights.get(BIAS), false, out);
    return out;
  }

  /** The scores in a graph of ONNX. */
  default String onnxScores(OnnxGraph graph, String vectors, Map<String, Weight> weights) {
    return graph.linear(
        vectors, weights.get(WEIGHT).toMatrix(), weights.get(BIAS).toMatrix().values());
  }
}
