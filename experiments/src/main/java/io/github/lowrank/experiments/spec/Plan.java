package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.github.lowrank.io.Json;
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
 * @param pairs a pair of neighbouring words has a row of the table, like a word, if it occurs at
 *     least so often in the training texts; 0: only words have. Plans of former versions do not
 *     have this field, and without pairs the identity of a trial is still theirs
 * @param spans number of spans of each training text, cut at random, that a teacher labels for its
 *     pupils beside the whole texts; 0, as in plans of former versions: none
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
    int limit,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) int pairs,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) int spans) {
  public Plan {
    rates = List.copyOf(rates);
    if (steps < 1
        || batch < 1
        || evaluateEvery < 1
        || maxLength < 1
        || limit < 0
        || pairs < 0
        || spans < 0) {
      throw new IllegalArgumentException(
          "steps, batch, evaluate-every and max-length must be at least 1, limit, pairs and spans at least 0");
    }
    if (rates.isEmpty() || rates.stream().anyMatch(r -> !(r > 0))) {
      throw new IllegalArgumentException("rates must be above 0, but are " + rates);
    }
  }

  @JsonCreator
  static Plan read(
      @JsonProperty("steps") long steps,
      @JsonProperty("batch") int batch,
      @JsonProperty("evaluateEvery") int evaluateEvery,
      @JsonProperty("optimizer") Optimizer optimizer,
      @JsonProperty("first") Shape first,
      @JsonProperty("later") Shape later,
      @JsonProperty("rates") List<Double> rates,
      @JsonProperty("maxLength") int maxLength,
      @JsonProperty("limit") int limit,
      @JsonProperty("pairs") @JacksonInject(value = Json.ABSENT_IS_ZERO, useInput = OptBoolean.TRUE)
          int pairs,
      @JsonProperty("spans") @JacksonInject(value = Json.ABSENT_IS_ZERO, useInput = OptBoolean.TRUE)
          int spans) {
    return new Plan(
        steps,
        batch,
        evaluateEvery,
        optimizer,
        first,
        later,
        rates,
        maxLength,
        limit,
        pairs,
        spans);
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
        0,
        0,
        0);
  }

  /** This plan with a single rate. */
  public Plan at(double rate) {
    return new Plan(
        steps,
        batch,
        evaluateEvery,
        optimizer,
        first,
        later,
        List.of(rate),
        maxLength,
        limit,
        pairs,
        spans);
  }

  /** Number of batches of a training with {@code share} of the budget. */
  public long steps(double share) {
    return Math.max(1, Math.round(steps * share));
  }
}
