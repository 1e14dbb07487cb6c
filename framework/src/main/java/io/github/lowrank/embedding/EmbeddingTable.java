package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.onnx.OnnxTable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.CompactOutput;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.tensorflow.op.Ops;

/**
 * A table of word vectors, in one of its forms. Row 0 stands for padding and unknown words.
 *
 * <p>Each form is one file: a record with its numbers (matrices, arrays, smaller tables), its
 * {@link EmbeddingLayer} and its cost. Its name in stored files is its {@code @JsonTypeName},
 * announced through {@link io.github.lowrank.io.Kinds}; storing and loading need nothing else.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "form")
public interface EmbeddingTable {
  /** Number of rows, V. */
  int vocabulary();

  /** Length of a word vector, d. */
  int dimension();

  /** Stored numbers, whatever their width; scales and zero points not counted. */
  long parameters();

  /** Bytes of all stored numbers, codes, scales and zero points. */
  long bytes();

  /** The table that this form stands for, {@code [V, d]}. */
  Matrix toMatrix();

  /** The table in a graph; the names of its variables begin with {@code name}. */
  EmbeddingLayer layer(Ops tf, Variables variables, String name);

  /**
   * Floating-point operations to look up a sentence.
   *
   * @param tokens number of words in the sentence
   * @param pooled whether the word vectors are summed before anything else
   */
  long lookupFlops(int tokens, boolean pooled);

  /** What reports show about the form, in order: {@code rank=29}, {@code bits=8}. */
  default Map<String, Object> columns() {
    return Map.of();
  }

  /** This table with its long part (V rows) in another form. */
  default EmbeddingTable withRows(Function<Matrix, EmbeddingTable> form) {
    return form.apply(toMatrix());
  }

  /** This table with its weight matrices, which do not grow with V, in another form. */
  default EmbeddingTable withWeights(Function<Matrix, Weight> form) {
    return this;
  }

  /**
   * A table {@code E (V W)}, whose factors are trained one by one, as {@code (E V) W}; other tables
   * are returned unchanged.
   */
  default EmbeddingTable multiplied() {
    return this;
  }

  /** This table as it is stored: without what only training needs. */
  default EmbeddingTable packed() {
    return this;
  }

  /**
   * Writes rows of this table to a compact file; as floats, unless the form has a shorter way that
   * the predictor knows.
   *
   * @param rows numbers of the rows, in the order in which they are written
   */
  default void writeCompact(int[] rows, CompactOutput out) {
    Matrix all = toMatrix();
    out.kind(CompactFormat.TableForm.FLOATS).integer(rows.length).integer(all.columns());
    for (int row : rows) {
      out.floats(all.row(row));
    }
  }

  /**
   * This table in a graph of ONNX; as floats, unless the form has something shorter that is as easy
   * to look up.
   */
  default OnnxTable onnx(OnnxGraph graph) {
    return OnnxTable.of(graph, toMatrix());
  }

  /**
   * The table {@code E W} in this form, if that takes fewer numbers than {@code E} and {@code W};
   * empty otherwise.
   *
   * @param following {@code W}, {@code [d, n]}
   */
  default Optional<EmbeddingTable> folded(Weight following) {
    return Optional.empty();
  }
}
