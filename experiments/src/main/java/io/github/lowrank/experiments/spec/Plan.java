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
 * How the trials of an experiment are trained. Plans of former versions do not have the fields from
 * {@code pairs} on; where these have the value that stands for their absence, the identity of a
 * trial is still theirs.
 *
 * @param steps step budget of every method
 * @param batch texts per step
 * @param evaluateEvery steps between evaluations on dev
 * @param optimizer update rule
 * @param first schedule of a method's first training
 * @param later schedule of its later trainings
 * @param rates learning rates to choose from on dev; a single one is not searched
 * @param maxLength number of words read from a text
 * @param limit number of training texts used, and a fifth of it for dev and for test; 0: all
 * @param pairs a pair of neighbouring words has a row of the table, like a word, if it occurs at
 *     least so often in the training texts; 0: only words have
 * @param spans number of spans of each training text, cut at random, that a teacher labels for its
 *     pupils beside the whole texts; 0: none
 * @param laters schedules of later trainings to choose from on dev, for each method with its own
 *     search, beside {@code later}. With any, that search goes on until the best pair of rate and
 *     schedule has been compared with the rates above and below and with all schedules
 * @param words a word has a row of the table if it occurs at least so often in the training texts;
 *     0: if it occurs in train, dev or test
 * @param shrunk by which share the rows of words without a pretrained vector are shorter than the
 *     others at the start, in [0, 1]; 1: they are zero
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
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) int spans,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Shape> laters,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) int words,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) double shrunk) {
  public Plan {
    rates = List.copyOf(rates);
    laters = List.copyOf(laters);
    if (steps < 1
        || batch < 1
        || evaluateEvery < 1
        || maxLength < 1
        || limit < 0
        || pairs < 0
        || spans < 0
        || words < 0) {
      throw new IllegalArgumentException(
          "steps, batch, evaluate-every and max-length must be at least 1, limit, pairs, spans and words at least 0");
    }
    if (!(shrunk >= 0 && shrunk <= 1)) {
      throw new IllegalArgumentException("shrunk must be in [0, 1], but is " + shrunk);
    }
    if (rates.isEmpty() || rates.stream().anyMatch(r -> !(r > 0))) {
      throw new IllegalArgumentException("rates must be above 0, but are " + rates);
    }
  }

  /** A plan that reads words of all splits and chooses no schedule. */
  public Plan(
      long steps,
      int batch,
      int evaluateEvery,
      Optimizer optimizer,
      Shape first,
      Shape later,
      List<Double> rates,
      int maxLength,
      int limit,
      int pairs,
      int spans) {
    this(
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
        spans,
        List.of(),
        0,
        0);
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
          int spans,
      @JsonProperty("laters")
          @JacksonInject(value = Json.ABSENT_IS_EMPTY, useInput = OptBoolean.TRUE)
          List<Shape> laters,
      @JsonProperty("words") @JacksonInject(value = Json.ABSENT_IS_ZERO, useInput = OptBoolean.TRUE)
          int words,
      @JsonProperty("shrunk")
          @JacksonInject(value = Json.ABSENT_IS_ZERO, useInput = OptBoolean.TRUE)
          double shrunk) {
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
        spans,
        laters,
        words,
        shrunk);
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
    return at(rate, later);
  }

  /** This plan with a single rate and a single schedule of later trainings. */
  public Plan at(double rate, Shape chosen) {
    return with(chosen, List.of(rate), List.of(), words, shrunk);
  }

  /** This plan, in which methods with their own search also choose among the usual schedules. */
  public Plan choosing() {
    return choosing(
        Shape.named("linear-to-zero"),
        Shape.named("constant"),
        Shape.named("one-cycle"),
        Shape.CALR);
  }

  /** The same with other schedules. */
  public Plan choosing(Shape... candidates) {
    return with(candidates[0], rates, List.of(candidates), words, shrunk);
  }

  /** This plan with a vocabulary of train alone, in which words without a vector start at zero. */
  public Plan wordsOfTrain() {
    return with(later, rates, laters, 1, 1);
  }

  private Plan with(
      Shape otherLater,
      List<Double> otherRates,
      List<Shape> otherLaters,
      int otherWords,
      double otherShrunk) {
    return new Plan(
        steps,
        batch,
        evaluateEvery,
        optimizer,
        first,
        otherLater,
        otherRates,
        maxLength,
        limit,
        pairs,
        spans,
        otherLaters,
        otherWords,
        otherShrunk);
  }

  /** The schedules that later trainings may have. */
  public List<Shape> candidates() {
    return laters.isEmpty() ? List.of(later) : laters;
  }

  /** Number of batches of a training with {@code share} of the budget. */
  public long steps(double share) {
    return Math.max(1, Math.round(steps * share));
  }
}
