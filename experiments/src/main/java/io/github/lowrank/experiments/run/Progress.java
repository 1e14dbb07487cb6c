package io.github.lowrank.experiments.run;

import io.github.lowrank.train.TrainingListener;

/** Shows what a run does. */
public interface Progress {
  /** One line. */
  void log(String line);

  /** How much of the whole run is done. */
  void overall(ExperimentRunner.Effort effort);

  /** A listener that shows one training. */
  TrainingListener training(String what);

  /** Shows nothing. */
  Progress SILENT =
      new Progress() {
        @Override
        public void log(String line) {}

        @Override
        public void overall(ExperimentRunner.Effort effort) {}

        @Override
        public TrainingListener training(String what) {
          return TrainingListener.NONE;
        }
      };
}
