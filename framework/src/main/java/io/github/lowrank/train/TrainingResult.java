package io.github.lowrank.train;

import java.util.List;

/**
 * The result of a training.
 *
 * @param <M> what was trained
 * @param best the values with the best metric on dev; the earliest on ties
 * @param metric the value of that metric
 * @param bestStep number of steps after which it was reached
 * @param history all evaluations, including the one before the first step
 */
public record TrainingResult<M>(M best, double metric, long bestStep, List<Evaluation> history) {
  public TrainingResult {
    history = List.copyOf(history);
  }
}
