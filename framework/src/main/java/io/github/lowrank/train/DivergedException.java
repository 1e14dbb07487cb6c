package io.github.lowrank.train;

/** The training loss became infinite or NaN. */
public final class DivergedException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  private final long step;

  DivergedException(float loss, long step, float rate) {
    super(
        "the training loss became %s at step %d: the learning rate %s may be too high"
            .formatted(loss, step, rate));
    this.step = step;
  }

  /** Number of the step whose loss it was, from 1. */
  public long step() {
    return step;
  }
}
