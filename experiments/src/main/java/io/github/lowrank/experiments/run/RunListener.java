package io.github.lowrank.experiments.run;

import io.github.lowrank.train.TrainingListener;

/** Observes a run. */
public interface RunListener {
  /** Does nothing. */
  RunListener NONE = new RunListener() {};

  /** Receives a line for the user. */
  default void log(String line) {}

  /** One line for people, also from where only trouble is told: worker processes. */
  default void warn(String line) {
    log(line);
  }

  /**
   * {@code count} texts are done; told at every text.
   *
   * @param what is done with them: {@code reading texts.csv}
   */
  default void texts(String what, long count) {
    count(what, count, "texts");
  }

  /**
   * {@code count} things are done; told at every one.
   *
   * @param unit what they are: {@code nodes}
   */
  default void count(String what, long count, String unit) {}

  /** A step begins that cannot say how far it is; it ends when anything else is told. */
  default void begin(String what) {}

  /** How much of the whole run is done. */
  default void progress(Effort effort) {}

  /** A training begins; returns its listener. */
  default TrainingListener training(String what) {
    return TrainingListener.NONE;
  }

  /**
   * How much of a run is done.
   *
   * @param steps number of training steps that are done
   * @param allSteps number of training steps in the whole run
   * @param trials number of trials with a result
   * @param allTrials number of trials in the whole run
   */
  record Effort(long steps, long allSteps, int trials, int allTrials) {}
}
