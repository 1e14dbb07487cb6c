package io.github.lowrank.train;

/**
 * The training loss became infinite or NaN, the scores of dev became NaN, or an op refused the
 * weights, of which it has no gradient or no decomposition.
 */
public final class DivergedException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  private final long step;

  /**
   * Of a training whose step is not known yet.
   *
   * @param what went wrong
   */
  DivergedException(String what) {
    super(what);
    this.step = 0;
  }

  DivergedException(String what, long step, float rate) {
    super("%s at step %d: the learning rate %s may be too high".formatted(what, step, rate));
    this.step = step;
  }

  /** Number of the step after which nothing counts, from 1. */
  public long step() {
    return step;
  }
}
