package io.github.lowrank.train;

/** The training loss became infinite or NaN. */
public final class DivergedException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  DivergedException(float loss, long step, float rate) {
    this(
        "the training loss became %s at step %d: the learning rate %s may be too high"
            .formatted(loss, step, rate));
  }

  private DivergedException(String message) {
    super(message);
  }

  /** The same, with the name of the training in front of the message. */
  public DivergedException of(String training) {
    DivergedException named = new DivergedException(training + ": " + getMessage());
    named.initCause(this);
    return named;
  }
}
