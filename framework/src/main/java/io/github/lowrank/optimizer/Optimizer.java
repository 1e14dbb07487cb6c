package io.github.lowrank.optimizer;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.TrainingOps;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * An update rule on resource variables, with a dense form and a sparse form for embedding tables.
 * To add an optimizer, write a record that implements this interface.
 *
 * <p>In the equations, {@code g} is the gradient and {@code r} the learning rate, which the graph
 * computes at every step. The sparse forms of SGD and AdaGrad equal their dense forms exactly.
 * Those of momentum, RMSProp and Adam are <em>lazy</em>: the slots of a row decay only at steps in
 * which the row has a gradient, whereas the dense form decays and moves every row at every step.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public interface Optimizer {
  /**
   * The variable to update, and the step.
   *
   * @param variables the graph's variables, to create slots
   * @param variable the variable to update
   * @param rate learning rate, float scalar
   * @param step global step before this update, int64 scalar
   */
  record Update(
      Variables variables, Variable variable, Operand<TFloat32> rate, Operand<TInt64> step) {
    /** A slot: a variable with the shape of the updated one, initialized to {@code initial}. */
    public Variable slot(String suffix, float initial) {
      return variables.slot(variable, suffix, variable.shape(), initial);
    }

    /** A slot with a single number. */
    public Variable number(String suffix, float initial) {
      return variables.slot(variable, suffix, Shape.scalar(), initial);
    }

    /** A slot with the shape and the first values of the updated variable. */
    public Variable copy(String suffix) {
      return variables.copied(variable, suffix);
    }
  }

  /**
   * The two values of a variable that is not evaluated where its gradient is taken.
   *
   * @param trained sets the variable to the values at which the next step takes the gradient; a run
   *     of its own before each step, with the step's batch
   * @param evaluated sets the variable to the values that are evaluated, kept and exported
   */
  record Points(Op trained, Op evaluated) {}

  /** Short name, for tables. */
  String name();

  /** Updates the variable by a gradient of its shape. */
  Op dense(Ops tf, Update update, Operand<TFloat32> gradient);

  /** Updates only the rows that have a gradient. */
  Op sparse(Ops tf, Update update, SparseRows gradient);

  /**
   * How to move a variable to where it is trained and evaluated; empty if that is the same, as with
   * most optimizers.
   *
   * @param rows the rows of a table that the step reads; empty: the variable is dense
   */
  default Optional<Points> points(Ops tf, Update update, Optional<Operand<TInt32>> rows) {
    return Optional.empty();
  }

  /** Stochastic gradient descent. */
  static Optimizer sgd() {
    return new Sgd();
  }

  /** Classical momentum of 0.9. */
  static Optimizer momentum() {
    return new Momentum(0.9f);
  }

  /** AdaGrad with an initial accumulator of 0.1. */
  static Optimizer adaGrad() {
    return new AdaGrad(0.1f);
  }

  /** RMSProp with decay 0.9 and epsilon 1e-7. */
  static Optimizer rmsProp() {
    return new RmsProp(0.9f, 1e-7f);
  }

  /** Adam with 0.9, 0.999 and epsilon 1e-8; lazy on embedding tables. */
  static Optimizer adam() {
    return new Adam(0.9f, 0.999f, Adam.EPSILON);
  }

  /** Schedule-Free SGD with 0.9. */
  static Optimizer scheduleFreeSgd() {
    return new ScheduleFree.Sgd(0.9f);
  }

  /** Schedule-Free AdamW with 0.9, 0.999 and epsilon 1e-8, without weight decay. */
  static Optimizer scheduleFreeAdamW() {
    return new ScheduleFree.AdamW(0.9f, 0.999f, 1e-8f);
  }

  /**
   * The usual optimizer of that name: sgd, momentum, adagrad, rmsprop, adam, schedule-free-sgd or
   * schedule-free-adamw.
   */
  static Optimizer named(String name) {
    List<Optimizer> usual =
        List.of(
            sgd(),
            momentum(),
            adaGrad(),
            rmsProp(),
            adam(),
            scheduleFreeSgd(),
            scheduleFreeAdamW());
    return usual.stream()
        .filter(o -> o.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected one of %s, found '%s'"
                        .formatted(usual.stream().map(Optimizer::name).toList(), name)));
  }

  /** {@code x -= r g}. Its sparse form is exact. */
  @JsonTypeName("sgd")
  record Sgd() implements Optimizer {
    @Override
    public String name() {
      return "sgd";
    }

    @Override
    public Op dense(Ops tf, Update update, Operand<TFloat32> gradient) {
      return TrainingOps.gradientDescent(tf, update.variable(), update.rate(), gradient);
    }

    @Override
    public Op sparse(Ops tf, Update update, SparseRows gradient) {
      return update
          .variable()
          .subtractRows(tf, gradient.ids(), tf.math.mul(gradient.rows(), update.rate()));
    }
  }

  /**
   * {@code a = momentum a + g; x -= r a}. Its sparse form is lazy.
   *
   * @param momentum decay of the accumulator
   */
  @JsonTypeName("momentum")
  record Momentum(float momentum) implements Optimizer {
    @Override
    public String name() {
      return "momentum";
    }

    @Override
    public Op dense(Ops tf, Update update, Operand<TFloat32> gradient) {
      return TrainingOps.momentum(
          tf, update.variable(), update.slot("_momentum", 0), momentum, update.rate(), gradient);
    }

    @Override
    public Op sparse(Ops tf, Update update, SparseRows gradient) {
      return TrainingOps.momentum(
          tf, update.variable(), update.slot("_momentum", 0), momentum, update.rate(), gradient);
    }
  }

  /**
   * {@code a += g^2; x -= r g / (sqrt(a) + 1e-7)}, <a
   * href="https://jmlr.org/papers/v12/duchi11a.html">Duchi, Hazan and Singer (2011)</a>. Its sparse
   * form is exact.
   *
   * @param initialAccumulator first value of {@code a}
   */
  @JsonTypeName("adagrad")
  record AdaGrad(float initialAccumulator) implements Optimizer {
    private static final float EPSILON = 1e-7f;

    @Override
    public String name() {
      return "adagrad";
    }

    @Override
    public Op dense(Ops tf, Update update, Operand<TFloat32> gradient) {
      Variable a = update.slot("_adagrad", initialAccumulator);
      return TrainingOps.adaGrad(tf, update.variable(), a, EPSILON, update.rate(), gradient);
    }

    @Override
    public Op sparse(Ops tf, Update update, SparseRows gradient) {
      Variable a = update.slot("_adagrad", initialAccumulator);
      return TrainingOps.adaGrad(tf, update.variable(), a, EPSILON, update.rate(), gradient);
    }
  }

  /**
   * {@code s = decay s + (1 - decay) g^2; x -= r g / sqrt(s + epsilon)}, Tieleman and Hinton
   * (2012). Its sparse form is lazy.
   *
   * @param decay decay of the mean square
   * @param epsilon added under the root
   */
  @JsonTypeName("rmsprop")
  record RmsProp(float decay, float epsilon) implements Optimizer {
    @Override
    public String name() {
      return "rmsprop";
    }

    @Override
    public Op dense(Ops tf, Update update, Operand<TFloat32> gradient) {
      Variable s = update.slot("_rms", 0);
      Variable m = update.slot("_rms_momentum", 0);
      return TrainingOps.rmsProp(
          tf, update.variable(), s, m, decay, epsilon, update.rate(), gradient);
    }

    @Override
    public Op sparse(Ops tf, Update update, SparseRows gradient) {
      Variable s = update.slot("_rms", 0);
      Variable m = update.slot("_rms_momentum", 0);
      return TrainingOps.rmsProp(
          tf, update.variable(), s, m, decay, epsilon, update.rate(), gradient);
    }
  }

  /**
   * Adam, <a href="https://arxiv.org/abs/1412.6980">Kingma and Ba (2015)</a>, at step {@code t = 1,
   * 2, ...}:
   *
   * <pre>
   * m = beta1 m + (1 - beta1) g
   * v = beta2 v + (1 - beta2) g^2
   * x -= r sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)
   * </pre>
   *
   * <p>Its sparse form is lazy, with {@code t} the global step.
   *
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root
   */
  @JsonTypeName("adam")
  record Adam(float beta1, float beta2, float epsilon) implements Optimizer {
    private static final float EPSILON = 1e-8f;

    /** {@code adam}; with another epsilon than usual, {@code adam_0.01}. */
    @Override
    public String name() {
      return epsilon == EPSILON ? "adam" : "adam_" + epsilon;
    }

    private TrainingOps.Moments moments(Update update) {
      return new TrainingOps.Moments(
          update.slot("_adam_m", 0), update.slot("_adam_v", 0), beta1, beta2, epsilon);
    }

    @Override
    public Op dense(Ops tf, Update update, Operand<TFloat32> gradient) {
      return TrainingOps.adam(
          tf,
          update.variable(),
          moments(update),
          power(tf, beta1, update.step()),
          power(tf, beta2, update.step()),
          update.rate(),
          gradient);
    }

    @Override
    public Op sparse(Ops tf, Update update, SparseRows gradient) {
      TrainingOps.Moments moments = moments(update);
      Operand<TInt32> ids = gradient.ids();
      Operand<TFloat32> g = gradient.rows();
      Operand<TFloat32> one = tf.constant(1f);
      Operand<TFloat32> m =
          tf.math.add(
              tf.math.mul(moments.m().rows(tf, ids), tf.constant(beta1)),
              tf.math.mul(g, tf.constant(1 - beta1)));
      Operand<TFloat32> v =
          tf.math.add(
              tf.math.mul(moments.v().rows(tf, ids), tf.constant(beta2)),
              tf.math.mul(tf.math.square(g), tf.constant(1 - beta2)));
      Operand<TFloat32> corrected =
          tf.math.div(
              tf.math.mul(
                  update.rate(), tf.math.sqrt(tf.math.sub(one, power(tf, beta2, update.step())))),
              tf.math.sub(one, power(tf, beta1, update.step())));
      Operand<TFloat32> delta =
          tf.math.mul(
              corrected, tf.math.div(m, tf.math.add(tf.math.sqrt(v), tf.constant(epsilon))));
      // The new moments are computed from values read before, so the writes cannot overtake them.
      Op writeMean = moments.m().assignRows(tf, ids, m);
      Op writeSquare = moments.v().assignRows(tf, ids, v);
      Op write = update.variable().subtractRows(tf, ids, delta);
      return tf.withControlDependencies(writeMean, writeSquare, write).noOp();
    }

    static Operand<TFloat32> power(Ops tf, float beta, Operand<TInt64> step) {
      return tf.math.pow(
          tf.constant(beta), tf.math.add(tf.dtypes.cast(step, TFloat32.class), tf.constant(1f)));
    }
  }
}
