package org.example;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.EmbeddingLayer;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.experiments.spec.State;
import io.github.lowrank.experiments.spec.Step;
import io.github.lowrank.experiments.spec.Workbench;
import io.github.lowrank.io.Kinds;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A table whose words share rows: word {@code i} has bucket {@code 1 + (i - 1) % m}. Word 0, the
 * padding, has bucket 0 to itself.
 *
 * @param vocabulary number of words
 * @param buckets {@code [1 + m, d]}
 */
@JsonTypeName("hashed-rows")
public record HashedRows(int vocabulary, Matrix buckets) implements EmbeddingTable {
  /** Each bucket is the mean of its words' rows. */
  static HashedRows of(Matrix table, int shared) {
    int d = table.columns();
    float[] sums = new float[(1 + shared) * d];
    int[] counts = new int[1 + shared];
    for (int i = 0; i < table.rows(); i++) {
      counts[bucket(i, shared)]++;
      for (int j = 0; j < d; j++) {
        sums[bucket(i, shared) * d + j] += table.get(i, j);
      }
    }
    for (int i = 0; i < sums.length; i++) {
      sums[i] /= Math.max(1, counts[i / d]);
    }
    return new HashedRows(table.rows(), new Matrix(1 + shared, d, sums));
  }

  private static int bucket(int word, int shared) {
    return word == 0 ? 0 : 1 + (word - 1) % shared;
  }

  private int shared() {
    return buckets.rows() - 1;
  }

  @Override
  public int dimension() {
    return buckets.columns();
  }

  @Override
  public long parameters() {
    return buckets.size();
  }

  @Override
  public long bytes() {
    return buckets.size() * Float.BYTES;
  }

  @Override
  public Matrix toMatrix() {
    int d = dimension();
    float[] values = new float[vocabulary * d];
    for (int i = 0; i < vocabulary; i++) {
      System.arraycopy(buckets.values(), bucket(i, shared()) * d, values, i * d, d);
    }
    return new Matrix(vocabulary, d, values);
  }

  @Override
  public long lookupFlops(int tokens, boolean pooled) {
    return pooled ? 2L * dimension() * tokens : 0;
  }

  @Override
  public Map<String, Object> columns() {
    return Map.of("buckets", shared());
  }

  @Override
  public EmbeddingLayer layer(Ops tf, Variables variables, String name) {
    Shape shape = Shape.of(buckets.rows(), buckets.columns());
    return new Layer(this, variables.create(name + "_buckets", shape, TFloat32.class));
  }

  private record Layer(HashedRows initial, Variable buckets) implements EmbeddingLayer {
    @Override
    public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
      Operand<TInt32> one = tf.constant(1);
      Operand<TInt32> hash =
          tf.math.add(one, tf.math.floorMod(tf.math.sub(ids, one), tf.constant(initial.shared())));
      return SparseRows.gather(tf, buckets, tf.math.mul(tf.math.minimum(ids, one), hash));
    }

    @Override
    public List<Variable> tables() {
      return List.of(buckets);
    }

    @Override
    public List<Parameter> parameters() {
      return List.of();
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      assignment.set(buckets, initial.buckets.values());
    }

    @Override
    public EmbeddingTable with(Map<Variable, float[]> numbers) {
      return new HashedRows(initial.vocabulary, initial.buckets.with(numbers.get(buckets)));
    }
  }

  /**
   * The step that brings a table into this form.
   *
   * @param removed fraction of the rows to remove, in (0, 1)
   */
  @JsonTypeName("hash-rows")
  public record Hash(double removed) implements Step {
    @Override
    public State apply(State before, Workbench bench) {
      Matrix table = before.classifier().table().toMatrix();
      int shared = (int) Math.max(1, Math.floor((1 - removed) * (table.rows() - 1)));
      return bench.changed(before, before.classifier().withTable(HashedRows.of(table, shared)));
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(new Parameter("removed", removed, Math.round(100 * removed) + " %"));
    }

    @Override
    public Step withRemoved(DoubleUnaryOperator fraction) {
      return new Hash(fraction.applyAsDouble(removed));
    }
  }

  /** What files call them. */
  public static final class Names implements Kinds {
    @Override
    public List<Class<?>> kinds() {
      return List.of(HashedRows.class, Hash.class);
    }
  }
}
