package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.Rank;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.op.Parameter;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;

/**
 * Factorizes the table by truncated SVD; everything else stays unchanged.
 *
 * @param removed fraction R of the table's parameters to remove, in (0, 1)
 * @param split how the singular values are split
 */
@JsonTypeName("factorize")
public record Factorize(double removed, TruncatedSvd.Split split) implements Step {
  public Factorize {
    check(removed);
  }

  static void check(double removed) {
    if (!(removed > 0 && removed < 1)) {
      throw new IllegalArgumentException(
          "the removed fraction R must be in (0, 1), but is " + removed);
    }
  }

  @Override
  public State apply(State before, Workbench bench) {
    EmbeddingTable table = before.classifier().table();
    int rank = Rank.of(table.vocabulary(), table.dimension(), removed);
    TruncatedSvd svd = TruncatedSvd.of(table.toMatrix(), rank);
    return measured(
        bench.changed(before, before.classifier().withTable(LowRank.of(svd.factors(split)))), svd);
  }

  /** {@code state} with the measurements of a decomposition. */
  static State measured(State state, TruncatedSvd svd) {
    return state
        .measured("svd_relative_error", svd.relativeError())
        .measured("singular_values", DoubleStream.of(svd.singularValues()).boxed().toList());
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(removed(removed));
  }

  static Parameter removed(double fraction) {
    return new Parameter("removed", fraction, Method.percent(fraction) + " %");
  }

  @Override
  public Step withRemoved(DoubleUnaryOperator fraction) {
    return new Factorize(fraction.applyAsDouble(removed), split);
  }
}
