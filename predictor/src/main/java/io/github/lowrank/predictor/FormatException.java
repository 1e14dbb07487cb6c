package io.github.lowrank.predictor;

import java.io.IOException;

/** A file that is not a compact file, or a damaged one. */
public final class FormatException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long offset;

  /**
   * One line that says where the problem is.
   *
   * @param file name of the file
   * @param offset where what was found begins, in bytes
   * @param expected what should stand there
   * @param found what stands there
   */
  FormatException(String file, long offset, String expected, String found) {
    super("%s, byte %d: expected %s, found %s".formatted(file, offset, expected, found));
    this.offset = offset;
  }

  /** Where the problem is, in bytes from the beginning of the file. */
  public long offset() {
    return offset;
  }
}
