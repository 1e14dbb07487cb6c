package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;

/** Stores the table without what only training needs: codes instead of the numbers behind them. */
@JsonTypeName("pack")
public record Pack() implements Step {
  @Override
  public State apply(State before, Workbench bench) {
    return bench.changed(
        before, before.classifier().withTable(before.classifier().table().packed()));
  }
}
