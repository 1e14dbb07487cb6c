package io.github.lowrank.linalg;

import java.io.IOException;
import java.nio.FloatBuffer;

/** A table of which any rows can be read: {@link FloatFile}. */
public interface TableRows extends RowBlocks<TableRows.Range> {
  /** Rows per block. */
  int BLOCK = 8192;

  /** Number of rows. */
  int rows();

  /**
   * The rows {@code start .. start + count - 1}, concatenated. Called by several threads at once.
   */
  FloatBuffer read(int start, int count) throws IOException;

  @Override
  default void forEach(Consumer<Range> consumer) throws IOException {
    for (long start = 0; start < rows(); start += BLOCK) {
      consumer.accept(new Range(this, (int) start, (int) Math.min(BLOCK, rows() - start)));
    }
  }

  /**
   * A block.
   *
   * @param table the table
   * @param start index of the first row
   * @param rows number of rows
   */
  record Range(TableRows table, int start, int rows) implements RowBlocks.Block {
    @Override
    public FloatBuffer read() throws IOException {
      return table.read(start, rows);
    }
  }
}
