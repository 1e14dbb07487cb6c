package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.CompactOutput;
import java.util.Map;
import java.util.OptionalDouble;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A linear layer and a sigmoid for each class: any number of labels per text. The loss of a text is
 * the sum over the classes of
 *
 * <pre>
 * - y log sigmoid(z) - (1 - y) log (1 - sigmoid(z))
 * </pre>
 *
 * @param cut probability from which on a label is an answer
 */
@JsonTypeName("sigmoid")
public record Sigmoid(double cut) implements LinearHead {
  public Sigmoid {
    if (!(cut >= 0 && cut <= 1)) {
      throw new IllegalArgumentException("a threshold must be in [0, 1], but is " + cut);
    }
  }

  /** Before a threshold is chosen. */
  public Sigmoid() {
    this(0.5);
  }

  @Override
  public String name() {
    return "sigmoid";
  }

  @Override
  public OptionalDouble threshold() {
    return OptionalDouble.of(cut);
  }

  @Override
  public Head withThreshold(double threshold) {
    return new Sigmoid(threshold);
  }

  @Override
  public Operand<TFloat32> losses(Ops tf, Operand<TFloat32> scores, Operand<TFloat32> targets) {
    // - y log sigmoid(z) - (1 - y) log sigmoid(-z) = log(1 + e^z) - y z
    return tf.reduceSum(
        tf.math.sub(tf.math.softplus(scores), tf.math.mul(targets, scores)), tf.constant(1));
  }

  @Override
  public Operand<TFloat32> distillation(
      Ops tf, Operand<TFloat32> scores, Operand<TFloat32> taught, float temperature) {
    Operand<TFloat32> t = tf.constant(temperature);
    Operand<TFloat32> targets = tf.math.sigmoid(tf.math.div(taught, t));
    return tf.math.mul(
        losses(tf, tf.math.div(scores, t), targets), tf.constant(temperature * temperature));
  }

  @Override
  public double crossEntropy(float[] scores, int[] classes, double temperature, double doubt) {
    double sum = 0;
    for (float score : scores) {
      sum +=
          Math.log1p(Math.exp(-Math.abs(score) / temperature)) + Math.max(score, 0) / temperature;
      sum -= doubt * score / temperature;
    }
    for (int c : classes) {
      sum -= c < 0 ? 0 : (1 - 2 * doubt) * scores[c] / temperature;
    }
    return sum;
  }

  @Override
  public Operand<TFloat32> probabilities(Ops tf, Operand<TFloat32> scores) {
    return tf.math.sigmoid(scores);
  }

  @Override
  public void writeCompact(Map<String, Weight> weights, CompactOutput out) {
    writeLayer(weights, out.kind(CompactFormat.HeadKind.SIGMOID)).floats(new float[] {(float) cut});
  }

  @Override
  public String onnx(OnnxGraph graph, String vectors, Map<String, Weight> weights) {
    return graph.op("Sigmoid", onnxScores(graph, vectors, weights)).value();
  }
}
