package org.example;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.io.Kinds;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Head;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;

/**
 * The nearest class wins: scores are negative squared distances to the mean vectors of the classes,
 * which are the head's state.
 *
 * @param sharpness factor of the distances
 */
@JsonTypeName("centroids")
public record Centroids(double sharpness) implements Head {
  private static final String CENTROIDS = "output_centroids";

  @Override
  public String name() {
    return "centroids";
  }

  @Override
  public Map<String, Matrix> initialWeights(int width, int classes, Random random) {
    return Map.of();
  }

  @Override
  public Map<String, Matrix> initialState(int width, int classes) {
    return Map.of(CENTROIDS, Matrix.zeros(classes, width));
  }

  @Override
  public Map<String, Matrix> state(float[][] vectors, int[] labels, int classes) {
    int width = vectors[0].length;
    float[] means = new float[classes * width];
    int[] counts = new int[classes];
    for (int i = 0; i < vectors.length; i++) {
      counts[labels[i]]++;
      for (int j = 0; j < width; j++) {
        means[labels[i] * width + j] += vectors[i][j];
      }
    }
    for (int i = 0; i < means.length; i++) {
      means[i] /= Math.max(1, counts[i / width]);
    }
    return Map.of(CENTROIDS, new Matrix(classes, width, means));
  }

  /** {@code -|v - c|^2 = 2 v c - |c|^2 - |v|^2}. */
  @Override
  public Operand<TFloat32> scores(
      Ops tf, Operand<TFloat32> vectors, Map<String, Operand<TFloat32>> numbers) {
    Operand<TFloat32> centroids = numbers.get(CENTROIDS);
    Operand<TFloat32> products = tf.linalg.matMul(vectors, centroids, MatMul.transposeB(true));
    Operand<TFloat32> own =
        tf.expandDims(tf.reduceSum(tf.math.square(vectors), tf.constant(1)), tf.constant(1));
    Operand<TFloat32> theirs = tf.reduceSum(tf.math.square(centroids), tf.constant(1));
    return tf.math.mul(
        tf.constant((float) sharpness),
        tf.math.sub(tf.math.sub(tf.math.mul(tf.constant(2f), products), theirs), own));
  }

  @Override
  public Operand<TFloat32> losses(Ops tf, Operand<TFloat32> scores, Operand<TFloat32> targets) {
    return tf.nn.softmaxCrossEntropyWithLogits(scores, targets).loss();
  }

  @Override
  public Map<String, Object> columns() {
    return Map.of("head", name());
  }

  /** What files call it. */
  public static final class Names implements Kinds {
    @Override
    public List<Class<?>> kinds() {
      return List.of(Centroids.class);
    }
  }
}
