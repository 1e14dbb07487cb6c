package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.CompactOutput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Rows that are made of a few shared codewords. The codewords are trainable, the codes are not.
 *
 * <pre>
 * concatenated  row i = (C[w(i, 1)], ..., C[w(i, D)]), cut to d columns; C is [D K, ceil(d / D)]
 * summed        row i = C[w(i, 1)] + ... + C[w(i, M)];                   C is [M K, d]
 * </pre>
 *
 * <p>Concatenated: product quantization, J&eacute;gou et al. (2011); for embeddings <a
 * href="https://arxiv.org/abs/1908.09756">Chen, Li and Sun (2020)</a>. Summed: the compositional
 * codes of <a href="https://arxiv.org/abs/1711.01068">Shu and Nakayama (2018)</a>; with one
 * codeword per row, words that share rows; with hashed {@link Codes}, the hash embeddings of <a
 * href="https://arxiv.org/abs/1709.03933">Svenstrup et al. (2017)</a> without their weights.
 *
 * @param codes the codewords of each row
 * @param words {@code C}, in any form
 * @param join how a row's codewords make the row
 * @param dimension d
 */
@JsonTypeName("codewords")
public record Codewords(Codes codes, EmbeddingTable words, Join join, int dimension)
    implements EmbeddingTable {
  /** How codewords make a row. */
  public enum Join {
    /** One after the other. */
    CONCATENATED,
    /** Added. */
    SUMMED
  }

  public Codewords {
    int most = join == Join.SUMMED ? words.dimension() : words.dimension() * codes.parts();
    int least = join == Join.SUMMED ? most : most - words.dimension() + 1;
    if (words.vocabulary() != codes.words() || dimension < least || dimension > most) {
      throw new IllegalArgumentException(
          "expected %d codewords of which %d make a row of %d columns, found %d x %d"
              .formatted(
                  codes.words(), codes.parts(), dimension, words.vocabulary(), words.dimension()));
    }
  }

  @Override
  public int vocabulary() {
    return codes.vocabulary();
  }

  @Override
  public long parameters() {
    return codes.parameters() + words.parameters();
  }

  @Override
  public long bytes() {
    return codes.bytes() + words.bytes();
  }

  @Override
  public Matrix toMatrix() {
    Matrix all = words.toMatrix();
    float[] values = new float[Math.multiplyExact(vocabulary(), dimension)];
    int width = all.columns();
    for (int r = 0; r < vocabulary(); r++) {
      for (int p = 0; p < codes.parts(); p++) {
        int word = codes.word(r, p);
        int start = join == Join.SUMMED ? 0 : p * width;
        for (int j = 0; j < Math.min(width, dimension - start); j++) {
          values[r * dimension + start + j] += all.get(word, j);
        }
      }
    }
    return new Matrix(vocabulary(), dimension, values);
  }

  @Override
  public long lookupFlops(int tokens, boolean pooled) {
    int found = tokens * codes.parts();
    if (join == Join.CONCATENATED) {
      return words.lookupFlops(found, false) + (pooled ? 2L * dimension * tokens : 0);
    }
    return words.lookupFlops(found, pooled)
        + (pooled ? 0 : (codes.parts() - 1L) * dimension * tokens);
  }

  @Override
  public Map<String, Object> columns() {
    Map<String, Object> columns = new LinkedHashMap<>();
    columns.put("codes", codes.parts());
    columns.put("codewords", codes.words());
    columns.putAll(words.columns());
    return columns;
  }

  /** The codewords in another form: they are all of the table that has numbers. */
  @Override
  public EmbeddingTable withRows(Function<Matrix, EmbeddingTable> form) {
    return new Codewords(codes, words.withRows(form), join, dimension);
  }

  @Override
  public EmbeddingTable packed() {
    return new Codewords(codes, words.packed(), join, dimension);
  }

  @Override
  public void writeCompact(int[] rows, CompactOutput out) {
    out.kind(CompactFormat.TableForm.CODEWORDS)
        .octet(join == Join.SUMMED ? 1 : 0)
        .integer(dimension);
    codes.writeCompact(rows, out);
    words.writeCompact(IntStream.range(0, words.vocabulary()).toArray(), out);
  }

  @Override
  public EmbeddingLayer layer(Ops tf, Variables variables, String name) {
    return new Layer(
        this, codes.layer(tf, variables, name), words.layer(tf, variables, name + "_codewords"));
  }

  private record Layer(Codewords initial, Codes.Layer codes, EmbeddingLayer words)
      implements EmbeddingLayer {
    @Override
    public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
      Operand<TFloat32> found = words.rows(tf, codes.words(tf, ids));
      int parts = initial.codes.parts();
      int width = initial.words.dimension();
      if (initial.join == Join.SUMMED) {
        return parts == 1
            ? found
            : tf.reduceSum(reshaped(tf, found, ids, parts, width), tf.constant(2));
      }
      Operand<TFloat32> whole = reshaped(tf, found, ids, parts * width);
      return parts * width == initial.dimension
          ? whole
          : tf.slice(whole, tf.array(0, 0, 0), tf.array(-1, -1, initial.dimension));
    }

    private static Operand<TFloat32> reshaped(
        Ops tf, Operand<TFloat32> found, Operand<TInt32> ids, int... last) {
      return tf.reshape(found, tf.concat(List.of(tf.shape(ids), tf.array(last)), tf.constant(0)));
    }

    /** A sum of sums is one sum, of all their codewords. */
    @Override
    public Operand<TFloat32> bag(Ops tf, Operand<TInt32> ids, Operand<TFloat32> weights) {
      if (initial.join == Join.CONCATENATED) {
        return EmbeddingLayer.pool(tf, rows(tf, ids), weights);
      }
      Operand<TInt32> own = codes.words(tf, ids);
      Operand<TFloat32> repeated =
          tf.tile(tf.expandDims(weights, tf.constant(2)), tf.array(1, 1, initial.codes.parts()));
      return words.bag(tf, own, tf.reshape(repeated, tf.shape(own)));
    }

    @Override
    public List<Variable> tables() {
      return words.tables();
    }

    @Override
    public List<Parameter> parameters() {
      return words.parameters();
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      codes.initialize(assignment);
      words.initialize(assignment);
    }

    @Override
    public EmbeddingTable with(Map<Variable, float[]> numbers) {
      return new Codewords(initial.codes, words.with(numbers), initial.join, initial.dimension);
    }
  }
}
