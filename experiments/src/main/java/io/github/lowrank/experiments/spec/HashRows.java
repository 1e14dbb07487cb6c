package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Codes;
import io.github.lowrank.embedding.Codewords;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.linalg.CodewordSearch;
import io.github.lowrank.linalg.Matrix;
import java.util.List;

/**
 * Every word becomes the sum of the rows that its hashes name in one small table, which fills a
 * share of the table's bytes and is fitted to the table by least squares.
 *
 * @param kept share of the bytes of the table in floats, in (0, 1)
 * @param hashes rows per word
 * @param bits width of a number of the small table, for which room is left; 32 for floats
 */
@JsonTypeName("hash-to-bytes")
public record HashRows(double kept, int hashes, int bits) implements Step {
  public HashRows {
    new FactorizeToBytes(kept, bits); // the same checks
    if (hashes < 1) {
      throw new IllegalArgumentException("expected a hash or more per word, found " + hashes);
    }
  }

  /** Rows of the small table for a {@code V x d} table. */
  int rows(int vocabulary, int dimension) {
    double most = kept * vocabulary * dimension * Float.BYTES;
    int rows = 0;
    while (CodewordsToBytes.wordBytes(rows + 1, dimension, bits) <= most) {
      rows++;
    }
    if (rows == 0) {
      throw new IllegalArgumentException(
          "%s of the bytes of a %d x %d table are less than a row: %,.0f"
              .formatted(kept, vocabulary, dimension, most));
    }
    return rows;
  }

  @Override
  public State apply(State before, Workbench bench) {
    Matrix table = before.classifier().table().toMatrix();
    int rows = rows(table.rows(), table.columns());
    Codes codes = new Codes.Hashed(table.rows(), hashes, rows);
    Matrix fitted =
        CodewordSearch.fitted(table, hashes, codes::word, Matrix.zeros(rows, table.columns()));
    return bench.changed(
        before,
        before
            .classifier()
            .withTable(
                new Codewords(codes, new Dense(fitted), Codewords.Join.SUMMED, table.columns())));
  }

  @Override
  public List<Parameter> parameters() {
    return CodewordsToBytes.parameters(
        kept, new Parameter("hashes", hashes, hashes + (hashes == 1 ? " hash" : " hashes")));
  }
}
