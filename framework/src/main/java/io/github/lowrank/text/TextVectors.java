package io.github.lowrank.text;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipException;

/**
 * Word vectors in text form, one word and its numbers per line: GloVe's layout, or word2vec's and
 * fastText's, which begins with a line of two counts. The text is streamed and only the words of a
 * vocabulary are kept.
 */
final class TextVectors implements WordVectors {
  /** Characters; 100,000 numbers need some 1.2 million. */
  private static final int LONGEST_LINE = 1 << 24;

  /** No embedding has such values, and with larger ones no rate learns anything. */
  static final float LARGEST = 1e6f;

  private final int dimension;
  private final Map<String, float[]> vectors;

  private TextVectors(int dimension, Map<String, float[]> vectors) {
    this.dimension = dimension;
    this.vectors = vectors;
  }

  /**
   * Reads the vectors of the words of {@code vocabulary}; if a word occurs twice, the first vector
   * counts.
   *
   * @param file for messages
   * @throws MalformedFileException naming the line
   */
  static TextVectors read(Object file, InputStream bytes, Vocabulary vocabulary)
      throws IOException {
    BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                bytes,
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)));
    Map<String, float[]> vectors = new HashMap<>();
    int dimension = -1;
    long announced = -1;
    long line = 0;
    long words = 0;
    LineReader lines = new LineReader(reader, LONGEST_LINE);
    while (true) {
      String text;
      try {
        text = lines.next(file);
      } catch (CharacterCodingException e) {
        throw new MalformedFileException(
            file, line + 1, "UTF-8", "bytes that are not UTF-8 (at or soon after this line)");
      } catch (EOFException | ZipException e) {
        throw new MalformedFileException(
            file, line + 1, "more data", "the end of a truncated gzip or zip file");
      }
      if (text == null) {
        break;
      }
      line++;
      if (line == 1 && text.startsWith("\uFEFF")) { // a byte-order mark is not part of the word
        text = text.substring(1);
      }
      String[] fields = text.stripTrailing().split(" ", -1);
      if (line == 1
          && fields.length == 2
          && fields[0].matches("\\d+")
          && fields[1].matches("\\d+")) {
        if (fields[0].length() > 18
            || fields[1].length() > 9
            || Integer.parseInt(fields[1]) < 1
            || Integer.parseInt(fields[1]) > BinaryVectors.LARGEST_DIMENSION) {
          throw new MalformedFileException(
              file,
              1,
              "a number of words and a dimension of 1 to " + BinaryVectors.LARGEST_DIMENSION,
              "'" + text.strip() + "'");
        }
        announced = Long.parseLong(fields[0]);
        dimension = Integer.parseInt(fields[1]);
        continue;
      }
      if (dimension < 0) {
        dimension = fields.length - 1;
      }
      if (dimension < 1 || fields.length < dimension + 1) {
        throw new MalformedFileException(
            file,
            line,
            dimension < 1 ? "a word and its numbers" : "a word and " + dimension + " numbers",
            (fields.length - 1) + " numbers");
      }
      words++;
      // In some GloVe files words contain spaces, so the numbers are the last fields.
      int numbers = fields.length - dimension;
      String word =
          numbers == 1 ? fields[0] : String.join(" ", java.util.Arrays.copyOf(fields, numbers));
      if (numbers > 1 && isNumber(fields[numbers - 1])) {
        throw new MalformedFileException(
            file, line, dimension + " numbers", (fields.length - 1) + " numbers");
      }
      if (vocabulary.id(word) != 0 && !vectors.containsKey(word)) {
        vectors.put(word, parse(file, line, fields, numbers, dimension));
      }
    }
    if (words == 0) {
      throw new MalformedFileException(file, "word vectors", "an empty file");
    }
    if (announced >= 0 && announced != words) {
      throw new MalformedFileException(
          file, announced + " words, as its first line says", words + " (truncated?)");
    }
    return new TextVectors(dimension, vectors);
  }

  private static boolean isNumber(String field) {
    try {
      Float.parseFloat(field);
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static float[] parse(Object file, long line, String[] fields, int from, int dimension)
      throws MalformedFileException {
    float[] vector = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      String field = fields[from + i];
      try {
        vector[i] = Float.parseFloat(field);
      } catch (NumberFormatException e) {
        throw new MalformedFileException(file, line, "a number", "'" + field + "'");
      }
      if (!Float.isFinite(vector[i])) {
        throw new MalformedFileException(file, line, "finite numbers", field);
      }
      if (Math.abs(vector[i]) > LARGEST) {
        throw new MalformedFileException(file, line, "numbers of at most 1e6", field);
      }
    }
    return vector;
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
