package io.github.lowrank.experiments.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Wrong usage: exit code 2. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }

  /** Refuses an {@code --out} below a file, or where nothing can be written. */
  static void checkFolderAbove(Path out) {
    Path above = out.toAbsolutePath().normalize().getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    if (above != null && !Files.isDirectory(above)) {
      throw new UsageException(
          "--out " + out + ": expected a folder above it, found file " + above);
    }
    if (above != null) {
      // Permissions do not say it all: disks can be read-only, and root may do anything.
      try {
        Files.delete(Files.createTempDirectory(above, ".lowrank-"));
      } catch (IOException e) {
        throw new UsageException(
            "--out %s: expected a folder above it that can be written to, found %s (%s)"
                .formatted(out, above, Cli.reason(e)));
      }
    }
  }
}
