package io.github.lowrank.linalg;

import java.io.IOException;
import java.nio.FloatBuffer;

/** A table that is read in blocks of rows, so that it need not be in memory: {@link FloatFile}. */
public interface TableRows {
  /** Number of rows. */
  int rows();

  /** Numbers per row. */
  int columns();

  /**
   * The rows {@code start .. start + count - 1}, concatenated. Called by several threads at once.
   */
  FloatBuffer read(int start, int count) throws IOException;
}
