package io.github.lowrank.linalg;

import java.io.IOException;
import java.nio.FloatBuffer;

/**
 * A table that is read from front to back in blocks of rows, any number of times, so that it need
 * not be in memory.
 *
 * @param <B> its blocks, which may know more than their numbers
 */
public interface RowBlocks<B extends RowBlocks.Block> {
  /** Numbers per row. */
  int columns();

  /** Passes on all blocks, in order. */
  void forEach(Consumer<B> consumer) throws IOException;

  /** Some rows that follow each other. */
  interface Block {
    /** Number of rows, at least 1. */
    int rows();

    /**
     * The rows, concatenated. Called once, in another thread than that of {@link #forEach}: what
     * takes long, such as parsing, belongs here.
     */
    FloatBuffer read() throws IOException;
  }

  /** Receives blocks. */
  interface Consumer<B> {
    /** Receives a block. */
    void accept(B block) throws IOException;
  }
}
