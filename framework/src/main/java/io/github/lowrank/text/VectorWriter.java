package io.github.lowrank.text;

import io.github.lowrank.linalg.Matrix;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Writes word vectors in word2vec's layouts, which {@link VectorFile} reads. */
public final class VectorWriter implements Closeable {
  private final OutputStream out;
  private final Layout layout;

  /** A layout of word2vec. */
  public enum Layout {
    /** A word and its numbers per line; all digits of a float. */
    TEXT,
    /** A word, a blank and little-endian floats. */
    BINARY;

    /** The suffix of a file. */
    public String suffix() {
      return this == TEXT ? ".txt" : ".bin";
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A writer of a new file of {@code words} words with {@code dimension} numbers each. */
  public VectorWriter(Path file, Layout layout, long words, int dimension) throws IOException {
    this.layout = layout;
    out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    out.write((header(words, dimension) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes a word with the numbers {@code values[from .. to - 1]}.
   *
   * @throws IOException if the layout cannot hold the word
   */
  public void write(String word, float[] values, int from, int to) throws IOException {
    if (layout == Layout.TEXT) {
      out.write((line(word, values, from, to) + "\n").getBytes(StandardCharsets.UTF_8));
      return;
    }
    if (word.indexOf(' ') >= 0) {
      throw new IOException(
          "the word '%s' has a blank, which ends words in word2vec's binary layout: expected the text layout"
              .formatted(word));
    }
    out.write((word + " ").getBytes(StandardCharsets.UTF_8));
    ByteBuffer bytes =
        ByteBuffer.allocate((to - from) * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values, from, to - from);
    out.write(bytes.array());
    out.write('\n');
  }

  /**
   * Writes a whole file.
   *
   * @param vectors {@code [words, d]}
   */
  public static void write(Path file, Layout layout, List<String> words, Matrix vectors)
      throws IOException {
    int d = vectors.columns();
    try (VectorWriter writer = new VectorWriter(file, layout, vectors.rows(), d)) {
      for (int i = 0; i < vectors.rows(); i++) {
        writer.write(words.get(i), vectors.values(), i * d, (i + 1) * d);
      }
    }
  }

  /** The first line, without its end. */
  public static String header(long words, int dimension) {
    return words + " " + dimension;
  }

  /** A line of the text layout, without its end. */
  public static String line(String word, float[] values, int from, int to) {
    StringBuilder line = new StringBuilder(word);
    for (int i = from; i < to; i++) {
      line.append(' ').append(values[i]);
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
