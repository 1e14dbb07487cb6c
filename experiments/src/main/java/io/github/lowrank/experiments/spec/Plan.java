package io.github.lowrank.experiments.spec;

import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import java.util.List;

/**
 * How the trials of an experiment are trained.
 *
 * @param steps step budget of every method
 * @param batch texts per step
 * @param evaluateEvery steps between evaluations on dev
 * @param optimizer update rule
 * @param first schedule of a method's first training
 * @param later schedule of its later trainings
 * @param rates learning rates to choose from on dev, with the uncompressed classifier; a single one
 *     is not searched
 * @param maxLength number of words read from a text
 * @param limit number of training texts used, and a fifth of it for dev and for test; 0: all
 */
public record Plan(
    long steps,
    int batch,
    int evaluateEvery,
    Optimizer optimizer,
    Shape first,
    Shape later,
    List<Double> rates,
    int maxLength,
    int limit) {
  public Plan {
    rates = List.copyOf(rates);
    if (steps < 1 || batch < 1 || evaluateEvery < 1 || maxLength < 1 || limit < 0) {
      throw new IllegalArgumentException(
          "steps, batch, evaluate-every and max-length must be at least 1, limit at least 0");
    }
    if (rates.isEmpty() || rates.stream().anyMatch(r -> !(r > 0))) {
      throw new IllegalArgumentException("rates must be above 0, but are " + rates);
    }
  }

  /** 50 texts per batch, Adam, a constant rate and then a gentle CALR, 40 words per text. */
  public static Plan of(long steps, int evaluateEvery, List<Double> rates) {
    return new Plan(
        steps,
        50,
        evaluateEvery,
        Optimizer.adam(),
        Shape.named("constant"),
        Shape.named("gentle-calr"),
        rates,
        40,
        0);
  }

  /** This plan with a single rate. */
  public Plan at(double rate) {
    return new Plan(
        steps, batch, evaluateEvery, optimizer, first, later, List.of(rate), maxLength, limit);
  }

  /** Number of batches of a training with {@code share} of the budget. */
  public long steps(double share) {
    return Math.max(1, Math.round(steps * share));
  }
}
