package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.linalg.TruncatedSvd;

/**
 * Factorizes the table by truncated SVD.
 *
 * @param rank at least 1; a table with fewer rows or columns gets its own
 */
@JsonTypeName("factorize-to-rank")
public record FactorizeToRank(int rank) implements Step {
  public FactorizeToRank {
    if (rank < 1) {
      throw new IllegalArgumentException("expected a rank of at least 1, found " + rank);
    }
  }

  @Override
  public State apply(State before, Workbench bench) {
    EmbeddingTable table = before.classifier().table();
    TruncatedSvd svd =
        TruncatedSvd.of(
            table.toMatrix(), Math.min(rank, Math.min(table.vocabulary(), table.dimension())));
    return Factorize.measured(
        bench.changed(
            before,
            before.classifier().withTable(LowRank.of(svd.factors(TruncatedSvd.Split.BALANCED)))),
        svd);
  }
}
