package io.github.lowrank.text;

import io.github.lowrank.linalg.Matrix;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes vectors in word2vec's layouts, which {@link VectorFile} and gensim read. */
public final class VectorWriter {
  private static final int BUFFER = 1 << 16;

  private VectorWriter() {}

  /**
   * Writes a line with the counts, and one for each word with its numbers.
   *
   * @param words without blanks
   * @param vectors {@code [words, d]}
   */
  public static void text(Path file, List<String> words, Matrix vectors) throws IOException {
    check(words, vectors);
    try (Writer out = Files.newBufferedWriter(file)) {
      out.write(vectors.rows() + " " + vectors.columns() + "\n");
      for (int i = 0; i < vectors.rows(); i++) {
        out.write(words.get(i));
        for (int c = 0; c < vectors.columns(); c++) {
          out.write(' ');
          out.write(Float.toString(vectors.get(i, c)));
        }
        out.write('\n');
      }
    }
  }

  /**
   * Writes a line with the counts, and for each word its bytes, a blank, and little-endian floats.
   *
   * @param words without blanks
   * @param vectors {@code [words, d]}
   */
  public static void binary(Path file, List<String> words, Matrix vectors) throws IOException {
    check(words, vectors);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER)) {
      out.write((vectors.rows() + " " + vectors.columns() + "\n").getBytes(StandardCharsets.UTF_8));
      byte[] row = new byte[vectors.columns() * Float.BYTES];
      for (int i = 0; i < vectors.rows(); i++) {
        out.write(words.get(i).getBytes(StandardCharsets.UTF_8));
        out.write(' ');
        ByteBuffer.wrap(row)
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer()
            .put(vectors.values(), i * vectors.columns(), vectors.columns());
        out.write(row);
        out.write('\n');
      }
    }
  }

  private static void check(List<String> words, Matrix vectors) {
    if (words.size() != vectors.rows()) {
      throw new IllegalArgumentException(
          words.size() + " words for " + vectors.rows() + " vectors");
    }
  }
}
