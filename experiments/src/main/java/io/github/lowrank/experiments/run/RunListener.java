package io.github.lowrank.experiments.run;

import io.github.lowrank.train.TrainingListener;

/** Watches a run. */
public interface RunListener {
  /** Nobody watches. */
  RunListener NONE = new RunListener() {};

  /** One line for people. */
  default void log(String line) {}

  /** One line for people, also from where only trouble is told: worker processes. */
  default void warn(String line) {
    log(line);
  }

  /** How much of the whole run is done. */
  default void progress(Effort effort) {}

  /** A training begins; what watches it. */
  default TrainingListener training(String what) {
    return TrainingListener.NONE;
  }

  /**
   * How much of a run is done.
   *
   * @param steps training steps whose results are stored
   * @param allSteps of the whole run
   * @param trials with a result
   * @param allTrials of the whole run
   */
  record Effort(long steps, long allSteps, int trials, int allTrials) {}
}
