package io.github.lowrank.train;

/** Watches a training: progress bars, event files. The training loop knows nothing of either. */
public interface TrainingListener {
  /** Nobody watches. */
  TrainingListener NONE = new TrainingListener() {};

  /** Training begins at {@code step} (above 0 if resumed) of {@code steps}. */
  default void started(long step, long steps) {}

  /**
   * A step is done.
   *
   * @param step steps done
   * @param loss mean loss of the batch
   * @param rate learning rate of the step
   * @param examples size of the batch
   */
  default void stepped(long step, float loss, float rate, int examples) {}

  /** Dev was evaluated. */
  default void evaluated(Evaluation evaluation, boolean best) {}

  /** Training ended. */
  default void finished() {}
}
