package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.train.Predictor;
import io.github.lowrank.train.Thresholds;

/**
 * Chooses the probability from which on a label is an answer: that of {@link Thresholds} on dev.
 * Nothing changes for heads of one label per text.
 */
@JsonTypeName("choose-threshold")
public record ChooseThreshold() implements Step {
  @Override
  public State apply(State before, Workbench bench) {
    Classifier classifier = before.classifier();
    if (classifier.head().threshold().isEmpty()) {
      return before;
    }
    Thresholds.Best best = Thresholds.best(Predictor.scores(classifier, bench.dev()), bench.dev());
    double threshold = 1 / (1 + Math.exp(-best.score()));
    return before
        .with(classifier.withHead(classifier.head().withThreshold(threshold)), before.devAccuracy())
        .measured("threshold", threshold);
  }
}
