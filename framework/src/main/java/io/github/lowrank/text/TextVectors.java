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
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.ZipException;

/**
 * Word vectors in text form, one word and its numbers per line: GloVe's layout, or word2vec's and
 * fastText's, which begins with a line of two counts. The text is streamed and only the words of a
 * vocabulary are kept.
 */
final class TextVectors implements WordVectors {
  /** Characters; 100,000 numbers need some 1.2 million. */
  private static final int LONGEST_LINE = 1 << 24;

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
    Map<String, float[]> vectors = new HashMap<>();
    int[] dimension = {0};
    scan(
        file,
        bytes,
        (where, text, numbers) -> {
          VectorLine line = VectorLine.of(where, text, numbers);
          dimension[0] = line.dimension();
          String word = line.word();
          if (vocabulary.id(word) != 0 && !vectors.containsKey(word)) {
            float[] vector = new float[line.dimension()];
            line.numbers(vector, 0);
            vectors.put(word, vector);
          }
          return dimension[0];
        });
    return new TextVectors(dimension[0], vectors);
  }

  /** Receives the lines of words. */
  interface Lines {
    /**
     * Receives a line.
     *
     * @param where for messages
     * @param dimension numbers per line, if it is known
     * @return numbers per line
     */
    int accept(VectorLine.Place where, String line, OptionalInt dimension) throws IOException;
  }

  /**
   * Passes on all lines but the header, and checks that there are as many as it says.
   *
   * @param file for messages
   */
  static void scan(Object file, InputStream bytes, Lines consumer) throws IOException {
    BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                bytes,
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)));
    OptionalInt dimension = OptionalInt.empty();
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
      VectorLine.Place where = new VectorLine.Place(file, "line", line);
      if (line == 1) {
        Optional<VectorLine.Header> header = VectorLine.header(where, text);
        if (header.isPresent()) {
          announced = header.get().words();
          dimension = OptionalInt.of(header.get().dimension());
          continue;
        }
        text = VectorLine.withoutMark(text);
      }
      words++;
      dimension = OptionalInt.of(consumer.accept(where, text, dimension));
    }
    if (words == 0) {
      throw new MalformedFileException(file, "word vectors", "an empty file");
    }
    if (announced >= 0 && announced != words) {
      throw new MalformedFileException(
          file, announced + " words, as its first line says", words + " (truncated?)");
    }
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
