package io.github.lowrank.datasets;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/**
 * Characters of a text file, read only as long as no line is too long: whoever collects a line that
 * does not end, as in a damaged or binary file, would otherwise use up the memory.
 */
public final class BoundedLines extends FilterReader {
  /** Characters of a text. */
  static final int LONGEST = 10_000_000;

  private final String file;
  private long number = 1;
  private int length;
  private char last;

  /**
   * Reads {@code in}.
   *
   * @param file its name, for the message
   */
  public BoundedLines(String file, Reader in) {
    super(in);
    this.file = file;
  }

  /** Fails for a line of {@code file} that is too long. */
  static DatasetException tooLong(String file, long line, String found) {
    return Lines.malformed(
        file, line, "a text of at most %,d characters".formatted(LONGEST), found);
  }

  @Override
  public int read() throws IOException {
    char[] one = new char[1];
    return read(one, 0, 1) < 0 ? -1 : one[0];
  }

  @Override
  public int read(char[] buffer, int offset, int count) throws IOException {
    int found = super.read(buffer, offset, count);
    for (int i = offset; i < offset + found; i++) {
      char c = buffer[i];
      if (c == '\n' || c == '\r') {
        number += c == '\n' && last == '\r' ? 0 : 1;
        length = 0;
      } else if (++length > LONGEST) {
        throw tooLong(file, number, "more");
      }
      last = c;
    }
    return found;
  }
}
