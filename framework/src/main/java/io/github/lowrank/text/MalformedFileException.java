package io.github.lowrank.text;

import java.io.IOException;

/**
 * A file with unexpected content; the message, of one line, gives the file, the line, what was
 * expected and what was found.
 */
public final class MalformedFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /** A problem in a line, counted from 1. */
  public MalformedFileException(Object file, long line, String expected, String found) {
    super(oneLine("%s, line %d: expected %s, found %s".formatted(file, line, expected, found)));
  }

  /** A problem with a whole file. */
  public MalformedFileException(Object file, String expected, String found) {
    super(oneLine("%s: expected %s, found %s".formatted(file, expected, found)));
  }

  private static String oneLine(String message) {
    return message.replaceAll("[\\p{Cc}\\u2028\\u2029]", " ");
  }
}
