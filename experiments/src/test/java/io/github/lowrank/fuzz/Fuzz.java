package io.github.lowrank.fuzz;

import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What a reader may do with a damaged file. */
final class Fuzz {
  private Fuzz() {}

  /** Reads a file. */
  interface Reading {
    void read() throws IOException;
  }

  /** A reader broke its promise. */
  static final class BrokenPromise extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokenPromise(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Whether {@code reading} ends with an {@link IOException} of one line that names {@code file}.
   *
   * @throws BrokenPromise if it ends with anything else
   */
  static boolean refuses(Object file, Reading reading) {
    try {
      reading.read();
      return false;
    } catch (IOException | UncheckedIOException e) {
      String message =
          String.valueOf((e instanceof UncheckedIOException ? e.getCause() : e).getMessage());
      if (message.lines().count() != 1 || !message.contains(file.toString())) {
        throw new BrokenPromise("expected one line that names %s".formatted(file), e);
      }
      return true;
    } catch (RuntimeException | Error e) {
      throw new BrokenPromise("expected an IOException", e);
    }
  }

  /** Writes over a file: to empty it first, as Files.write does, costs ten times as much. */
  static void put(Path file, byte[] bytes) throws IOException {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      out.write(ByteBuffer.wrap(bytes));
      out.truncate(bytes.length);
    }
  }

  static void delete(Path path) {
    try {
      AtomicFiles.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** On one line, with the places that matter. */
  static String describe(Throwable e) {
    Throwable root = e instanceof BrokenPromise ? e.getCause() : e;
    StringBuilder text = new StringBuilder(e == root ? "" : e.getMessage() + ": ").append(root);
    int shown = 0;
    for (StackTraceElement frame : root.getStackTrace()) {
      if (shown < 2 || frame.getClassName().startsWith("io.github.lowrank") && shown < 6) {
        text.append(" | ").append(frame.getFileName()).append(':').append(frame.getLineNumber());
        shown++;
      }
    }
    return text.toString().replaceAll("\\p{Cc}+", " ");
  }
}
