package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.EmbeddingTable;

/** Makes {@code W_a W_b} of a table {@code E (V W_b)}: {@code W_a = E V}. */
@JsonTypeName("multiply-factors")
public record MultiplyFactors() implements Step {
  @Override
  public State apply(State before, Workbench bench) {
    EmbeddingTable table = before.classifier().table();
    return bench.changed(before, before.classifier().withTable(table.multiplied()));
  }
}
