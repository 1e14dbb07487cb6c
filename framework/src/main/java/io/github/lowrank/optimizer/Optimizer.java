package io.github.lowrank.optimizer;

import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.train.ResourceApplyMomentum;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Optimizers on resource variables, each with a dense form and a sparse form for embedding tables.
 *
 * <p>With {@code g} the gradient and {@code r} the learning rate of the step, which the graph
 * computes anew at every step. The sparse forms of SGD and AdaGrad equal their dense forms exactly.
 * Those of momentum, RMSProp and Adam are <em>lazy</em>: the slots of a row decay only at steps in
 * which the row has a gradient, where the dense form decays, and moves, every row at every step.
 */
public sealed interface Optimizer {
  /**
   * Updates {@code variable} by a gradient of its shape.
   *
   * @param rate learning rate, float scalar
   * @param step global step before this update, int64 scalar
   */
  Op dense(
      Ops tf,
      Variables variables,
      Variable variable,
      Operand<TFloat32> gradient,
      Operand<TFloat32> rate,
      Operand<TInt64> step);

  /** Updates only the rows of {@code variable} that have a gradient. */
  Op sparse(
      Ops tf,
      Variables variables,
      Variable variable,
      SparseRows gradient,
      Operand<TFloat32> rate,
      Operand<TInt64> step);

  /** Stochastic gradient descent. */
  static Optimizer sgd() {
    return new Sgd();
  }

