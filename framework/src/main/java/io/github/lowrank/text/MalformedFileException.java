package io.github.lowrank.text;

import java.io.IOException;

/** A file that is not what it should be; the message names file, line, expectation and finding. */
public final class MalformedFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /** A finding in a line, counted from 1. */
  public MalformedFileException(Object file, long line, String expected, String found) {
    super("%s, line %d: expected %s, found %s".formatted(file, line, expected, found));
  }

  /** A finding about a whole file. */
  public MalformedFileException(Object file, String expected, String found) {
    super("%s: expected %s, found %s".formatted(file, expected, found));
  }
}
