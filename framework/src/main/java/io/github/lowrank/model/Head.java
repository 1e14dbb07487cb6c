package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.github.lowrank.linalg.Matrix;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * What makes class scores, and a loss, of an {@link Encoder}'s vector. One of your own is a record
 * that implements it.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public interface Head {
  /** Short name, as in tables. */
  String name();

  /**
   * First trainable weights, by names that begin with {@code output}.
   *
   * @param width length of the encoder's vector
   */
  Map<String, Matrix> initialWeights(int width, int classes, Random random);

  /**
   * Numbers that no gradient changes, such as the centroids of the classes, before there is data;
   * their names begin with {@code output} too.
   */
  default Map<String, Matrix> initialState(int width, int classes) {
    return Map.of();
  }

  /**
   * The same numbers from the training texts; asked for before every evaluation if there are any.
   *
   * @param vectors of the encoder, {@code [texts][n]}
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
   * The loss of a batch; may depend on weights through the scores alone.
   *
   * @param labels class numbers, {@code [batch]}
   * @return scalar
   */
  Operand<TFloat32> loss(Ops tf, Operand<TFloat32> scores, Operand<TInt32> labels, int classes);

  /** Probabilities of the classes, {@code [batch, classes]}. */
  default Operand<TFloat32> probabilities(Ops tf, Operand<TFloat32> scores) {
    return tf.nn.softmax(scores);
  }

  /** What reports say of the head beside its weights, in order; nothing of the usual one. */
  default Map<String, Object> columns() {
    return Map.of();
  }

  /** Multiply-adds of one sentence, counted from the numbers' shapes. */
  default long multiplyAdds(Map<String, Matrix> numbers) {
    return numbers.entrySet().stream()
        .filter(n -> n.getKey().startsWith("output") && n.getValue().rows() > 1)
        .mapToLong(n -> n.getValue().size())
        .sum();
  }
}
