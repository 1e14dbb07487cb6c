package io.github.lowrank.foreign;

import java.io.IOException;
import java.nio.file.Path;

/** All that a checkpoint gives out. */
public final class CheckpointReading {
  private CheckpointReading() {}

  /** Every key as a matrix, or else as a string. */
  public static void read(Path prefix) throws IOException {
    CheckpointFile file = CheckpointFile.read(prefix);
    IOException last = null;
    for (String key : file.keys()) {
      try {
        file.matrix(key);
      } catch (IOException e) {
        last = e;
      }
      try {
        file.string(key);
      } catch (IOException e) {
        last = e;
      }
    }
    if (last != null) {
      throw last;
    }
  }
}
