package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.CodewordSearch;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Unique;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Differentiable product quantization: codes that train together with the codewords, after <a
 * href="https://arxiv.org/abs/1908.09756">Chen, Li and Sun (2020)</a>, in their softmax form. Every
 * row has a query, which chooses in each block the nearest of K keys; the values of the chosen keys
 * are the row. The gradient passes through the choice as if it were a softmax.
 *
 * <pre>
 * s = softmax over k of -|q - key_k|^2 / temperature    h = one-hot of the largest
 * block = (s + stop_gradient(h - s)) values
 * </pre>
 *
 * <p>Distances take the place of inner products, so that product quantization is a starting point.
 *
 * @param queries {@code [V, d]}
 * @param keys {@code [D K, ceil(d / D)]}, block by block
 * @param values as {@code keys}
 * @param parts number of blocks, D
 * @param temperature in squared units of the queries
 */
@JsonTypeName("learned-codes")
public record LearnedCodes(Matrix queries, Matrix keys, Matrix values, int parts, float temperature)
    implements EmbeddingTable {
  public LearnedCodes {
    if (keys.rows() % parts != 0
        || keys.rows() != values.rows()
        || keys.columns() != values.columns()
        || keys.columns() != CodewordSearch.width(queries.columns(), parts)) {
      throw new IllegalArgumentException(
          "keys %d x %d and values %d x %d do not fit %d blocks of %d columns"
              .formatted(
                  keys.rows(),
                  keys.columns(),
                  values.rows(),
                  values.columns(),
                  parts,
                  queries.columns()));
    }
  }

  /**
   * Begins at the product quantization of {@code table}; the temperature is the mean squared
   * distance of a block to its key.
   *
   * @param perPart codewords of a block, K
   */
  public static LearnedCodes of(Matrix table, int parts, int perPart) {
    CodewordSearch found = CodewordSearch.concatenated(table, parts, perPart);
    LearnedCodes initial = new LearnedCodes(table, found.words(), found.words(), parts, 1);
    float[] rows = initial.toMatrix().values();
    double squares = 0;
    for (int i = 0; i < rows.length; i++) {
      double error = rows[i] - table.values()[i];
      squares += error * error;
    }
    double mean = squares / ((double) table.rows() * parts);
    return new LearnedCodes(
        table, found.words(), found.words(), parts, (float) Math.max(mean, 1e-6));
  }

  @Override
  public int vocabulary() {
    return queries.rows();
  }

  @Override
  public int dimension() {
    return queries.columns();
  }

  private int perPart() {
    return keys.rows() / parts;
  }

  @Override
  public long parameters() {
    return (long) vocabulary() * parts + values.size();
  }

  /** Of the packed form. */
  @Override
  public long bytes() {
    return (long) vocabulary() * Codes.Stored.bytesPerRow(parts, perPart())
        + values.size() * Float.BYTES;
  }

  @Override
  public Matrix toMatrix() {
    return packed().toMatrix();
  }

  @Override
  public long lookupFlops(int tokens, boolean pooled) {
    return pooled ? 2L * dimension() * tokens : 0;
  }

  @Override
  public Map<String, Object> columns() {
    Map<String, Object> columns = new LinkedHashMap<>();
    columns.put("codes", parts);
    columns.put("codewords", values.rows());
    return columns;
  }

  /** The codes of the queries, and the values: {@link Codewords}. */
  @Override
  public EmbeddingTable packed() {
    int[] codes = CodewordSearch.nearest(queries, keys, parts);
    return new Codewords(
        Codes.Stored.of(vocabulary(), parts, perPart(), codes),
        new Dense(values),
        Codewords.Join.CONCATENATED,
        dimension());
  }

  @Override
  public EmbeddingLayer layer(Ops tf, Variables variables, String name) {
    Shape small = Shape.of(keys.rows(), keys.columns());
    return new Layer(
        this,
        variables.create(
            name + "_queries", Shape.of(queries.rows(), queries.columns()), TFloat32.class),
        Parameter.of(tf, variables.create(name + "_keys", small, TFloat32.class)),
        Parameter.of(tf, variables.create(name + "_values", small, TFloat32.class)));
  }

  /** The codes of each distinct word of a batch are chosen once. */
  private record Layer(LearnedCodes initial, Variable queries, Parameter keys, Parameter values)
      implements EmbeddingLayer {
    @Override
    public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
      int d = initial.dimension();
      int parts = initial.parts;
      int k = initial.perPart();
      int width = initial.keys.columns();
      int padding = parts * width - d;
      Unique<TInt32, TInt32> distinct =
          tf.unique(tf.reshape(ids, tf.array(-1)), tf.constant(new int[0]));
      Operand<TFloat32> rows = SparseRows.gather(tf, queries, distinct.y());
      if (padding > 0) {
        rows = tf.pad(rows, tf.constant(new int[][] {{0, 0}, {0, padding}}), tf.constant(0f));
      }
      Operand<TFloat32> q = byBlock(tf, tf.reshape(rows, tf.array(-1, parts, width)));
      Operand<TFloat32> key = tf.reshape(keys.value(), tf.array(parts, k, width));
      Operand<TFloat32> squares =
          tf.expandDims(tf.reduceSum(tf.math.square(key), tf.constant(2)), tf.constant(1));
      // |q|^2 is the same for all keys.
      Operand<TFloat32> products =
          tf.train.batchMatMul(
              q, tf.linalg.transpose(key, tf.constant(new int[] {0, 2, 1})), TFloat32.class);
      Operand<TFloat32> scores =
          tf.math.mul(
              tf.math.sub(tf.math.mul(products, tf.constant(2f)), squares),
              tf.constant(1 / initial.temperature));
      Operand<TFloat32> soft =
          tf.reshape(tf.nn.softmax(tf.reshape(scores, tf.array(-1, k))), tf.shape(scores));
      Operand<TFloat32> hard =
          tf.oneHot(
              tf.math.argMax(scores, tf.constant(2), TInt32.class),
              tf.constant(k),
              tf.constant(1f),
              tf.constant(0f));
      Operand<TFloat32> chosen = tf.math.add(soft, tf.stopGradient(tf.math.sub(hard, soft)));
      Operand<TFloat32> blocks =
          tf.train.batchMatMul(
              chosen, tf.reshape(values.value(), tf.array(parts, k, width)), TFloat32.class);
      Operand<TFloat32> whole = tf.reshape(byBlock(tf, blocks), tf.array(-1, parts * width));
      if (padding > 0) {
        whole = tf.slice(whole, tf.array(0, 0), tf.array(-1, d));
      }
      return tf.gather(whole, tf.reshape(distinct.idx(), tf.shape(ids)), tf.constant(0));
    }

    /** Swaps the first two dimensions. */
    private static Operand<TFloat32> byBlock(Ops tf, Operand<TFloat32> x) {
      return tf.linalg.transpose(x, tf.constant(new int[] {1, 0, 2}));
    }

    @Override
    public List<Variable> tables() {
      return List.of(queries);
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(keys, values);
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      assignment.set(queries, initial.queries.values());
      assignment.set(keys.variable(), initial.keys.values());
      assignment.set(values.variable(), initial.values.values());
    }

    @Override
    public EmbeddingTable with(Map<Variable, float[]> numbers) {
      return new LearnedCodes(
          initial.queries.with(numbers.get(queries)),
          initial.keys.with(numbers.get(keys.variable())),
          initial.values.with(numbers.get(values.variable())),
          initial.parts,
          initial.temperature);
    }
  }
}
