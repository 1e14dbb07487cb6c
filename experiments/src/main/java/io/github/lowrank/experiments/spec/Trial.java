package io.github.lowrank.experiments.spec;

/**
 * One method with one seed: a pure function of itself and its experiment.
 *
 * @param method what is done
 * @param seed of weights, batches and dropout
 */
public record Trial(Method method, int seed) {
  /** Unique in an experiment, fit for file names. */
  public String id() {
    return method.id() + "-seed" + seed;
  }
}
