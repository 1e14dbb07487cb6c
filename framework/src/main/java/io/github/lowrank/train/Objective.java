package io.github.lowrank.train;

import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * What is trained, and for which goal: variables, a loss, batches and metrics. {@link Loop} does
 * the rest. An objective is used for one training only.
 *
 * @param <M> what is trained, a record that {@link io.github.lowrank.io.ArrayFile} can write
 */
public interface Objective<M> {
  /**
   * Adds variables, loss and metrics to a graph. Called once, before all other methods.
   *
   * @param step global step, int64 scalar
   */
  void build(Ops tf, Variables variables, Operand<TInt64> step);

  /** The scalar that is differentiated. */
  Operand<TFloat32> loss();

  /** The scalar that is reported and must stay finite. */
  default Operand<TFloat32> shownLoss() {
    return loss();
  }

  /** Tables that the loss looks up once, updated row by row. */
  List<Variable> tables();

  /** All other trainable variables, updated as a whole. */
  List<Parameter> parameters();

  /** Sets the variables of {@link #build} to their initial values. */
  void initialize(Variables.Assignment assignment);

  /**
   * The batch of a step: a pure function of the step and, at most, of the variables.
   *
   * @param step number of steps done
   */
  Batch batch(Session session, long step);

  /**
   * The input of a step.
   *
   * @param feeds closed after the step
   * @param size number of examples
   */
  record Batch(Map<Operand<?>, Tensor> feeds, int size) {}

  /** The metric that selects, one of those that {@link #evaluate} gives. */
  Metric metric();

  /** All metrics on dev, by name. */
  Map<String, Double> evaluate(Session session);

  /** The current values of what is trained. */
  M read(Session session);

  /** The values that training starts from; override it to avoid a copy. */
  default M first(Session session) {
    return read(session);
  }

  /** The class of what is trained, for checkpoints. */
  Class<M> type();

  /** Whether a step is so short that waking a second thread costs as much as it gains. */
  default boolean tiny() {
    return false;
  }
}
