package io.github.lowrank.embedding;

import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;

/**
 * A table of word vectors, in one of its forms. Row 0 stands for padding and unknown words.
 *
 * <p>A form knows its own size; the graph of a form is an {@link EmbeddingLayer}.
 */
public sealed interface EmbeddingTable {
  /** Number of rows, V. */
  int vocabulary();

  /** Length of a word vector, d. */
  int dimension();

  /** Stored numbers, whatever their width; scales and zero points not counted. */
  long parameters();

  /** Bytes of everything stored: numbers, codes, scales and zero points. */
  long bytes();

  /** The table that this form stands for, {@code [V, d]}. */
  Matrix toMatrix();

  /**
   * One float per entry.
   *
   * @param values {@code [V, d]}
   */
  record Dense(Matrix values) implements EmbeddingTable {
    @Override
    public int vocabulary() {
      return values.rows();
    }

    @Override
    public int dimension() {
      return values.columns();
    }

    @Override
    public long parameters() {
      return values.size();
    }

    @Override
    public long bytes() {
      return values.size() * Float.BYTES;
    }

    @Override
    public Matrix toMatrix() {
      return values;
    }
  }

  /**
   * {@code W_a W_b}.
   *
   * @param wa {@code [V, k]}, dense or fixed-point
   * @param wb {@code [k, d]}
   */
  record LowRank(EmbeddingTable wa, Matrix wb) implements EmbeddingTable {
    public LowRank {
      if (wa instanceof LowRank) {
        throw new IllegalArgumentException("W_a must be dense or fixed-point");
      }
      if (wa.dimension() != wb.rows()) {
        throw new IllegalArgumentException(
            "W_a is %d x %d, but W_b is %d x %d"
                .formatted(wa.vocabulary(), wa.dimension(), wb.rows(), wb.columns()));
      }
    }

    /** The table of two float factors. */
    public static LowRank of(TruncatedSvd.Factors factors) {
      return new LowRank(new Dense(factors.wa()), factors.wb());
    }

    /** The inner dimension k. */
    public int rank() {
      return wb.rows();
    }

    @Override
    public int vocabulary() {
      return wa.vocabulary();
    }

    @Override
    public int dimension() {
      return wb.columns();
    }

    @Override
    public long parameters() {
      return wa.parameters() + wb.size();
    }

    @Override
    public long bytes() {
      return wa.bytes() + wb.size() * Float.BYTES;
    }

    @Override
    public Matrix toMatrix() {
      return wa.toMatrix().times(wb);
    }
  }

  /**
   * b-bit codes.
   *
   * @param codes the packed table
   */
  record FixedPoint(PackedCodes codes) implements EmbeddingTable {
    @Override
    public int vocabulary() {
      return codes.rows();
    }

    @Override
    public int dimension() {
      return codes.columns();
    }

    @Override
    public long parameters() {
      return (long) codes.rows() * codes.columns();
    }

    @Override
    public long bytes() {
      return codes.bytes();
    }

    @Override
    public Matrix toMatrix() {
      return codes.dequantize();
    }
  }
}
