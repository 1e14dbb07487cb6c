package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import java.util.List;
import java.util.Random;

/**
 * Discards the table for two random factors of the rank of {@link FactorizeToBytes}: the factorized
 * embedding of Lan et al., <a href="https://arxiv.org/abs/1909.11942">ALBERT</a> (ICLR 2020).
 *
 * @param kept share of the bytes of the table in floats, in (0, 1)
 * @param bits width of a number of {@code W_a}; 32 for floats
 */
@JsonTypeName("random-factors")
public record RandomFactors(double kept, int bits) implements Step {
  public RandomFactors {
    new FactorizeToBytes(kept, bits); // the same checks
  }

  @Override
  public State apply(State before, Workbench bench) {
    EmbeddingTable table = before.classifier().table();
    int v = table.vocabulary();
    int d = table.dimension();
    int rank = new FactorizeToBytes(kept, bits).rank(before.classifier());
    Random random = new Random(bench.seed());
    TruncatedSvd.Factors factors =
        new TruncatedSvd.Factors(Matrix.glorot(v, rank, random), Matrix.glorot(rank, d, random));
    return bench.changed(before, before.classifier().withTable(LowRank.of(factors)));
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(FactorizeToBytes.kept(kept));
  }
}
