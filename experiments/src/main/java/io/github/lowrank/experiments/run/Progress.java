package io.github.lowrank.experiments.run;

import io.github.lowrank.train.TrainingListener;

/** Shows what a run does. */
public interface Progress {
  /** One line. */
  void log(String line);

  /** A listener that shows one training. */
  TrainingListener training(String what);

  /** Shows nothing. */
  Progress SILENT =
      new Progress() {
        @Override
        public void log(String line) {}

        @Override
        public TrainingListener training(String what) {
          return TrainingListener.NONE;
        }
      };
}
