package io.github.lowrank.train;

import java.util.List;

/**
 * What training found.
 *
 * @param <M> what was trained
 * @param best of the best metric on dev, the earliest of equals
 * @param metric its value
 * @param bestStep after how many steps it stood
 * @param history all evaluations, the one before the first step included
 */
public record TrainingResult<M>(M best, double metric, long bestStep, List<Evaluation> history) {
  public TrainingResult {
    history = List.copyOf(history);
  }
}
