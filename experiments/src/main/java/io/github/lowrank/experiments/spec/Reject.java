package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.train.Predictor;

/**
 * Lets the head say that a text has none of the labels: beyond the distance that a share of dev is
 * beyond.
 *
 * @param fraction of the texts of dev that may be rejected, though they have a label, in (0, 1)
 */
@JsonTypeName("reject")
public record Reject(double fraction) implements Step {
  public Reject {
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException("expected a fraction in (0, 1), found " + fraction);
    }
  }

  @Override
  public State apply(State before, Workbench bench) {
    Classifier classifier = before.classifier();
    return before.with(
        classifier.withHead(
            classifier.head().rejecting(Predictor.scores(classifier, bench.dev()), fraction)),
        before.devAccuracy());
  }
}
