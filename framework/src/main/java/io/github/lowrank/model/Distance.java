package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.predictor.Space;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * How far texts are from the prototypes of {@link Prototypes}. To add one, write a record that
 * implements this interface.
 *
 * <p>Vectors are lifted to points first. The mean of points stands for a class, since means can be
 * added to, taken from and merged; the prototype is what the distance makes of that mean.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public interface Distance {
  /** Short name, for tables. */
  String name();

  /**
   * Length of a point.
   *
   * @param n length of a vector
   */
  default int width(int n) {
    return space().width(n);
  }

  /** The point of a vector {@code [n]}. */
  default float[] lift(float[] vector) {
    return space().lift(vector);
  }

  /**
   * The squared distances of texts from prototypes.
   *
   * @param vectors {@code [batch, n]}
   * @param means of lifted points, {@code [classes, width]}
   * @return {@code [batch, classes]}
   */
  Operand<TFloat32> squared(Ops tf, Operand<TFloat32> vectors, Operand<TFloat32> means);

  /**
   * The points of vectors, as {@link #lift} gives them.
   *
   * @param vectors {@code [batch, n]}
   * @return {@code [batch, width]}
   */
  Operand<TFloat32> lifted(Ops tf, Operand<TFloat32> vectors);

  /**
   * The squared distances in a graph of ONNX, {@code [batch, classes]}.
   *
   * @param vectors {@code [batch, n]}
   * @param means of lifted points, {@code [classes, width]}
   */
  String onnx(OnnxGraph graph, String vectors, String means);

  /** The same in a compact file. */
  Space space();
}
