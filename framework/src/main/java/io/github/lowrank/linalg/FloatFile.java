package io.github.lowrank.linalg;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A table in a file of little-endian floats, row after row: what numpy's {@code tofile} writes. */
public final class FloatFile implements TableRows, AutoCloseable {
  private final FileChannel channel;
  private final int rows;
  private final int columns;

  private FloatFile(FileChannel channel, int rows, int columns) {
    this.channel = channel;
    this.rows = rows;
    this.columns = columns;
  }

  /**
   * Opens a file with {@code columns} numbers per row.
   *
   * @throws IOException if its size is not a multiple of the size of a row
   */
  public static FloatFile open(Path file, int columns) throws IOException {
    long bytes = Files.size(file);
    long row = (long) Float.BYTES * columns;
    if (bytes % row != 0 || bytes / row > Integer.MAX_VALUE) {
      throw new IOException(
          "%s: expected rows of %d floats, %d bytes each, found %d bytes"
              .formatted(file, columns, row, bytes));
    }
    return new FloatFile(
        FileChannel.open(file, StandardOpenOption.READ), (int) (bytes / row), columns);
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public FloatBuffer read(int start, int count) throws IOException {
    int row = Float.BYTES * columns;
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(count, row)).order(ByteOrder.LITTLE_ENDIAN);
    long position = (long) start * row;
    while (bytes.hasRemaining()) {
      int read = channel.read(bytes, position + bytes.position());
      if (read < 0) {
        throw new EOFException("the file ends before row " + (start + count));
      }
    }
    return bytes.flip().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
