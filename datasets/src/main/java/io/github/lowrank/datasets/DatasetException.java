package io.github.lowrank.datasets;

import java.io.IOException;

/** Data is missing or differs from the catalogue; the message tells the user what to do. */
public final class DatasetException extends IOException {
  private static final long serialVersionUID = 1L;

  /** With a message for the user; what it quotes from a file stays on the same line. */
  public DatasetException(String message) {
    super(message.replaceAll("[\\p{Cc}\\u2028\\u2029]", " "));
  }
}
