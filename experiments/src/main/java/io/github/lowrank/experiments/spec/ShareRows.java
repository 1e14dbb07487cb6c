package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Codes;
import io.github.lowrank.embedding.Codewords;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.linalg.KMeans;
import io.github.lowrank.linalg.Matrix;
import java.util.List;

/**
 * Words that are near each other share a row: k-means of the rows, with as many clusters as fit
 * into a share of the table's bytes.
 *
 * @param kept share of the bytes of the table in floats, in (0, 1)
 * @param bits width of a number of a shared row, for which room is left; 32 for floats
 */
@JsonTypeName("share-rows")
public record ShareRows(double kept, int bits) implements Step {
  private static final long SEED = 1;

  public ShareRows {
    new FactorizeToBytes(kept, bits); // the same checks
  }

  /** Rows for a {@code V x d} table. */
  int rows(int vocabulary, int dimension) {
    double most = kept * vocabulary * dimension * Float.BYTES;
    int rows = 0;
    while (rows < Math.min(vocabulary, 1 << 16) && bytes(vocabulary, dimension, rows + 1) <= most) {
      rows++;
    }
    if (rows == 0) {
      throw new IllegalArgumentException(
          "a %d x %d table has no shared rows in %s of its bytes: one takes %,d of %,.0f"
              .formatted(vocabulary, dimension, kept, bytes(vocabulary, dimension, 1), most));
    }
    return rows;
  }

  private long bytes(int vocabulary, int dimension, int rows) {
    return (long) vocabulary * Codes.Stored.bytesPerRow(1, rows)
        + CodewordsToBytes.wordBytes(rows, dimension, bits);
  }

  @Override
  public State apply(State before, Workbench bench) {
    Matrix table = before.classifier().table().toMatrix();
    KMeans found = KMeans.of(table, rows(table.rows(), table.columns()), SEED);
    int shared = found.centroids().rows();
    return bench.changed(
        before,
        before
            .classifier()
            .withTable(
                new Codewords(
                    Codes.Stored.of(table.rows(), 1, shared, found.clusters()),
                    new Dense(found.centroids()),
                    Codewords.Join.SUMMED,
                    table.columns())));
  }

  @Override
  public List<Parameter> parameters() {
    return CodewordsToBytes.parameters(kept);
  }
}
