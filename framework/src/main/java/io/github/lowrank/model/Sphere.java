package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.predictor.Space;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Between vectors of length 1, which prototypes have, too: {@code 2 - 2 cos(z, p)}. */
@JsonTypeName("sphere")
public record Sphere() implements Distance {
  private static final float SMALLEST = 1e-12f;

  @Override
  public String name() {
    return "sphere";
  }

  @Override
  public Space space() {
    return Space.SPHERE;
  }

  @Override
  public Operand<TFloat32> lifted(Ops tf, Operand<TFloat32> vectors) {
    Operand<TFloat32> squares =
        tf.expandDims(tf.reduceSum(tf.math.square(vectors), tf.constant(1)), tf.constant(1));
    return tf.math.mul(vectors, tf.math.rsqrt(tf.math.maximum(squares, tf.constant(SMALLEST))));
  }

  @Override
  public Operand<TFloat32> squared(Ops tf, Operand<TFloat32> vectors, Operand<TFloat32> means) {
    return new Euclidean().squared(tf, lifted(tf, vectors), lifted(tf, means));
  }

  @Override
  public String onnx(OnnxGraph graph, String vectors, String means) {
    return new Euclidean().onnx(graph, unit(graph, vectors), unit(graph, means));
  }

  private static String unit(OnnxGraph graph, String vectors) {
    String squares =
        graph.op("ReduceSumSquare", vectors, graph.longs(1)).with("keepdims", 1).value();
    String length =
        graph.op("Sqrt", graph.op("Max", squares, graph.number(SMALLEST)).value()).value();
    return graph.op("Div", vectors, length).value();
  }
}
