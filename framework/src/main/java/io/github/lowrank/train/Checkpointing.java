package io.github.lowrank.train;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where and how often a training saves its state, so that it can be resumed bit for bit.
 *
 * @param file file of the checkpoint; if it exists at the start, training resumes from it
 * @param every minimum time between two checkpoints, which are written after evaluations
 */
public record Checkpointing(Path file, Duration every) {
  /** At most every 30 seconds. */
  public static Checkpointing in(Path file) {
    return new Checkpointing(file, Duration.ofSeconds(30));
  }
}
