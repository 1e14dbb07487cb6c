package io.github.lowrank.datasets;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.List;

/** Lines of text files, decoded strictly. */
final class Lines {
  private Lines() {}

  /**
   * The lines of {@code bytes}, split at line feeds.
   *
   * @throws DatasetException naming the line that is not in {@code charset}
   */
  static List<String> decode(String file, byte[] bytes, Charset charset) throws DatasetException {
    List<String> lines = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= bytes.length; i++) {
      if (i == bytes.length ? i > start : bytes[i] == '\n') {
        int end = i > start && bytes[i - 1] == '\r' ? i - 1 : i;
        lines.add(
            line(file, lines.size() + 1, ByteBuffer.wrap(bytes, start, end - start), charset));
        start = i + 1;
      }
    }
    return lines;
  }

  /**
   * Checks the lines of {@code in} one by one.
   *
   * @throws DatasetException naming the line that is not in {@code charset}
   */
  static void check(String file, InputStream in, Charset charset) throws IOException {
    InputStream bytes = new BufferedInputStream(in);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long number = 1;
    for (int b = bytes.read(); b >= 0; b = bytes.read()) {
      if (b == '\n') {
        line(file, number++, ByteBuffer.wrap(line.toByteArray()), charset);
        line.reset();
      } else {
        line.write(b);
      }
    }
    line(file, number, ByteBuffer.wrap(line.toByteArray()), charset);
  }

  private static String line(String file, long number, ByteBuffer bytes, Charset charset)
      throws DatasetException {
    CharBuffer text = CharBuffer.allocate(bytes.remaining() + 1);
    CoderResult result =
        charset
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(bytes, text, true);
    if (result.isError()) {
      try {
        result.throwException();
      } catch (CharacterCodingException e) {
        throw malformed(
            file, number, charset.name(), "byte 0x%02x".formatted(bytes.get(bytes.position())));
      }
    }
    return text.flip().toString();
  }

  static DatasetException malformed(String file, long line, String expected, String found) {
    return new DatasetException(
        "%s, line %d: expected %s, found %s".formatted(file, line, expected, found));
  }
}
