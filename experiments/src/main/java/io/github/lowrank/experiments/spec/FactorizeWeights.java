package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.LowRankWeight;
import io.github.lowrank.embedding.Weight;
import java.util.List;

/**
 * Factorizes the matrices of encoder and head by truncated SVD, each at the largest rank that keeps
 * a share of its numbers. A matrix that has no such rank stays whole.
 *
 * @param kept share of a matrix's numbers, in (0, 1)
 */
@JsonTypeName("factorize-weights")
public record FactorizeWeights(double kept) implements Step {
  public FactorizeWeights {
    if (!(kept > 0 && kept < 1)) {
      throw new IllegalArgumentException("the kept share must be in (0, 1), but is " + kept);
    }
  }

  @Override
  public State apply(State before, Workbench bench) {
    return bench.changed(before, before.classifier().withMatrices(this::factorized));
  }

  private Weight factorized(Weight weight) {
    int rank = (int) (kept * weight.rows() * weight.columns() / (weight.rows() + weight.columns()));
    return rank == 0 ? weight : LowRankWeight.of(weight.toMatrix(), rank);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter("weights_kept", kept, "weights " + Method.percent(kept) + " % kept"));
  }
}
