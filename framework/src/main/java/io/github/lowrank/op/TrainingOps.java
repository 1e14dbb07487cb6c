package io.github.lowrank.op;

import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.train.ResourceApplyMomentum;
import org.tensorflow.types.TFloat32;

/**
 * TensorFlow's fused update ops on {@link Variable}s, whole and by rows. Gradients by rows must
 * have distinct ids, as {@link SparseRows} has.
 */
public final class TrainingOps {
  private TrainingOps() {}

  private static Operand<TFloat32> constant(Ops tf, double value) {
    return tf.constant((float) value);
  }

  /** {@code x -= rate g}. */
  public static Op gradientDescent(
      Ops tf, Variable x, Operand<TFloat32> rate, Operand<TFloat32> gradient) {
    return tf.train.resourceApplyGradientDescent(x.handle(), rate, gradient);
  }

  /** {@code a = momentum a + g; x -= rate a}. */
  public static Op momentum(
      Ops tf,
      Variable x,
      Variable a,
      double momentum,
      Operand<TFloat32> rate,
      Operand<TFloat32> gradient) {
    return tf.train.resourceApplyMomentum(
        x.handle(),
        a.handle(),
        rate,
        gradient,
        constant(tf, momentum),
        ResourceApplyMomentum.useNesterov(false));
  }

  /** {@link #momentum(Ops, Variable, Variable, double, Operand, Operand)} on the given rows. */
  public static Op momentum(
      Ops tf, Variable x, Variable a, double momentum, Operand<TFloat32> rate, SparseRows g) {
    return tf.train.resourceSparseApplyMomentum(
        x.handle(), a.handle(), rate, g.rows(), g.ids(), constant(tf, momentum));
  }

  /** {@code a += g^2; x -= rate g / (sqrt(a) + epsilon)}. */
  public static Op adaGrad(
      Ops tf,
      Variable x,
      Variable a,
      double epsilon,
      Operand<TFloat32> rate,
      Operand<TFloat32> gradient) {
    return tf.train.resourceApplyAdagrad(
        x.handle(), a.handle(), rate, constant(tf, epsilon), gradient);
  }

  /** {@link #adaGrad(Ops, Variable, Variable, double, Operand, Operand)} on the given rows. */
  public static Op adaGrad(
      Ops tf, Variable x, Variable a, double epsilon, Operand<TFloat32> rate, SparseRows g) {
    return tf.train.resourceSparseApplyAdagradV2(
        x.handle(), a.handle(), rate, constant(tf, epsilon), g.rows(), g.ids());
  }

  /**
   * {@code s = decay s + (1 - decay) g^2; x -= rate g / sqrt(s + epsilon)}; {@code m} is unused.
   */
  public static Op rmsProp(
      Ops tf,
      Variable x,
      Variable s,
      Variable m,
      double decay,
      double epsilon,
      Operand<TFloat32> rate,
      Operand<TFloat32> gradient) {
    return tf.train.resourceApplyRmsProp(
        x.handle(),
        s.handle(),
        m.handle(),
        rate,
        constant(tf, decay),
        constant(tf, 0),
        constant(tf, epsilon),
        gradient);
  }

  /**
   * {@link #rmsProp(Ops, Variable, Variable, Variable, double, double, Operand, Operand)} by rows.
   */
  public static Op rmsProp(
      Ops tf,
      Variable x,
      Variable s,
      Variable m,
      double decay,
      double epsilon,
      Operand<TFloat32> rate,
      SparseRows g) {
    return tf.train.resourceSparseApplyRmsProp(
        x.handle(),
        s.handle(),
        m.handle(),
        rate,
        constant(tf, decay),
        constant(tf, 0),
        constant(tf, epsilon),
        g.rows(),
        g.ids());
  }

  /**
   * What Adam keeps of a variable and how it decays.
   *
   * @param m first moment
   * @param v second moment
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root of the second moment
   */
  public record Moments(Variable m, Variable v, float beta1, float beta2, float epsilon) {}

  /**
   * Adam's update of a whole variable.
   *
   * @param beta1Power {@code beta1^t}
   * @param beta2Power {@code beta2^t}
   */
  public static Op adam(
      Ops tf,
      Variable x,
      Moments moments,
      Operand<TFloat32> beta1Power,
      Operand<TFloat32> beta2Power,
      Operand<TFloat32> rate,
      Operand<TFloat32> gradient) {
    return tf.train.resourceApplyAdam(
        x.handle(),
        moments.m.handle(),
        moments.v.handle(),
        beta1Power,
        beta2Power,
        rate,
        tf.constant(moments.beta1),
        tf.constant(moments.beta2),
        tf.constant(moments.epsilon),
        gradient);
  }
}
