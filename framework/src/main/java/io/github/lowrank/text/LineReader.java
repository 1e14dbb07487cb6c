package io.github.lowrank.text;

import java.io.IOException;
import java.io.Reader;

/** Lines of bounded length: a file without line breaks must not fill the memory. */
public final class LineReader {
  private final Reader reader;
  private final int longest;
  private final StringBuilder line = new StringBuilder();
  private final char[] buffer = new char[1 << 13];
  private int position;
  private int length;
  private long lines;
  private boolean skipFeed;

  /** Refuses lines of more than {@code longest} characters. */
  public LineReader(Reader reader, int longest) {
    this.reader = reader;
    this.longest = longest;
  }

  /**
   * The next line, without its end; null at the end of the file.
   *
   * @param file for messages
   */
  public String next(Object file) throws IOException {
    line.setLength(0);
    while (true) {
      if (position == length) {
        length = reader.read(buffer, 0, buffer.length);
        position = 0;
        if (length < 0) {
          length = 0;
          return line.isEmpty() ? null : ended();
        }
      }
      int start = position;
      if (skipFeed && buffer[start] == '\n') {
        start++;
      }
      skipFeed = false;
      int end = start;
      while (end < length && buffer[end] != '\n' && buffer[end] != '\r') {
        end++;
      }
      line.append(buffer, start, end - start);
      position = end;
      if (line.length() > longest) {
        throw new MalformedFileException(
            file, lines + 1, "a line of at most " + longest + " characters", "a longer one");
      }
      if (end < length) {
        position++;
        skipFeed = buffer[end] == '\r';
        return ended();
      }
    }
  }

  private String ended() {
    lines++;
    return line.toString();
  }
}
