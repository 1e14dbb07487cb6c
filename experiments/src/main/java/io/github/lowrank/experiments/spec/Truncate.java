package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.Rank;
import io.github.lowrank.embedding.TruncatedTable;
import io.github.lowrank.embedding.TruncatedTable.Penalty;
import io.github.lowrank.embedding.TruncatedTable.Through;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/**
 * Lets later trainings see the best low-rank product of the table instead of the table, which stays
 * whole: see {@link TruncatedTable}. A {@link Factorize} of the same fraction then changes nothing.
 *
 * @param removed fraction R of the table's parameters to remove, in (0, 1)
 * @param gradient where the gradient of a lookup goes
 * @param penalty what is added to the loss
 * @param weight factor of the penalty
 */
@JsonTypeName("truncate")
public record Truncate(double removed, Through gradient, Penalty penalty, double weight)
    implements Step {
  public Truncate {
    Factorize.check(removed);
  }

  @Override
  public State apply(State before, Workbench bench) {
    EmbeddingTable table = before.classifier().table();
    int rank = Rank.of(table.vocabulary(), table.dimension(), removed);
    TruncatedTable truncated = TruncatedTable.of(table.toMatrix(), rank, gradient, penalty, weight);
    return bench.changed(before, before.classifier().withTable(truncated));
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Factorize.removed(removed),
        new Parameter("gradient", name(gradient), ""),
        new Parameter("penalty", name(penalty), ""),
        new Parameter("penalty_weight", weight, ""));
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Step withRemoved(DoubleUnaryOperator fraction) {
    return new Truncate(fraction.applyAsDouble(removed), gradient, penalty, weight);
  }
}
