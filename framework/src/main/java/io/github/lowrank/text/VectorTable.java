package io.github.lowrank.text;

import io.github.lowrank.linalg.RowBlocks;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.ZipException;

/**
 * All vectors of a file that {@link VectorFile} can read, with their words, in blocks: memory does
 * not grow with the file. Lines are read in one thread and their numbers in those that ask for
 * them.
 */
public final class VectorTable implements RowBlocks<VectorTable.Words> {
  private static final int MOST_ROWS = 8192;

  /** Numbers of a block, at most, unless one row has more. */
  private static final int MOST_NUMBERS = 1 << 22;

  private final Path file;
  private final Optional<String> entry;
  private final int columns;

  private VectorTable(Path file, Optional<String> entry, int columns) {
    this.file = file;
    this.entry = entry;
    this.columns = columns;
  }

  /**
   * Some words that follow each other, with their vectors. The words are known once the numbers
   * have been read.
   */
  public static final class Words implements RowBlocks.Block {
    private interface Row {
      String read(float[] values, int from) throws IOException;
    }

    private final List<Row> rows = new ArrayList<>();
    private final List<String> words = new ArrayList<>();
    private final int columns;

    private Words(int columns) {
      this.columns = columns;
    }

    @Override
    public int rows() {
      return rows.size();
    }

    @Override
    public FloatBuffer read() throws IOException {
      float[] values = new float[rows.size() * columns];
      for (int i = 0; i < rows.size(); i++) {
        words.add(rows.get(i).read(values, i * columns));
      }
      return FloatBuffer.wrap(values);
    }

    /** The words, one per row. */
    public List<String> words() {
      return words;
    }
  }

  /**
   * Opens a file and reads its first row.
   *
   * @param entry entry of a zip file, if it has several
   * @throws MalformedFileException naming file and line, what was expected and what was found
   */
  public static VectorTable open(Path file, Optional<String> entry) throws IOException {
    int[] columns = {0};
    try {
      new VectorTable(file, entry, 0)
          .scan(
              (d, row) -> {
                columns[0] = d;
                throw new FirstRow();
              });
    } catch (FirstRow e) {
      return new VectorTable(file, entry, columns[0]);
    }
    throw new MalformedFileException(file, "word vectors", "an empty file");
  }

  /** Ends {@link #open}: the rest of the file is read later. */
  private static final class FirstRow extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private interface Rows {
    void accept(int dimension, Words.Row row) throws IOException;
  }

  private void scan(Rows consumer) throws IOException {
    try (InputStream bytes =
        new BufferedInputStream(VectorFile.open(file, entry), VectorFile.BUFFER)) {
      if (VectorFile.binary(bytes)) {
        BinaryVectors.scan(
            file,
            bytes,
            (number, word, row) -> {
              byte[] copy = row.clone();
              consumer.accept(
                  row.length / Float.BYTES,
                  (values, from) -> {
                    BinaryVectors.numbers(file, number, word, copy, values, from);
                    return word;
                  });
            });
      } else {
        TextVectors.scan(
            file,
            bytes,
            (where, text, dimension) -> {
              int d =
                  dimension.isPresent()
                      ? dimension.getAsInt()
                      : VectorLine.of(where, text, dimension).dimension();
              consumer.accept(
                  d,
                  (values, from) -> {
                    VectorLine line = VectorLine.of(where, text, OptionalInt.of(d));
                    line.numbers(values, from);
                    return line.word();
                  });
              return d;
            });
      }
    } catch (EOFException e) {
      throw new MalformedFileException(file, "a whole gzip or zip file", "a truncated one");
    } catch (ZipException e) {
      throw new MalformedFileException(file, "a whole gzip or zip file", e.getMessage());
    }
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public void forEach(Consumer<Words> consumer) throws IOException {
    int most = Math.max(1, Math.min(MOST_ROWS, MOST_NUMBERS / columns));
    Words[] block = {new Words(columns)};
    scan(
        (d, row) -> {
          if (d != columns) {
            throw new MalformedFileException(
                file, columns + " numbers per word, as before", Integer.toString(d));
          }
          block[0].rows.add(row);
          if (block[0].rows() == most) {
            consumer.accept(block[0]);
            block[0] = new Words(columns);
          }
        });
    if (block[0].rows() > 0) {
      consumer.accept(block[0]);
    }
  }
}
