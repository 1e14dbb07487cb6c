package io.github.lowrank.train;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where and how often a training saves its state, so that it can be resumed bit for bit.
 *
 * @param file file of the checkpoint; if it exists at the start, training resumes from it
 * @param every minimum time between two checkpoints, which are written after evaluations
 */
public record Checkpointing(Path file, Duration every) {
  /**
   * A checkpoint that no training can go on from; whoever set it aside may train from the start.
   */
  public static final class UnusableException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;

    UnusableException(Path file, String message, Throwable cause) {
      super(message, cause);
      this.file = file;
    }

    /** The checkpoint. */
    public Path file() {
      return file;
    }
  }

  /** At most every half minute. */
  public static Checkpointing in(Path file) {
    return new Checkpointing(file, Duration.ofSeconds(30));
  }
}
