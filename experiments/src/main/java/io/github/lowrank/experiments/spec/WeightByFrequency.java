package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.text.InverseFrequency;

/**
 * Multiplies word vectors by the inverse document frequency of their words, and all of them by one
 * number. Only before training.
 *
 * @param norm root mean square of the means of the training texts
 */
@JsonTypeName("weight-by-frequency")
public record WeightByFrequency(double norm) implements Step {
  public WeightByFrequency {
    if (!(norm > 0)) {
      throw new IllegalArgumentException("expected a norm above 0, found " + norm);
    }
  }

  @Override
  public State apply(State before, Workbench bench) {
    Dense weighted =
        new Dense(
            InverseFrequency.scaled(
                InverseFrequency.weighted(before.classifier().table().toMatrix(), bench.train()),
                bench.train(),
                norm));
    return bench.changed(before, before.classifier().withTable(weighted));
  }
}
