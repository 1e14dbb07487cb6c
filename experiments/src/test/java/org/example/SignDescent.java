package org.example;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.io.Kinds;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.TrainingOps;
import io.github.lowrank.optimizer.Optimizer;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** {@code x -= r sign(g)}. Its sparse form is exact, for the sign of no gradient is zero. */
@JsonTypeName("sign-descent")
public record SignDescent() implements Optimizer {
  @Override
  public String name() {
    return "sign-descent";
  }

  @Override
  public Op dense(Ops tf, Update update, Operand<TFloat32> gradient) {
    return TrainingOps.gradientDescent(
        tf, update.variable(), update.rate(), tf.math.sign(gradient));
  }

  @Override
  public Op sparse(Ops tf, Update update, SparseRows gradient) {
    Operand<TFloat32> signs = tf.math.sign(gradient.rows());
    return update.variable().subtractRows(tf, gradient.ids(), tf.math.mul(signs, update.rate()));
  }

  /** What files call it. */
  public static final class Names implements Kinds {
    @Override
    public List<Class<?>> kinds() {
      return List.of(SignDescent.class);
    }
  }
}
