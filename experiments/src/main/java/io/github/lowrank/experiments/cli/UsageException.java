package io.github.lowrank.experiments.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Wrong usage: exit code 2. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }

  /** Refuses an {@code --out} below a file. */
  static void checkFolderAbove(Path out) {
    Path above = out.toAbsolutePath().normalize().getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    if (above != null && !Files.isDirectory(above)) {
      throw new UsageException(
          "--out " + out + ": expected a folder above it, found file " + above);
    }
  }
}
