package io.github.lowrank.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Lines of UTF-8 as bytes in a buffer, without a string for each. A line ends as in {@link
 * java.io.BufferedReader}: at a line feed, a carriage return, or both.
 */
public final class Utf8Lines implements AutoCloseable {
  private static final int CHUNK = 1 << 16;

  private final String file;
  private final InputStream in;
  private final boolean strict;
  private byte[] buffer = new byte[CHUNK];
  private int from;
  private int to;
  private int next;
  private int filled;
  private int lastEnd = -1; // of a line in the buffer
  private boolean ascii;
  private boolean ended;
  private boolean skipLineFeed;
  private long number;

  /**
   * Reads {@code in}.
   *
   * @param file its name, for messages
   * @param strict whether bytes that are not UTF-8 are an error
   */
  public Utf8Lines(String file, InputStream in, boolean strict) {
    this.file = file;
    this.in = in;
    this.strict = strict;
  }

  /**
   * Goes on to the next line; false after the last one.
   *
   * @throws IOException that names file and line if a line is too long or not UTF-8
   */
  public boolean next() throws IOException {
    from = next;
    int at = from;
    boolean plain = true;
    while (true) {
      while (at < filled) {
        byte b = buffer[at];
        if (b == '\n' || b == '\r') {
          if (b == '\n' && skipLineFeed && at == from) {
            skipLineFeed = false; // of a line that ended with both
            from = ++at;
            continue;
          }
          skipLineFeed = b == '\r';
          return found(at, at + 1, plain);
        }
        skipLineFeed = false;
        plain &= b >= 0;
        at++;
      }
      if (ended) {
        return at > from && found(at, at, plain);
      }
      at -= fill();
    }
  }

  private boolean found(int end, int after, boolean plain) throws IOException {
    to = end;
    next = after;
    ascii = plain;
    number++;
    if (strict && !ascii) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(buffer, from, to - from));
      } catch (CharacterCodingException e) {
        throw new IOException(
            "%s, line %d: expected UTF-8, found bytes that are not UTF-8".formatted(file, number),
            e);
      }
    }
    return true;
  }

  /** Reads more, behind the line so far; by how much that has moved to the front. */
  private int fill() throws IOException {
    int moved = from;
    int kept = filled - from;
    if (kept > 4 * BoundedLines.LONGEST) {
      throw BoundedLines.tooLong(file, number + 1, "more");
    }
    byte[] larger = kept > buffer.length / 2 ? new byte[2 * buffer.length] : buffer;
    System.arraycopy(buffer, from, larger, 0, kept);
    buffer = larger;
    from = 0;
    filled = kept;
    int some = in.read(buffer, filled, buffer.length - filled);
    ended = some < 0;
    filled += Math.max(0, some);
    lastEnd = filled - 1;
    while (lastEnd >= kept && buffer[lastEnd] != '\n' && buffer[lastEnd] != '\r') {
      lastEnd--;
    }
    return moved;
  }

  /** Whether the next line can be read without waiting for input. */
  public boolean ready() throws IOException {
    int first = skipLineFeed && next < filled && buffer[next] == '\n' ? next + 1 : next;
    return lastEnd >= first || ended || in.available() > 0;
  }

  /** Whether the line is ASCII. */
  public boolean ascii() {
    return ascii;
  }

  /** The buffer that holds the line, until the next call of {@link #next}. */
  public byte[] buffer() {
    return buffer;
  }

  /** Where the line begins. */
  public int from() {
    return from;
  }

  /** Where the line ends. */
  public int to() {
    return to;
  }

  /** Number of the line, from 1. */
  public long number() {
    return number;
  }

  /** The line as a string. */
  public String text() {
    return new String(Arrays.copyOfRange(buffer, from, to), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
