package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.FloatWeight;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.linalg.Matrix;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;

/**
 * {@code d(z, p)^2 = |z|^2 - 2 z p + |p|^2}: of prototypes it makes a linear layer, as Snell,
 * Swersky and Zemel, <a href="https://arxiv.org/abs/1703.05175">Prototypical Networks for Few-shot
 * Learning</a> (2017), note.
 */
@JsonTypeName("euclidean")
public record Euclidean() implements Distance {
  @Override
  public String name() {
    return "euclidean";
  }

  @Override
  public int width(int n) {
    return n;
  }

  @Override
  public float[] lift(float[] vector) {
    return vector;
  }

  @Override
  public Operand<TFloat32> lifted(Ops tf, Operand<TFloat32> vectors) {
    return vectors;
  }

  @Override
  public Operand<TFloat32> squared(Ops tf, Operand<TFloat32> vectors, Operand<TFloat32> means) {
    Operand<TFloat32> ours =
        tf.expandDims(tf.reduceSum(tf.math.square(vectors), tf.constant(1)), tf.constant(1));
    Operand<TFloat32> theirs = tf.reduceSum(tf.math.square(means), tf.constant(1));
    Operand<TFloat32> products = tf.linalg.matMul(vectors, means, MatMul.transposeB(true));
    return tf.math.add(tf.math.sub(ours, tf.math.mul(products, tf.constant(2f))), theirs);
  }

  @Override
  public Map<String, Weight> linear(Matrix means, double scale) {
    int classes = means.rows();
    Matrix weight = Matrix.zeros(means.columns(), classes);
    Matrix bias = Matrix.zeros(1, classes);
    for (int c = 0; c < classes; c++) {
      double square = 0;
      for (int i = 0; i < means.columns(); i++) {
        double p = means.get(c, i);
        weight.values()[i * classes + c] = (float) (2 * scale * p);
        square += p * p;
      }
      bias.values()[c] = (float) (-scale * square);
    }
    return FloatWeight.all(Map.of(LinearHead.WEIGHT, weight, LinearHead.BIAS, bias));
  }
}
