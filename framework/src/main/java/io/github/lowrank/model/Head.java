package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.predictor.CompactOutput;
import io.github.lowrank.predictor.Space;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Computes class scores and a loss from an {@link Encoder}'s vector. To add a head, write a record
 * that implements this interface.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public interface Head {
  /** Short name, for tables. */
  String name();

  /**
   * Initial trainable weights; their names begin with {@code output}.
   *
   * @param width length of the encoder's vector
   */
  Map<String, Matrix> initialWeights(int width, int classes, Random random);

  /**
   * Initial state: values that no gradient changes, such as class centroids. Their names also begin
   * with {@code output}.
   */
  default Map<String, Matrix> initialState(int width, int classes) {
    return Map.of();
  }

  /**
   * The state computed from the training texts. Called before every evaluation if the head has any
   * state.
   *
   * @param vectors the encoder's vectors, {@code [texts][n]}
   * @param labels class numbers
   */
  default Map<String, Matrix> state(float[][] vectors, int[] labels, int classes) {
    return Map.of();
  }

  /**
   * Class scores; the highest wins.
   *
   * @param vectors {@code [batch, n]}
   * @param numbers values of weights and state
   * @return {@code [batch, classes]}
   */
  Operand<TFloat32> scores(
      Ops tf, Operand<TFloat32> vectors, Map<String, Operand<TFloat32>> numbers);

  /**
   * The loss of each text. It may depend on the weights only through the scores.
   *
   * @param targets what the answers should be, {@code [batch, classes]}; 1 for a text's class or
   *     classes, else 0
   * @return {@code [batch]}
   */
  Operand<TFloat32> losses(Ops tf, Operand<TFloat32> scores, Operand<TFloat32> targets);

  /**
   * The loss of each text against a teacher: the cross-entropy to its softened probabilities, times
   * the square of the temperature, so that its gradient does not depend on it.
   *
   * @param taught the teacher's scores, {@code [batch, classes]}
   * @return {@code [batch]}
   */
  default Operand<TFloat32> distillation(
      Ops tf, Operand<TFloat32> scores, Operand<TFloat32> taught, float temperature) {
    Operand<TFloat32> t = tf.constant(temperature);
    Operand<TFloat32> targets = tf.nn.softmax(tf.math.div(taught, t));
    return tf.math.mul(
        tf.nn.softmaxCrossEntropyWithLogits(tf.math.div(scores, t), targets).loss(),
        tf.constant(temperature * temperature));
  }

  /**
   * The cross-entropy of one text's probabilities to its classes, for calibration.
   *
   * @param classes that the text has; negative ones are unknown and passed over
   * @param doubt probability that the text's class is another
   */
  default double crossEntropy(float[] scores, int[] classes, double temperature, double doubt) {
    if (classes.length != 1 || classes[0] < 0) {
      return 0;
    }
    double most = Double.NEGATIVE_INFINITY;
    for (float s : scores) {
      most = Math.max(most, s);
    }
    double all = 0;
    double mean = 0; // of the scores, by their share of the target
    for (int c = 0; c < scores.length; c++) {
      double score = scores[c] - most;
      all += Math.exp(score / temperature);
      mean += score * (c == classes[0] ? 1 - doubt : doubt / (scores.length - 1));
    }
    return Math.log(all) - mean / temperature;
  }

  /**
   * How much the loss of a text of each class counts, {@code [classes]}.
   *
   * @param counts number of training texts of each class
   */
  default float[] classWeights(int[] counts) {
    float[] weights = new float[counts.length];
    Arrays.fill(weights, 1);
    return weights;
  }

  /**
   * The head's weights with all scores multiplied by {@code factor}; the same weights if its scores
   * are not linear in them.
   */
  default Map<String, Weight> scaled(Map<String, Weight> weights, float factor) {
    return weights;
  }

  /** This head with all scores multiplied by {@code factor}, if that is not up to its weights. */
  default Head scaled(double factor) {
    return this;
  }

  /**
   * Where distances from prototypes are measured. Such a head learns from episodes, and classes are
   * data, its state: they come and go without training. Empty for other heads.
   */
  default Optional<Space> space() {
    return Optional.empty();
  }

  /**
   * Squared distance of {@link #nearest} beyond which a text has none of the labels; empty if every
   * text has one.
   */
  default OptionalDouble reach() {
    return OptionalDouble.empty();
  }

  /**
   * This head, by which a share of texts have none of the labels: those that are farthest from all.
   *
   * @param scores of texts, {@code [texts][classes]}
   */
  default Head rejecting(float[][] scores, double share) {
    throw new UnsupportedOperationException("the head " + name() + " knows no distances");
  }

  /**
   * The squared distance of each text from what is nearest to it, {@code [batch]}.
   *
   * @throws UnsupportedOperationException if the head knows no distances
   */
  default Operand<TFloat32> nearest(Ops tf, Operand<TFloat32> scores) {
    throw new UnsupportedOperationException("the head " + name() + " knows no distances");
  }

  /**
   * Probability from which on a label is an answer; empty if each text has exactly one label, the
   * most likely.
   */
  default OptionalDouble threshold() {
    return OptionalDouble.empty();
  }

  /** This head with another {@link #threshold}. */
  default Head withThreshold(double threshold) {
    return this;
  }

  /** Probabilities of the classes, {@code [batch, classes]}. */
  default Operand<TFloat32> probabilities(Ops tf, Operand<TFloat32> scores) {
    return tf.nn.softmax(scores);
  }

  /** What reports say of the head beside its weights, in order; nothing of the usual one. */
  default Map<String, Object> columns() {
    return Map.of();
  }

  /**
   * Writes this head to a compact file.
   *
   * @param weights its weights and state
   * @throws UnsupportedOperationException if the predictor does not know it
   */
  default void writeCompact(Map<String, Weight> weights, CompactOutput out) {
    throw new UnsupportedOperationException("the head " + name() + " has no compact form");
  }

  /**
   * This head in a graph of ONNX: probabilities, {@code [batch, classes]}.
   *
   * @param vectors {@code [batch, n]}
   * @param weights its weights and state
   * @throws UnsupportedOperationException if it cannot be written
   */
  default String onnx(OnnxGraph graph, String vectors, Map<String, Weight> weights) {
    throw new UnsupportedOperationException("the head " + name() + " has no form in ONNX");
  }

  /**
   * Probabilities of the classes for a text without a known word in a graph of ONNX, {@code [1,
   * classes]}.
   */
  default String onnxPrior(OnnxGraph graph, float[] prior) {
    return graph.floats(prior, 1, prior.length);
  }

  /** Multiply-adds of one sentence, counted from the numbers' shapes. */
  default long multiplyAdds(Map<String, Matrix> numbers) {
    return numbers.entrySet().stream()
        .filter(n -> n.getKey().startsWith("output") && n.getValue().rows() > 1)
        .mapToLong(n -> n.getValue().size())
        .sum();
  }
}
