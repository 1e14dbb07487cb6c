package io.github.lowrank.text;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Word vectors in word2vec's binary layout: a line with two counts, then for each word its UTF-8
 * bytes, a space, and little-endian floats; a line break before a word is skipped. The bytes are
 * streamed and only the words of a vocabulary are kept.
 */
final class BinaryVectors implements WordVectors {
  private static final int LONGEST_WORD = 10_000;
  static final int LARGEST_DIMENSION = 100_000;

  private final int dimension;
  private final Map<String, float[]> vectors;

  private BinaryVectors(int dimension, Map<String, float[]> vectors) {
    this.dimension = dimension;
    this.vectors = vectors;
  }

  /**
   * Reads the vectors of the words of {@code vocabulary}; if a word occurs twice, the first vector
   * counts.
   *
   * @param file for messages
   * @throws MalformedFileException naming the word, counted from 1
   */
  static BinaryVectors read(Object file, InputStream bytes, Vocabulary vocabulary)
      throws IOException {
    String[] header = until(file, bytes, '\n', 0, 0).strip().split(" ");
    long words = Long.parseLong(header[0]);
    long dimension = Long.parseLong(header[1]);
    if (dimension < 1 || dimension > LARGEST_DIMENSION) {
      throw new MalformedFileException(
          file, 1, "a dimension of 1 to " + LARGEST_DIMENSION, Long.toString(dimension));
    }
    Map<String, float[]> vectors = new HashMap<>();
    byte[] row = new byte[Math.toIntExact(dimension) * Float.BYTES];
    for (long i = 1; i <= words; i++) {
      String word = until(file, bytes, ' ', words, i).replaceFirst("^\\n", "");
      try {
        if (bytes.readNBytes(row, 0, row.length) < row.length) {
          throw new EOFException();
        }
      } catch (EOFException e) {
        throw truncated(file, words, i);
      }
      if (vocabulary.id(word) != 0 && !vectors.containsKey(word)) {
        float[] vector = new float[Math.toIntExact(dimension)];
        ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
        for (float x : vector) {
          if (!(Math.abs(x) <= TextVectors.LARGEST)) {
            throw new MalformedFileException(
                "%s, word %d (%s)".formatted(file, i, word),
                Float.isFinite(x) ? "numbers of at most 1e6" : "finite numbers",
                Float.toString(x));
          }
        }
        vectors.put(word, vector);
      }
    }
    if (bytes.readNBytes(2).length == 2) { // one byte may be a final line break
      throw new MalformedFileException(
          file, words + " words, as its first line says", "more bytes after them");
    }
    return new BinaryVectors(Math.toIntExact(dimension), vectors);
  }

  private static MalformedFileException truncated(Object file, long words, long at) {
    return new MalformedFileException(
        file, words + " words, as its first line says", "the end in word " + at + " (truncated?)");
  }

  private static String until(Object file, InputStream bytes, char end, long words, long word)
      throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (int b = bytes.read(); b != end; b = bytes.read()) {
      if (b < 0) {
        throw truncated(file, words, word);
      }
      text.write(b);
      if (text.size() > LONGEST_WORD) {
        throw new MalformedFileException(
            file, "a blank after word " + word, LONGEST_WORD + " bytes without one");
      }
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public float[] vector(String word) {
    return vectors.get(word);
  }
}
