package io.github.lowrank.experiments.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Standard output that remembers why it could not be written. Java's {@code System.out} and every
 * {@link PrintWriter} swallow that, so that half of the lines would end with exit code 0.
 */
final class StandardOutput extends OutputStream {
  private final OutputStream to;
  private IOException failure;

  StandardOutput() {
    this(new FileOutputStream(FileDescriptor.out));
  }

  StandardOutput(OutputStream to) {
    this.to = to;
  }

  /** Writes to this stream in UTF-8, line by line. */
  PrintWriter writer() {
    return new Utf8Writer();
  }

  /** A writer that also takes bytes: many lines need not become characters and bytes again. */
  final class Utf8Writer extends PrintWriter {
    private Utf8Writer() {
      super(StandardOutput.this, true, StandardCharsets.UTF_8);
    }

    /** Writes {@code utf8[0 .. length - 1]} behind all that was printed before. */
    void write(byte[] utf8, int length) {
      flush();
      try {
        StandardOutput.this.write(utf8, 0, length);
      } catch (IOException e) {
        setError(); // StandardOutput knows why
      }
    }
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) throws IOException {
    if (failure != null) {
      throw failure; // what follows a gap would look complete
    }
    try {
      to.write(bytes, from, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /** Whether the reader has gone, as {@code head} does when it has seen enough. */
  private boolean closed() {
    return String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
  }

  /**
   * The exit code of a command that ended with {@code code}: failure if not everything was written,
   * which {@code err} is told unless the reader went away.
   */
  synchronized int code(int code, PrintWriter err) {
    if (failure == null) {
      return code;
    }
    if (!closed()) {
      err.println("lowrank: standard output: " + failure.getMessage());
    }
    return code == 0 ? 1 : code;
  }
}
