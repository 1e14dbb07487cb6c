package io.github.lowrank.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files that a user names, pipes included. They are read more than once, for texts and for
 * checksums: what can be read only once, as a FIFO or the shell's {@code <(...)}, is copied to a
 * temporary file of the same name, which is deleted when the process ends.
 */
public final class InputFiles {
  private static final Map<Path, Path> COPIES = new ConcurrentHashMap<>();

  private InputFiles() {}

  /**
   * A regular file with the content of {@code file}: itself, or the copy of a pipe.
   *
   * @param expected what it should be, for the message
   * @throws DatasetException if it does not exist or is a folder
   */
  public static Path readable(Path file, String expected) throws IOException {
    if (Files.isRegularFile(file)) {
      return file;
    }
    check(file, expected);
    Path copy = COPIES.get(file.toAbsolutePath());
    if (copy == null) {
      Path folder = Files.createTempDirectory("lowrank");
      copy = folder.resolve(file.getFileName());
      folder.toFile().deleteOnExit(); // after the copy: the last one registered goes first
      copy.toFile().deleteOnExit();
      try (InputStream in = Files.newInputStream(file)) {
        Files.copy(in, copy);
      }
      COPIES.put(file.toAbsolutePath(), copy);
    }
    return copy;
  }

  /**
   * Checks that {@code file} is a file or a pipe.
   *
   * @param expected what it should be, for the message
   * @throws DatasetException if it does not exist or is a folder
   */
  public static void check(Path file, String expected) throws DatasetException {
    if (!Files.exists(file)) {
      throw new DatasetException(file + " does not exist: expected " + expected);
    }
    if (Files.isDirectory(file)) {
      throw new DatasetException(file + " is a folder: expected " + expected);
    }
  }
}
