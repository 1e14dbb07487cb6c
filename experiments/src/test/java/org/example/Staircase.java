package org.example;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.io.Kinds;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.schedule.Shape;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/**
 * Falls by the same factor at equal distances.
 *
 * @param stairs number of different rates
 * @param factor from one to the next
 */
@JsonTypeName("staircase")
public record Staircase(int stairs, double factor) implements Shape {
  @Override
  public String name() {
    return "staircase-" + stairs;
  }

  @Override
  public Schedule schedule(double rate, long steps) {
    return new Stairs(rate, factor, Math.max(1, steps / stairs));
  }

  /**
   * {@code rate(t) = rate * factor^floor(t / length)}.
   *
   * @param first rate of the first stair
   * @param factor from one to the next
   * @param length steps on a stair
   */
  record Stairs(double first, double factor, long length) implements Schedule {
    @Override
    public double rate(long t) {
      return first * Math.pow(factor, (double) (t / length));
    }

    @Override
    public Operand<TFloat32> build(Ops tf, Operand<TInt64> step) {
      Operand<TFloat64> stair =
          tf.dtypes.cast(tf.math.floorDiv(step, tf.constant(length)), TFloat64.class);
      return tf.dtypes.cast(
          tf.math.mul(tf.constant(first), tf.math.pow(tf.constant(factor), stair)), TFloat32.class);
    }
  }

  /** What files call it. */
  public static final class Names implements Kinds {
    @Override
    public List<Class<?>> kinds() {
      return List.of(Staircase.class);
    }
  }
}
