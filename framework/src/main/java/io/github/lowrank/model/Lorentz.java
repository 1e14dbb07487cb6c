package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.predictor.Space;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Distance on the hyperboloid, after Wohlwend et al., <a
 * href="https://arxiv.org/abs/1911.01026">Metric Learning for Dynamic Text Classification</a>
 * (2019):
 *
 * <pre>
 * lift      x = (x_0, z),  x_0 = sqrt(1 + |z|^2)
 * product   &lt;x, y&gt; = - x_0 y_0 + sum_i x_i y_i
 * distance  arcosh(- &lt;x, y&gt;)
 * prototype m / sqrt(- &lt;m, m&gt;),  m the mean of lifted points
 * </pre>
 *
 * <p>With {@code w = - <x, y> - 1 = <x - y, x - y> / 2}, which cancels nothing, arcosh(1 + w) is
 * {@code log1p(w + sqrt(w (w + 2)))}; below 1e-4 its square is {@code 2 w - w^2 / 3}, whose
 * derivative stays finite. The prototype is the closed-form centroid: the Fréchet mean of the
 * authors lies within 0.02 of it.
 */
@JsonTypeName("lorentz")
public record Lorentz() implements Distance {
  private static final float NEAR = 1e-4f;

  @Override
  public String name() {
    return "lorentz";
  }

  @Override
  public Space space() {
    return Space.LORENTZ;
  }

  @Override
  public Operand<TFloat32> lifted(Ops tf, Operand<TFloat32> vectors) {
    Operand<TFloat32> squares = tf.reduceSum(tf.math.square(vectors), tf.constant(1));
    Operand<TFloat32> first = tf.math.sqrt(tf.math.add(squares, tf.constant(1f)));
    return tf.concat(List.of(tf.expandDims(first, tf.constant(1)), vectors), tf.constant(1));
  }

  @Override
  public Operand<TFloat32> squared(Ops tf, Operand<TFloat32> vectors, Operand<TFloat32> means) {
    // A class without a text has the mean 0: the maximum keeps its numbers finite.
    Operand<TFloat32> length =
        tf.math.sqrt(tf.math.maximum(tf.math.neg(product(tf, means, 1)), tf.constant(1e-12f)));
    Operand<TFloat32> prototypes = tf.math.div(means, tf.expandDims(length, tf.constant(1)));
    Operand<TFloat32> differences =
        tf.math.sub(
            tf.expandDims(lifted(tf, vectors), tf.constant(1)),
            tf.expandDims(prototypes, tf.constant(0)));
    Operand<TFloat32> w = tf.math.mul(product(tf, differences, 2), tf.constant(0.5f));
    Operand<TFloat32> far = tf.math.maximum(w, tf.constant(NEAR));
    Operand<TFloat32> root = tf.math.sqrt(tf.math.mul(far, tf.math.add(far, tf.constant(2f))));
    Operand<TFloat32> arcosh = tf.math.log1p(tf.math.add(far, root));
    Operand<TFloat32> series =
        tf.math.sub(
            tf.math.mul(w, tf.constant(2f)), tf.math.div(tf.math.square(w), tf.constant(3f)));
    return tf.select(tf.math.less(w, tf.constant(NEAR)), series, tf.math.square(arcosh));
  }

  /**
   * {@code <x, x>}.
   *
   * @param axis of the coordinates, the last; TensorFlow's gradient of a gather takes no -1 for it
   */
  private static Operand<TFloat32> product(Ops tf, Operand<TFloat32> points, int axis) {
    Operand<TFloat32> squares = tf.math.square(points);
    Operand<TFloat32> first = tf.gather(squares, tf.constant(0), tf.constant(axis));
    return tf.math.sub(
        tf.reduceSum(squares, tf.constant(axis)), tf.math.mul(first, tf.constant(2f)));
  }

  @Override
  public String onnx(OnnxGraph graph, String vectors, String means) {
    String squares = sum(graph, graph.op("Mul", vectors, vectors).value(), 1);
    String first = graph.op("Sqrt", graph.op("Add", squares, graph.number(1)).value()).value();
    String lifted = graph.op("Concat", graph.unsqueeze(first, 1), vectors).with("axis", 1).value();
    String product = product(graph, means, 1);
    String length =
        graph
            .op(
                "Sqrt",
                graph.op("Max", graph.op("Neg", product).value(), graph.number(1e-12f)).value())
            .value();
    String prototypes = graph.op("Div", means, graph.unsqueeze(length, 1)).value();
    String differences =
        graph.op("Sub", graph.unsqueeze(lifted, 1), graph.unsqueeze(prototypes, 0)).value();
    String w = graph.op("Mul", product(graph, differences, 2), graph.number(0.5f)).value();
    String far = graph.op("Max", w, graph.number(NEAR)).value();
    String root =
        graph
            .op("Sqrt", graph.op("Mul", far, graph.op("Add", far, graph.number(2)).value()).value())
            .value();
    String more = graph.op("Add", graph.number(1), graph.op("Add", far, root).value()).value();
    String arcosh = graph.op("Log", more).value();
    String series =
        graph
            .op(
                "Sub",
                graph.op("Mul", w, graph.number(2)).value(),
                graph.op("Div", graph.op("Mul", w, w).value(), graph.number(3)).value())
            .value();
    return graph
        .op(
            "Where",
            graph.op("Less", w, graph.number(NEAR)).value(),
            series,
            graph.op("Mul", arcosh, arcosh).value())
        .value();
  }

  private static String product(OnnxGraph graph, String points, int axis) {
    String squares = graph.op("Mul", points, points).value();
    String first = graph.op("Gather", squares, graph.integer(0)).with("axis", axis).value();
    return graph
        .op("Sub", sum(graph, squares, axis), graph.op("Mul", first, graph.number(2)).value())
        .value();
  }

  private static String sum(OnnxGraph graph, String values, int axis) {
    return graph.op("ReduceSum", values, graph.longs(axis)).with("keepdims", 0).value();
  }
}
