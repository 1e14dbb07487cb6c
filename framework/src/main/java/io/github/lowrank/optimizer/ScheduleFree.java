package io.github.lowrank.optimizer;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.TrainingOps;
import io.github.lowrank.op.Variable;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Schedule-Free learning, <a href="https://arxiv.org/abs/2405.15682">Defazio et al. (2024)</a>: an
 * average of the iterates takes the place of a schedule that decays. With the rate {@code r} of
 * step {@code t = 1, 2, ...}, which rises linearly at first (the shape {@code warmup-constant}),
 * and a direction {@code d} that is computed from the gradient at {@code y}:
 *
 * <pre>
 * y  = (1 - beta) z + beta x       trained: the gradient is taken here
 * z -= r d
 * W += r^2
 * x  = (1 - c) x + c z             evaluated, with c = r^2 / W
 * </pre>
 *
 * <p>Kept are {@code z}, {@code W} and the scaled distance {@code D = W (x - z)}. A step changes
 * the latter by {@code D += W r d}, with {@code W} before the step, so a row without a gradient
 * keeps both {@code z} and {@code D} while {@code x = z + D / W} and {@code y = z + beta D / W}
 * move on: a step costs no more than its rows, and is exact.
 */
public final class ScheduleFree {
  private ScheduleFree() {}

  /** What is kept of a variable. */
  private record Kept(Optimizer.Update update, Variable z, Variable distance, Variable weight) {
    static Kept of(Optimizer.Update update) {
      return new Kept(
          update,
          update.copy("_free_z"),
          update.slot("_free_distance", 0),
          update.number("_free_weight", 0));
    }

    /** Moves {@code z} and {@code x} along a direction of the variable's shape. */
    Op dense(Ops tf, Operand<TFloat32> direction) {
      Operand<TFloat32> before = weight.read(tf);
      Operand<TFloat32> scaled = tf.math.mul(before, update.rate());
      return all(
          tf,
          TrainingOps.gradientDescent(tf, z, update.rate(), direction),
          TrainingOps.gradientDescent(tf, distance, tf.math.neg(scaled), direction),
          heavier(tf, before));
    }

    /** The same for some rows. */
    Op sparse(Ops tf, Operand<TInt32> ids, Operand<TFloat32> direction) {
      Operand<TFloat32> before = weight.read(tf);
      Operand<TFloat32> move = tf.math.mul(direction, update.rate());
      return all(
          tf,
          z.subtractRows(tf, ids, move),
          distance.addRows(tf, ids, tf.math.mul(move, before)),
          heavier(tf, before));
    }

    private Op heavier(Ops tf, Operand<TFloat32> before) {
      return weight.assign(tf, tf.math.add(before, tf.math.square(update.rate())));
    }

    Optimizer.Points points(Ops tf, float beta, Optional<Operand<TInt32>> rows) {
      Variable variable = update.variable();
      Op trained =
          rows.map(
                  ids ->
                      variable.assignRows(
                          tf, ids, point(tf, z.rows(tf, ids), distance.rows(tf, ids), beta)))
              .orElseGet(() -> variable.assign(tf, point(tf, z.read(tf), distance.read(tf), beta)));
      return new Optimizer.Points(
          trained, variable.assign(tf, point(tf, z.read(tf), distance.read(tf), 1)));
    }

    /** {@code z + share D / W}. Before the first step both D and W are 0. */
    private Operand<TFloat32> point(
        Ops tf, Operand<TFloat32> from, Operand<TFloat32> scaled, float share) {
      Operand<TFloat32> positive = tf.math.maximum(weight.read(tf), tf.constant(Float.MIN_NORMAL));
      return tf.math.add(from, tf.math.mul(tf.constant(share), tf.math.div(scaled, positive)));
    }

    private static Op all(Ops tf, Op... ops) {
      return tf.withControlDependencies(ops).noOp();
    }
  }

  /**
   * Schedule-Free SGD: {@code d = g}. Its sparse form is exact.
   *
   * @param beta share of the average in the point at which the gradient is taken
   */
  @JsonTypeName("schedule-free-sgd")
  public record Sgd(float beta) implements Optimizer {
    @Override
    public String name() {
      return "schedule-free-sgd";
    }

    @Override
    public Op dense(Ops tf, Update update, Operand<TFloat32> gradient) {
      return Kept.of(update).dense(tf, gradient);
    }

    @Override
    public Op sparse(Ops tf, Update update, SparseRows gradient) {
      return Kept.of(update).sparse(tf, gradient.ids(), gradient.rows());
    }

    @Override
    public Optional<Points> points(Ops tf, Update update, Optional<Operand<TInt32>> rows) {
      return Optional.of(Kept.of(update).points(tf, beta, rows));
    }
  }

  /**
   * Schedule-Free AdamW without weight decay:
   *
   * <pre>
   * v = beta2 v + (1 - beta2) g^2
   * d = g / (sqrt(v / (1 - beta2^t)) + epsilon)
   * </pre>
   *
   * <p>Its sparse form is exact but for {@code v}, which is lazy as that of {@link Optimizer.Adam}.
   *
   * @param beta1 share of the average in the point at which the gradient is taken
   * @param beta2 decay of the second moment
   * @param epsilon added to the root
   */
  @JsonTypeName("schedule-free-adamw")
  public record AdamW(float beta1, float beta2, float epsilon) implements Optimizer {
    @Override
    public String name() {
      return "schedule-free-adamw";
    }

    private static Variable square(Update update) {
      return update.slot("_free_v", 0);
    }

    private Operand<TFloat32> decayed(Ops tf, Operand<TFloat32> v, Operand<TFloat32> g) {
      return tf.math.add(
          tf.math.mul(v, tf.constant(beta2)),
          tf.math.mul(tf.math.square(g), tf.constant(1 - beta2)));
    }

    private Operand<TFloat32> direction(
        Ops tf, Update update, Operand<TFloat32> v, Operand<TFloat32> g) {
      Operand<TFloat32> correction =
          tf.math.sub(tf.constant(1f), Adam.power(tf, beta2, update.step()));
      return tf.math.div(
          g, tf.math.add(tf.math.sqrt(tf.math.div(v, correction)), tf.constant(epsilon)));
    }

    @Override
    public Op dense(Ops tf, Update update, Operand<TFloat32> gradient) {
      Variable square = square(update);
      Operand<TFloat32> v = decayed(tf, square.read(tf), gradient);
      return Kept.all(
          tf, square.assign(tf, v), Kept.of(update).dense(tf, direction(tf, update, v, gradient)));
    }

    @Override
    public Op sparse(Ops tf, Update update, SparseRows gradient) {
      Variable square = square(update);
      Operand<TInt32> ids = gradient.ids();
      Operand<TFloat32> v = decayed(tf, square.rows(tf, ids), gradient.rows());
      return Kept.all(
          tf,
          square.assignRows(tf, ids, v),
          Kept.of(update).sparse(tf, ids, direction(tf, update, v, gradient.rows())));
    }

    @Override
    public Optional<Points> points(Ops tf, Update update, Optional<Operand<TInt32>> rows) {
      return Optional.of(Kept.of(update).points(tf, beta1, rows));
    }
  }
}