  /** Classical momentum with 0.9. */
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
    return new Adam(0.9f, 0.999f, 1e-8f);
  }

  /** {@code x -= r g}. Its sparse form is exact. */
  record Sgd() implements Optimizer {
    @Override
    public Op dense(
        Ops tf,
        Variables variables,
        Variable variable,
        Operand<TFloat32> gradient,
        Operand<TFloat32> rate,
        Operand<TInt64> step) {
      return tf.train.resourceApplyGradientDescent(variable.handle(), rate, gradient);
    }

    @Override
    public Op sparse(
        Ops tf,
        Variables variables,
        Variable variable,
        SparseRows gradient,
        Operand<TFloat32> rate,
        Operand<TInt64> step) {
      return variable.subtractRows(tf, gradient.ids(), tf.math.mul(gradient.rows(), rate));
    }
  }

  /**
   * {@code a = momentum a + g; x -= r a}. Its sparse form is lazy.
   *
   * @param momentum decay of the accumulator
   */
  record Momentum(float momentum) implements Optimizer {
    @Override
    public Op dense(
        Ops tf,
        Variables variables,
        Variable variable,
        Operand<TFloat32> gradient,
        Operand<TFloat32> rate,
        Operand<TInt64> step) {
      Variable a = variables.slot(variable, "_momentum", 0);
      return tf.train.resourceApplyMomentum(
          variable.handle(),
          a.handle(),
          rate,
          gradient,
          tf.constant(momentum),
          ResourceApplyMomentum.useNesterov(false));
    }

    @Override
    public Op sparse(
        Ops tf,
        Variables variables,
        Variable variable,
        SparseRows gradient,
        Operand<TFloat32> rate,
        Operand<TInt64> step) {
      Variable a = variables.slot(variable, "_momentum", 0);
      return tf.train.resourceSparseApplyMomentum(
          variable.handle(),
          a.handle(),
          rate,
          gradient.rows(),
          gradient.ids(),
          tf.constant(momentum));
    }
  }

  /**
   * {@code a += g^2; x -= r g / (sqrt(a) + 1e-7)}, <a
   * href="https://jmlr.org/papers/v12/duchi11a.html">Duchi, Hazan and Singer (2011)</a>. Its sparse
   * form is exact.
   *
   * @param initialAccumulator first value of {@code a}
   */
  record AdaGrad(float initialAccumulator) implements Optimizer {
    private static final float EPSILON = 1e-7f;

    @Override
    public Op dense(
        Ops tf,
        Variables variables,
        Variable variable,
        Operand<TFloat32> gradient,
        Operand<TFloat32> rate,
        Operand<TInt64> step) {
      Variable a = variables.slot(variable, "_adagrad", initialAccumulator);
      return tf.train.resourceApplyAdagrad(
          variable.handle(), a.handle(), rate, tf.constant(EPSILON), gradient);
    }

    @Override
    public Op sparse(
        Ops tf,
        Variables variables,
        Variable variable,
        SparseRows gradient,
        Operand<TFloat32> rate,
        Operand<TInt64> step) {
      Variable a = variables.slot(variable, "_adagrad", initialAccumulator);
      return tf.train.resourceSparseApplyAdagradV2(
          variable.handle(),
          a.handle(),
          rate,
          tf.constant(EPSILON),
          gradient.rows(),
          gradient.ids());
    }
  }

  /**
   * {@code s = decay s + (1 - decay) g^2; x -= r g / sqrt(s + epsilon)}, Tieleman and Hinton
   * (2012). Its sparse form is lazy.
   *
   * @param decay decay of the mean square
   * @param epsilon added under the root
   */
  record RmsProp(float decay, float epsilon) implements Optimizer {
    @Override
    public Op dense(
        Ops tf,
        Variables variables,
        Variable variable,
        Operand<TFloat32> gradient,
        Operand<TFloat32> rate,
        Operand<TInt64> step) {
      return tf.train.resourceApplyRmsProp(
          variable.handle(),
          variables.slot(variable, "_rms", 0).handle(),
          variables.slot(variable, "_rms_momentum", 0).handle(),
          rate,
          tf.constant(decay),
          tf.constant(0f),
          tf.constant(epsilon),
          gradient);
    }

    @Override
    public Op sparse(
        Ops tf,
        Variables variables,
        Variable variable,
        SparseRows gradient,
        Operand<TFloat32> rate,
        Operand<TInt64> step) {
      return tf.train.resourceSparseApplyRmsProp(
          variable.handle(),
          variables.slot(variable, "_rms", 0).handle(),
          variables.slot(variable, "_rms_momentum", 0).handle(),
          rate,
          tf.constant(decay),
          tf.constant(0f),
          tf.constant(epsilon),
          gradient.rows(),
          gradient.ids());
    }
  }

  /**
   * Adam, <a href="https://arxiv.org/abs/1412.6980">Kingma and Ba (2015)</a>, at the step {@code t
   * = 1, 2, ...}:
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
  record Adam(float beta1, float beta2, float epsilon) implements Optimizer {
    @Override
    public Op dense(
        Ops tf,
        Variables variables,
        Variable variable,
        Operand<TFloat32> gradient,
        Operand<TFloat32> rate,
        Operand<TInt64> step) {
      return tf.train.resourceApplyAdam(
          variable.handle(),
          variables.slot(variable, "_adam_m", 0).handle(),
          variables.slot(variable, "_adam_v", 0).handle(),
          power(tf, beta1, step),
          power(tf, beta2, step),
          rate,
          tf.constant(beta1),
          tf.constant(beta2),
          tf.constant(epsilon),
          gradient);
    }

    @Override
    public Op sparse(
        Ops tf,
        Variables variables,
        Variable variable,
        SparseRows gradient,
        Operand<TFloat32> rate,
        Operand<TInt64> step) {
      Variable mean = variables.slot(variable, "_adam_m", 0);
      Variable square = variables.slot(variable, "_adam_v", 0);
      Operand<TInt32> ids = gradient.ids();
      Operand<TFloat32> g = gradient.rows();
      Operand<TFloat32> one = tf.constant(1f);
      Operand<TFloat32> m =
          tf.math.add(
              tf.math.mul(mean.rows(tf, ids), tf.constant(beta1)),
              tf.math.mul(g, tf.constant(1 - beta1)));
      Operand<TFloat32> v =
          tf.math.add(
              tf.math.mul(square.rows(tf, ids), tf.constant(beta2)),
              tf.math.mul(tf.math.square(g), tf.constant(1 - beta2)));
      Operand<TFloat32> corrected =
          tf.math.div(
              tf.math.mul(rate, tf.math.sqrt(tf.math.sub(one, power(tf, beta2, step)))),
              tf.math.sub(one, power(tf, beta1, step)));
      Operand<TFloat32> delta =
          tf.math.mul(
              corrected, tf.math.div(m, tf.math.add(tf.math.sqrt(v), tf.constant(epsilon))));
      // The new moments are computed from reads, so the writes cannot overtake them.
      Op writeMean = mean.assignRows(tf, ids, m);
      Op writeSquare = square.assignRows(tf, ids, v);
      Op write = variable.subtractRows(tf, ids, delta);
      return tf.withControlDependencies(writeMean, writeSquare, write).noOp();
    }

    private static Operand<TFloat32> power(Ops tf, float beta, Operand<TInt64> step) {
      return tf.math.pow(
          tf.constant(beta), tf.math.add(tf.dtypes.cast(step, TFloat32.class), tf.constant(1f)));
    }
  }
}
