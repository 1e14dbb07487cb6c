package io.github.lowrank.train;

import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;

/**
 * Settings of a training.
 *
 * @param optimizer update rule
 * @param schedule learning rate as a function of the step
 * @param steps number of batches
 * @param batch texts in a batch
 * @param evaluateEvery steps between evaluations on dev
 * @param patience evaluations without a better dev accuracy after which training stops; 0: never
 * @param seed of batches and dropout
 */
public record TrainingConfig(
    Optimizer optimizer,
    Schedule schedule,
    long steps,
    int batch,
    int evaluateEvery,
    int patience,
    long seed) {
  public TrainingConfig {
    if (steps < 0 || batch < 1 || evaluateEvery < 1 || patience < 0) {
      throw new IllegalArgumentException(
          "steps and patience must not be negative, batch and evaluateEvery at least 1");
    }
  }
}
