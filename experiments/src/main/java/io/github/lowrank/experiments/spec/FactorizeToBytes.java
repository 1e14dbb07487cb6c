package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.model.Classifier;
import java.util.List;

/**
 * Factorizes the table by truncated SVD at the largest rank whose stored form fits into a share of
 * bytes: {@code W_a} in b-bit codes, {@code W_b} as {@link FakeQuantize} will store it.
 *
 * @param kept share of the bytes in floats, in (0, 1)
 * @param bits width of a number of {@code W_a}; 32 for floats
 * @param whole whether all weights of the classifier count, as it is exported, or the table alone
 */
@JsonTypeName("factorize-to-bytes")
public record FactorizeToBytes(double kept, int bits, boolean whole) implements Step {
  public FactorizeToBytes {
    checkKept(kept);
    if (bits != Float.SIZE && (bits < 1 || bits > 16)) {
      throw new IllegalArgumentException("bits must be 32 or in 1 .. 16, but is " + bits);
    }
  }

  static void checkKept(double kept) {
    if (!(kept > 0 && kept < 1)) {
      throw new IllegalArgumentException(
          "the kept share of the bytes must be in (0, 1), but is " + kept);
    }
  }

  static Parameter kept(double share) {
    return new Parameter("kept_bytes", share, Method.percent(share) + " % kept");
  }

  /** Of the table's bytes. */
  public FactorizeToBytes(double kept, int bits) {
    this(kept, bits, false);
  }

  /** The rank for the table of {@code classifier}. */
  int rank(Classifier classifier) {
    double most = kept * floats(classifier);
    int low = 0;
    int high = classifier.table().dimension();
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (bytes(classifier, middle) <= most) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    if (low == 0) {
      throw new IllegalArgumentException(
          "a %d x %d table has no factors of %d bits in %s of %s: rank 1 takes %,d of %,.0f bytes"
              .formatted(
                  classifier.table().vocabulary(),
                  classifier.table().dimension(),
                  bits,
                  kept,
                  whole ? "the classifier's bytes" : "its bytes",
                  bytes(classifier, 1),
                  most));
    }
    return low;
  }

  private double floats(Classifier classifier) {
    EmbeddingTable table = classifier.table();
    long others =
        classifier.weights().values().stream().mapToLong(w -> (long) w.rows() * w.columns()).sum();
    return Float.BYTES * ((double) table.vocabulary() * table.dimension() + (whole ? others : 0));
  }

  /** Bytes follow from shapes, so zeros will do. */
  private long bytes(Classifier classifier, int rank) {
    EmbeddingTable table = classifier.table();
    EmbeddingTable factors =
        new LowRank(
            new Dense(Matrix.zeros(table.vocabulary(), rank)),
            Matrix.zeros(rank, table.dimension()));
    EmbeddingTable stored =
        (bits == Float.SIZE ? factors : new FakeQuantize(bits).table(factors)).packed();
    return whole ? classifier.withTable(stored).packed().folded().bytes() : stored.bytes();
  }

  @Override
  public State apply(State before, Workbench bench) {
    Classifier classifier = before.classifier();
    TruncatedSvd svd = TruncatedSvd.of(classifier.table().toMatrix(), rank(classifier));
    return Factorize.measured(
        bench.changed(
            before, classifier.withTable(LowRank.of(svd.factors(TruncatedSvd.Split.BALANCED)))),
        svd);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        whole
            ? new Parameter("kept_bytes", kept, Method.percent(kept) + " % of all kept")
            : kept(kept));
  }
}
