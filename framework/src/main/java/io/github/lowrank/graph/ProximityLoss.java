package io.github.lowrank.graph;

import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;

/** What {@link ProximityLearning} makes small on samples of a network. */
public interface ProximityLoss {
  /**
   * Builds the loss in a graph.
   *
   * @param x logarithm of the proximities of a sample's nodes, {@code [nodes, nodes]}
   * @param rank of its factorization
   */
  Term of(Ops tf, Operand<TFloat64> x, int rank);

  /** The loss in a graph. */
  interface Term {
    /** A scalar, with a gradient with respect to {@code x}. */
    Operand<TFloat64> value();

    /** What is fed for a sample, in the order of rows. */
    Map<Placeholder<TFloat64>, double[]> feeds(Sample sample);
  }
}
