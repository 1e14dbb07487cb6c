package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;

/** Stores the classifier without what only training needs: codes, not the numbers behind them. */
@JsonTypeName("pack")
public record Pack() implements Step {
  @Override
  public State apply(State before, Workbench bench) {
    return bench.changed(before, before.classifier().packed());
  }
}
