package io.github.lowrank.datasets;

import java.io.IOException;

/** Data that is missing or not what the catalogue says; the message tells the user what to do. */
public final class DatasetException extends IOException {
  private static final long serialVersionUID = 1L;

  /** With a message for the user. */
  public DatasetException(String message) {
    super(message);
  }
}
