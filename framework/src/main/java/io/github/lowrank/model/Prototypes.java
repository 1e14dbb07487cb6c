package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.FloatWeight;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.predictor.CompactOutput;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A prototype for each class, the mean of its texts; the nearest wins. Classes come and go without
 * training: their prototypes are data. After Snell, Swersky and Zemel (2017) and Wohlwend et al.,
 * <a href="https://arxiv.org/abs/1911.01026">Metric Learning for Dynamic Text Classification</a>
 * (2019):
 *
 * <pre>
 * score_c = - scale d(z, p_c)^2
 * </pre>
 *
 * @param distance between a text and a prototype
 * @param scale inverse temperature of the scores
 */
@JsonTypeName("prototypes")
public record Prototypes(Distance distance, double scale) implements Head {
  /** The mean of each class's points, {@code [classes, width]}. */
  public static final String MEANS = "output_means";

  /** Number of texts of each class, {@code [classes]}. */
  public static final String COUNTS = "output_counts";

  private static final float NEVER = -1e9f; // a score of a class without texts

  public Prototypes {
    if (!(scale > 0)) {
      throw new IllegalArgumentException("the scale must be positive, but is " + scale);
    }
  }

  @Override
  public String name() {
    return "prototypes-" + distance.name();
  }

  /** None: nothing but the encoder learns. */
  @Override
  public Map<String, Matrix> initialWeights(int width, int classes, Random random) {
    return Map.of();
  }

  @Override
  public Map<String, Matrix> initialState(int width, int classes) {
    Map<String, Matrix> state = new LinkedHashMap<>();
    state.put(MEANS, Matrix.zeros(classes, distance.width(width)));
    state.put(COUNTS, Matrix.zeros(1, classes));
    return state;
  }

  @Override
  public Map<String, Matrix> state(float[][] vectors, int[] labels, int classes) {
    int width = distance.width(vectors[0].length);
    double[] sums = new double[classes * width];
    Matrix counts = Matrix.zeros(1, classes);
    for (int i = 0; i < vectors.length; i++) {
      float[] point = distance.lift(vectors[i]);
      counts.values()[labels[i]]++;
      for (int j = 0; j < width; j++) {
        sums[labels[i] * width + j] += point[j];
      }
    }
    Matrix means = Matrix.zeros(classes, width);
    for (int i = 0; i < sums.length; i++) {
      means.values()[i] = (float) (sums[i] / Math.max(1, counts.values()[i / width]));
    }
    Map<String, Matrix> state = new LinkedHashMap<>();
    state.put(MEANS, means);
    state.put(COUNTS, counts);
    return state;
  }

  @Override
  public Operand<TFloat32> scores(
      Ops tf, Operand<TFloat32> vectors, Map<String, Operand<TFloat32>> numbers) {
    Operand<TFloat32> distances = distance.squared(tf, vectors, numbers.get(MEANS));
    Operand<TFloat32> empty =
        tf.dtypes.cast(tf.math.less(numbers.get(COUNTS), tf.constant(0.5f)), TFloat32.class);
    return tf.math.add(
        tf.math.mul(distances, tf.constant((float) -scale)),
        tf.math.mul(empty, tf.constant(NEVER)));
  }

  @Override
  public Operand<TFloat32> losses(Ops tf, Operand<TFloat32> scores, Operand<TFloat32> targets) {
    return tf.nn.softmaxCrossEntropyWithLogits(scores, targets).loss();
  }

  @Override
  public Map<String, Object> columns() {
    return Map.of("scale", scale);
  }

  @Override
  public void writeCompact(Map<String, Weight> weights, CompactOutput out) {
    new Softmax().writeCompact(linear(weights), out);
  }

  @Override
  public String onnx(OnnxGraph graph, String vectors, Map<String, Weight> weights) {
    return new Softmax().onnx(graph, vectors, linear(weights));
  }

  private Map<String, Weight> linear(Map<String, Weight> weights) {
    Map<String, Weight> layer =
        new LinkedHashMap<>(distance.linear(weights.get(MEANS).toMatrix(), scale));
    float[] bias = layer.get(LinearHead.BIAS).toMatrix().values().clone();
    float[] counts = weights.get(COUNTS).toMatrix().values();
    for (int c = 0; c < bias.length; c++) {
      bias[c] = counts[c] < 0.5 ? NEVER : bias[c];
    }
    layer.putAll(FloatWeight.all(Map.of(LinearHead.BIAS, new Matrix(1, bias.length, bias))));
    return layer;
  }
}
