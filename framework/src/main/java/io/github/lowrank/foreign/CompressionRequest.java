package io.github.lowrank.foreign;

import io.github.lowrank.train.TrainingListener;
import java.util.List;
import java.util.Optional;

/**
 * What {@link ModelCompressor} shall do.
 *
 * @param tables names of tables; empty: the largest that is looked up, or all of {@code minBytes}
 * @param minBytes without names: all tables of at least so many bytes; 0 for the largest alone
 * @param removed fraction of a table's numbers to remove, in (0, 1); 0 only with codes: then a
 *     table is not factorized
 * @param bits of a stored number of {@code W_a}: 32 for the table's own type, or 1 to 16
 * @param maxBytes of all files of the result, in the place of {@code removed}; 0 for any
 * @param strip whether the values that only training needs are emptied
 * @param trusted whether ops that reach files, network or other code are run
 * @param retraining if the factors are trained
 * @param texts on which the outputs before and after are compared; empty: random ones
 */
public record CompressionRequest(
    List<String> tables,
    long minBytes,
    double removed,
    int bits,
    long maxBytes,
    boolean strip,
    boolean trusted,
    Optional<Retraining> retraining,
    List<String> texts) {

  /**
   * Training of the factors: the outputs shall be those of the model with its whole tables, or give
   * the texts' labels.
   *
   * @param texts for the model's only input
   * @param labels of the texts: class numbers from 0, or names whose alphabetical order is that of
   *     the classes; empty for the outputs of the whole tables
   * @param steps of 32 texts
   * @param seed of the order of the texts
   * @param listener is shown the relative difference of the outputs on a tenth of the texts
   */
  public record Retraining(
      List<String> texts, List<String> labels, long steps, long seed, TrainingListener listener) {
    public Retraining {
      texts = List.copyOf(texts);
      labels = List.copyOf(labels);
      if (!labels.isEmpty() && labels.size() != texts.size()) {
        throw new IllegalArgumentException(
            "expected %d labels, found %d".formatted(texts.size(), labels.size()));
      }
    }

    /** Towards the outputs of the whole tables. */
    public Retraining(List<String> texts, long steps, long seed, TrainingListener listener) {
      this(texts, List.of(), steps, seed, listener);
    }
  }

  public CompressionRequest {
    tables = List.copyOf(tables);
    texts = List.copyOf(texts);
    if (!(removed >= 0 && removed < 1)) {
      throw new IllegalArgumentException("expected a fraction in (0, 1), found " + removed);
    }
    if (bits != Float.SIZE && (bits < 1 || bits > 16)) {
      throw new IllegalArgumentException("expected 32 bits or 1 to 16, found " + bits);
    }
  }

  /** The largest table, {@code removed} of it removed, nothing else. */
  public static CompressionRequest of(double removed) {
    return new CompressionRequest(
        List.of(), 0, removed, Float.SIZE, 0, false, false, Optional.empty(), List.of());
  }

  /** These tables. */
  public CompressionRequest withTables(List<String> names) {
    return new CompressionRequest(
        names, minBytes, removed, bits, maxBytes, strip, trusted, retraining, texts);
  }

  /** All tables of at least {@code bytes}. */
  public CompressionRequest withMinBytes(long bytes) {
    return new CompressionRequest(
        tables, bytes, removed, bits, maxBytes, strip, trusted, retraining, texts);
  }

  /** {@code W_a} in {@code width} bits. */
  public CompressionRequest withBits(int width) {
    return new CompressionRequest(
        tables, minBytes, removed, width, maxBytes, strip, trusted, retraining, texts);
  }

  /** So that the files of the result have at most {@code bytes}. */
  public CompressionRequest withMaxBytes(long bytes) {
    return new CompressionRequest(
        tables, minBytes, removed, bits, bytes, strip, trusted, retraining, texts);
  }

  /** Without what only training needs. */
  public CompressionRequest stripped() {
    return new CompressionRequest(
        tables, minBytes, removed, bits, maxBytes, true, trusted, retraining, texts);
  }

  /** Whatever the model's ops do. */
  public CompressionRequest trusting() {
    return new CompressionRequest(
        tables, minBytes, removed, bits, maxBytes, strip, true, retraining, texts);
  }

  /** With trained factors. */
  public CompressionRequest withRetraining(Retraining plan) {
    return new CompressionRequest(
        tables, minBytes, removed, bits, maxBytes, strip, trusted, Optional.of(plan), texts);
  }

  /** Compared on these texts. */
  public CompressionRequest comparedOn(List<String> inputs) {
    return new CompressionRequest(
        tables, minBytes, removed, bits, maxBytes, strip, trusted, retraining, inputs);
  }

  CompressionRequest withRemoved(double fraction) {
    return new CompressionRequest(
        tables, minBytes, fraction, bits, maxBytes, strip, trusted, retraining, texts);
  }
}
