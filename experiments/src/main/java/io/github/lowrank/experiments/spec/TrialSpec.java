package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.io.Json;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Head;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.schedule.Shape;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * One trial: everything that its result depends on, except for the bytes of the data, whose
 * checksums are in the catalogue. The hash of its canonical JSON is its identity.
 *
 * @param version version of this layout
 * @param dataset texts
 * @param vectors pretrained word vectors
 * @param encoder the classifier's encoder
 * @param head the classifier's head
 * @param plan how to train, at one rate
 * @param method the steps to run
 * @param seed of weights, batches and dropout
 */
public record TrialSpec(
    int version,
    @JsonSerialize(using = Sources.DatasetWriter.class)
        @JsonDeserialize(using = Sources.DatasetReader.class)
        DatasetSource dataset,
    @JsonSerialize(using = Sources.VectorsWriter.class)
        @JsonDeserialize(using = Sources.VectorsReader.class)
        VectorSource vectors,
    Encoder encoder,
    Head head,
    Plan plan,
    Method method,
    int seed) {
  /** The current version. */
  public static final int VERSION = 1;

  public TrialSpec {
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "expected version %d of a trial, found version %d".formatted(VERSION, version));
    }
    checkPairs(encoder, plan);
  }

  /** Pairs stand after the words of a text, so an encoder must not depend on the order. */
  static void checkPairs(Encoder encoder, Plan plan) {
    if (plan.pairs() > 0 && !encoder.pools()) {
      throw new IllegalArgumentException(
          "pairs of words need an encoder that pools them, such as dan, found " + encoder.name());
    }
  }

  /** Identity: equal specifications have equal ids, others do not. */
  public String id() {
    return Json.hash(this);
  }

  /** Unique in an experiment, fit for file names: {@code online-90-seed1}. */
  public String trial() {
    return method.id() + "-seed" + seed;
  }

  /** The learning rate. */
  public double rate() {
    return plan.rates().get(0);
  }

  /**
   * The learning rate of each training step, over all trainings of the method; empty if a step does
   * not tell it.
   */
  public double[] stepRates() {
    DoubleStream.Builder rates = DoubleStream.builder();
    int trainings = 0;
    for (Step step : method.steps()) {
      if (step.share() > 0) {
        Optional<Shape> shape = step.shape(plan, trainings);
        if (shape.isEmpty()) {
          return new double[0];
        }
        trainings++;
        long steps = plan.steps(step.share());
        Schedule schedule = shape.get().schedule(rate(), steps);
        for (long t = 0; t < steps; t++) {
          rates.add(schedule.rate(t));
        }
      }
    }
    return rates.build().toArray();
  }

  /**
   * The identity of the result of the first {@code count} steps. Methods that begin with the same
   * steps share it, whatever their names and what none of these steps uses: the schedule of
   * trainings that are still to come, and the rate.
   */
  public String id(int count) {
    List<Step> steps = method.steps().subList(0, count);
    boolean retrained = steps.stream().filter(Step::trains).count() > 1;
    double rate = steps.stream().anyMatch(Step::usesRate) ? rate() : 1;
    return new TrialSpec(
            version,
            dataset,
            vectors,
            encoder,
            head,
            plan.at(rate, retrained ? plan.later() : plan.first()),
            new Method("", steps, List.of()),
            seed)
        .id();
  }
}
