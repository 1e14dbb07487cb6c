package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.linalg.TruncatedSvd;
import java.util.List;

/**
 * Factorizes the table by truncated SVD at the largest rank whose factors, {@code W_a} in b-bit
 * codes and {@code W_b} in floats, fit into a share of the table's bytes.
 *
 * @param kept share of the bytes of the table in floats, in (0, 1)
 * @param bits width of a number of {@code W_a}; 32 for floats
 */
@JsonTypeName("factorize-to-bytes")
public record FactorizeToBytes(double kept, int bits) implements Step {
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

  /** The rank for a {@code V x d} table. */
  int rank(int vocabulary, int dimension) {
    double most = kept * vocabulary * dimension * Float.BYTES;
    int rank = 0;
    while (rank < dimension && bytes(vocabulary, dimension, rank + 1) <= most) {
      rank++;
    }
    if (rank == 0) {
      throw new IllegalArgumentException(
          "a %d x %d table has no factors of %d bits in %s of its bytes: rank 1 takes %,d of %,.0f"
              .formatted(vocabulary, dimension, bits, kept, bytes(vocabulary, dimension, 1), most));
    }
    return rank;
  }

  private long bytes(int vocabulary, int dimension, int rank) {
    long row = bits == Float.SIZE ? (long) rank * Float.BYTES : PackedCodes.bytesPerRow(rank, bits);
    return vocabulary * row + (long) rank * dimension * Float.BYTES;
  }

  @Override
  public State apply(State before, Workbench bench) {
    EmbeddingTable table = before.classifier().table();
    TruncatedSvd svd =
        TruncatedSvd.of(table.toMatrix(), rank(table.vocabulary(), table.dimension()));
    return Factorize.measured(
        bench.changed(
            before,
            before.classifier().withTable(LowRank.of(svd.factors(TruncatedSvd.Split.BALANCED)))),
        svd);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(kept(kept));
  }
}
