package io.github.lowrank.embedding;

import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * An {@link EmbeddingTable} in a graph: its variables and its lookups.
 *
 * <p>Pooling precedes any multiplication or dequantization wherever that gives the same result: see
 * {@link #bag}.
 */
public interface EmbeddingLayer {
  /**
   * Word vectors.
   *
   * @param ids row numbers, {@code [batch, length]}
   * @return {@code [batch, length, d]}
   */
  Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids);

  /**
   * Weighted sums of word vectors.
   *
   * @param ids row numbers, {@code [batch, length]}
   * @param weights weight of each word, {@code [batch, length]}
   * @return {@code [batch, d]}
   */
  default Operand<TFloat32> bag(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
    return pool(tf, rows(tf, ids), weights);
  }

  /**
   * Word vectors as a product that has not been computed yet, for layers that multiply it by their
   * own weight: {@code rows = left right}.
   *
   * @param left {@code [batch, length, k]}
   * @param right {@code [k, d]}, or null if {@code left} already contains the rows
   */
  record Factors(Operand<TFloat32> left, Operand<TFloat32> right) {}

  /**
   * Word vectors; if the form has two factors, they are not multiplied.
   *
   * @param ids row numbers, {@code [batch, length]}
   */
  default Factors factors(Ops tf, Operand<TInt32> ids) {
    return new Factors(rows(tf, ids), null);
  }

  /**
   * {@link #rows} times a matrix.
   *
   * @param right {@code [d, n]}, n columns
   * @return {@code [batch, length, n]}
   */
  default Operand<TFloat32> rowsTimes(
      Ops tf, Operand<TInt32> ids, Operand<TFloat32> right, int d, int n) {
    Operand<TFloat32> flat = tf.linalg.matMul(tf.reshape(rows(tf, ids), tf.array(-1, d)), right);
    return tf.reshape(flat, tf.concat(List.of(tf.shape(ids), tf.array(n)), tf.constant(0)));
  }

  /**
   * {@link #bag} times a matrix.
   *
   * @param right {@code [d, n]}
   * @return {@code [batch, n]}
   */
  default Operand<TFloat32> bagTimes(
      Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights, Operand<TFloat32> right) {
    return tf.linalg.matMul(bag(tf, ids, weights), right);
  }

  /**
   * Variables that are updated row by row, through {@link SparseRows}; empty if the table is not
   * trainable.
   */
  List<Variable> tables();

  /** Small trainable variables, updated as a whole, each with the read op that the lookups use. */
  List<Parameter> parameters();

  /** A scalar that a form adds to the loss of every training; most add none. */
  default Optional<Operand<TFloat32>> penalty() {
    return Optional.empty();
  }

  /** Adds the table's values to {@code assignment}. */
  void initialize(Variables.Assignment assignment);

  /**
   * The table with other values.
   *
   * @param numbers values of the trainable variables
   */
  EmbeddingTable with(Map<Variable, float[]> numbers);

  /** Sums of {@code rows}, {@code [batch, length, d]}, by {@code weights}. */
  static Operand<TFloat32> pool(Ops tf, Operand<TFloat32> rows, Operand<TFloat32> weights) {
    return tf.squeeze(
        tf.train.batchMatMul(tf.expandDims(weights, tf.constant(1)), rows, TFloat32.class),
        Squeeze.axis(1L));
  }
}
