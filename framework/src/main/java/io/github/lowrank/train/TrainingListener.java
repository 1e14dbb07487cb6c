package io.github.lowrank.train;

/**
 * Observes a training, for progress bars or event files; the training loop knows nothing of either.
 */
public interface TrainingListener {
  /** Does nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /** Training begins at {@code step} (above 0 if resumed) of {@code steps}. */
  default void started(long step, long steps) {}

  /**
   * A step is done.
   *
   * @param step number of steps done
   * @param loss mean loss of the batch
   * @param rate learning rate of the step
   * @param examples size of the batch
   */
  default void stepped(long step, float loss, float rate, int examples) {}

  /** Dev was evaluated. */
  default void evaluated(Evaluation evaluation, boolean best) {}

  /**
   * The loss became infinite or NaN, scores of dev NaN, or an op refused the weights. If this
   * returns, the training ends here, with the best so far.
   *
   * @throws DivergedException by default
   */
  default void diverged(DivergedException divergence) {
    throw divergence;
  }

  /** Training ended. */
  default void finished() {}
}
