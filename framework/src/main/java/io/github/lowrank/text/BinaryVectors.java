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
    Map<String, float[]> vectors = new HashMap<>();
    VectorLine.Header header =
        scan(
            file,
            bytes,
            (i, word, row) -> {
              if (vocabulary.id(word) != 0 && !vectors.containsKey(word)) {
                float[] vector = new float[row.length / Float.BYTES];
                numbers(file, i, word, row, vector, 0);
                vectors.put(word, vector);
              }
            });
    return new BinaryVectors(header.dimension(), vectors);
  }

  /** Receives the words. */
  interface Words {
    /**
     * Receives a word.
     *
     * @param number counted from 1
     * @param row its numbers, which the next word overwrites
     */
    void accept(long number, String word, byte[] row) throws IOException;
  }

  /** The first line. */
  static VectorLine.Header header(Object file, InputStream bytes) throws IOException {
    String[] header = until(file, bytes, '\n', 0, 0).strip().split(" ");
    long words = Long.parseLong(header[0]);
    long dimension = Long.parseLong(header[1]);
    if (dimension < 1 || dimension > VectorLine.LARGEST_DIMENSION) {
      throw new MalformedFileException(
          file, 1, "a dimension of 1 to " + VectorLine.LARGEST_DIMENSION, Long.toString(dimension));
    }
    return new VectorLine.Header(words, Math.toIntExact(dimension));
  }

  /**
   * Passes on all words, and checks that there are as many as the first line says.
   *
   * @param file for messages
   */
  static VectorLine.Header scan(Object file, InputStream bytes, Words consumer) throws IOException {
    VectorLine.Header header = header(file, bytes);
    long words = header.words();
    byte[] row = new byte[header.dimension() * Float.BYTES];
    for (long i = 1; i <= words; i++) {
      String word = until(file, bytes, ' ', words, i).replaceFirst("^\\n", "");
      try {
        if (bytes.readNBytes(row, 0, row.length) < row.length) {
          throw new EOFException();
        }
      } catch (EOFException e) {
        throw truncated(file, words, i);
      }
      consumer.accept(i, word, row);
    }
    if (bytes.readNBytes(2).length == 2) { // one byte may be a final line break
      throw new MalformedFileException(
          file, words + " words, as its first line says", "more bytes after them");
    }
    return header;
  }

  /** The numbers of a word, from {@code values[from]} on. */
  static void numbers(Object file, long i, String word, byte[] row, float[] values, int from)
      throws MalformedFileException {
    int d = row.length / Float.BYTES;
    ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values, from, d);
    for (int j = from; j < from + d; j++) {
      if (!(Math.abs(values[j]) <= VectorLine.LARGEST)) {
        throw new MalformedFileException(
            "%s, word %d (%s)".formatted(file, i, word),
            Float.isFinite(values[j]) ? "numbers of at most 1e6" : "finite numbers",
            Float.toString(values[j]));
      }
    }
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
