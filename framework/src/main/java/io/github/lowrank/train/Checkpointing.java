package io.github.lowrank.train;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where and how often a training saves its state, to go on from there bit for bit.
 *
 * @param file of the checkpoint; found there at the start, training resumes from it
 * @param every least time between two checkpoints; they are written after evaluations
 */
public record Checkpointing(Path file, Duration every) {
  /** At most every half minute. */
  public static Checkpointing in(Path file) {
    return new Checkpointing(file, Duration.ofSeconds(30));
  }
}
