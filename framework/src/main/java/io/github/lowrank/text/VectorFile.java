package io.github.lowrank.text;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A file of word vectors in any layout, detected from its bytes: text (GloVe, word2vec, fastText)
 * or word2vec's binary; plain, gzip, or in a zip file. It is streamed, so even a file of many
 * gigabytes needs memory only for the words of the vocabulary.
 */
public final class VectorFile {
  private static final int LOOK_AHEAD = 1 << 14;
  static final int BUFFER = 1 << 16;

  private VectorFile() {}

  /**
   * Reads the vectors of the words of {@code vocabulary}; if a word occurs twice, the first vector
   * counts.
   *
   * @param entry entry of a zip file, if it has several
   * @throws MalformedFileException naming file and line, what was expected and what was found
   */
  public static WordVectors read(Path file, Optional<String> entry, Vocabulary vocabulary)
      throws IOException {
    try (InputStream bytes = new BufferedInputStream(open(file, entry), BUFFER)) {
      return binary(bytes)
          ? BinaryVectors.read(file, bytes, vocabulary)
          : TextVectors.read(file, bytes, vocabulary);
    } catch (EOFException e) {
      throw new MalformedFileException(file, "a whole gzip or zip file", "a truncated one");
    } catch (ZipException e) {
      throw new MalformedFileException(file, "a whole gzip or zip file", e.getMessage());
    }
  }

  static InputStream open(Path file, Optional<String> entry) throws IOException {
    byte[] magic = new byte[4];
    try (InputStream in = Files.newInputStream(file)) {
      in.readNBytes(magic, 0, magic.length);
    }
    if (magic[0] == 0x1f && magic[1] == (byte) 0x8b) {
      InputStream in = Files.newInputStream(file);
      try {
        return new GZIPInputStream(in, BUFFER);
      } catch (EOFException e) {
        in.close();
        throw new MalformedFileException(file, "a whole gzip file", "the end in its header");
      } catch (IOException e) {
        in.close();
        throw e;
      }
    }
    if (magic[0] == 'P' && magic[1] == 'K' && magic[2] == 3 && magic[3] == 4) {
      return entry(file, entry);
    }
    return Files.newInputStream(file);
  }

  private static InputStream entry(Path file, Optional<String> wanted) throws IOException {
    ZipFile zip = new ZipFile(file.toFile());
    List<String> names = zip.stream().filter(e -> !e.isDirectory()).map(ZipEntry::getName).toList();
    String name = wanted.orElse(names.size() == 1 ? names.get(0) : "");
    if (!names.contains(name)) {
      zip.close();
      throw new MalformedFileException(
          file,
          wanted
              .map(w -> "a file " + w + " in it")
              .orElse(
                  "one file in it, or the name of one after the archive's: "
                      + file.getFileName()
                      + "#NAME"),
          names.toString());
    }
    return new FilterInputStream(zip.getInputStream(zip.getEntry(name))) {
      @Override
      public void close() throws IOException {
        super.close();
        zip.close();
      }
    };
  }

  /** Whether a file that is not packed has word2vec's binary layout. */
  public static boolean binary(Path file) throws IOException {
    try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
      return binary(bytes);
    }
  }

  /** Whether a line of two counts is followed by a word and bytes that are not decimal numbers. */
  static boolean binary(InputStream bytes) throws IOException {
    bytes.mark(LOOK_AHEAD);
    byte[] start = new byte[LOOK_AHEAD - 1];
    int length = bytes.readNBytes(start, 0, start.length);
    bytes.reset();
    String text = new String(start, 0, length, StandardCharsets.ISO_8859_1);
    int line = text.indexOf('\n');
    if (line < 0 || !text.substring(0, line).matches("\\d{1,12} \\d{1,9}\\s*")) {
      return false;
    }
    int blank = text.indexOf(' ', line + 1);
    if (blank < 0) {
      return false;
    }
    String numbers = text.substring(blank, Math.min(length, blank + 64));
    // The next line may begin within it, with a word in any script.
    return !numbers.matches("(?s)[ -~\\s]*|[-+.eE\\d \r]+\n.*");
  }
}
