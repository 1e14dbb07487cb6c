package io.github.lowrank.train;

import io.github.lowrank.model.Classifier;
import java.util.List;

/**
 * What training found.
 *
 * @param best the classifier of the best dev accuracy, the earliest of equals
 * @param devAccuracy its dev accuracy, in [0, 1]
 * @param bestStep after how many steps it stood
 * @param history all evaluations, the one before the first step included
 */
public record TrainingResult(
    Classifier best, double devAccuracy, long bestStep, List<Evaluation> history) {
  public TrainingResult {
    history = List.copyOf(history);
  }
}
