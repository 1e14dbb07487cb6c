package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.predictor.Space;
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
  public Space space() {
    return Space.EUCLIDEAN;
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
  public String onnx(OnnxGraph graph, String vectors, String means) {
    String differences =
        graph.op("Sub", graph.unsqueeze(vectors, 1), graph.unsqueeze(means, 0)).value();
    return graph.op("ReduceSumSquare", differences, graph.longs(2)).with("keepdims", 0).value();
  }
}
