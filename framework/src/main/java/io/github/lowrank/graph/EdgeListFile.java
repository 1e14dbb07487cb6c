package io.github.lowrank.graph;

import io.github.lowrank.text.LineReader;
import io.github.lowrank.text.MalformedFileException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Edge lists: a line is an edge, the names of its two nodes and, if every line has one, its weight,
 * separated by tabs or blanks. Lines that begin with {@code #} or {@code %} are comments; empty
 * ones are skipped. UTF-8, plain or gzip. The file is streamed.
 */
public final class EdgeListFile {
  private static final int LONGEST = 10_000;
  private static final int BUFFER = 1 << 16;
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]+");

  private EdgeListFile() {}

  /** Receives the tokens of a line. */
  interface Tokens {
    /** The tokens of a line, counted from 1; there is at least one. */
    void accept(long line, List<String> tokens) throws IOException;
  }

  /**
   * Reads a network; nodes are numbered as they occur.
   *
   * @param directed whether an edge leads from its first node to its second
   * @param progress is told the number of lines that are read
   * @throws MalformedFileException naming file and line, what was expected and what was found
   */
  public static Network read(Path file, boolean directed, LongConsumer progress)
      throws IOException {
    Builder builder = new Builder(file);
    lines(
        file,
        LONGEST,
        (line, tokens) -> {
          builder.add(line, tokens);
          progress.accept(line);
        });
    return builder.network(directed);
  }

  /** Passes on the tokens of all lines that are neither empty nor comments. */
  static void lines(Path file, int longest, Tokens to) throws IOException {
    try (InputStream bytes = open(file);
        Reader reader = new InputStreamReader(bytes, StandardCharsets.UTF_8.newDecoder())) {
      LineReader lines = new LineReader(reader, longest);
      long number = 0;
      for (String line = lines.next(file); line != null; line = lines.next(file)) {
        number++;
        String content = number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
        StringTokenizer tokens = new StringTokenizer(content, " \t");
        if (tokens.hasMoreTokens()) {
          List<String> all = new ArrayList<>(3);
          while (tokens.hasMoreTokens()) {
            all.add(tokens.nextToken());
          }
          if (!all.get(0).startsWith("#") && !all.get(0).startsWith("%")) {
            to.accept(number, all);
          }
        }
      }
    } catch (CharacterCodingException e) {
      throw new MalformedFileException(
          file, undecodable(file, longest), "UTF-8", "bytes that are not");
    } catch (EOFException | ZipException e) {
      throw new MalformedFileException(file, "a whole gzip file", "a truncated or damaged one");
    }
  }

  /** The number of the first line that is not UTF-8: decoders read ahead of lines. */
  private static long undecodable(Path file, int longest) throws IOException {
    try (InputStream bytes = open(file);
        Reader reader = new InputStreamReader(bytes, StandardCharsets.ISO_8859_1)) {
      LineReader lines = new LineReader(reader, BUFFER + 4 * longest);
      long number = 1;
      for (String line = lines.next(file); line != null; line = lines.next(file)) {
        try {
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(line.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (CharacterCodingException e) {
          return number;
        }
        number++;
      }
      return number;
    }
  }

  /**
   * Whether the first edge looks like names of columns: its two nodes are the only ones that are no
   * whole numbers.
   */
  public static boolean headed(Network network) {
    List<String> names = network.names();
    return names.size() > 2
        && IntStream.range(0, names.size())
            .allMatch(i -> NUMBER.matcher(names.get(i)).matches() == i > 1);
  }

  private static InputStream open(Path file) throws IOException {
    InputStream bytes = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      bytes.mark(2);
      boolean zipped = bytes.read() == 0x1f && bytes.read() == 0x8b;
      bytes.reset();
      return zipped ? new GZIPInputStream(bytes, BUFFER) : bytes;
    } catch (IOException e) {
      bytes.close();
      throw e;
    }
  }

  private static final class Builder {
    private final Path file;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private int[] from = new int[1024];
    private int[] to = new int[1024];
    private float[] weights = new float[0];
    private int size;
    private int columns;

    private Builder(Path file) {
      this.file = file;
    }

    private void add(long line, List<String> tokens) throws IOException {
      if (columns == 0 && (tokens.size() == 2 || tokens.size() == 3)) {
        columns = tokens.size();
        weights = new float[columns == 3 ? from.length : 0];
      }
      if (tokens.size() != columns) {
        String expected =
            columns == 0
                ? "two nodes, or two nodes and a weight"
                : columns == 2
                    ? "two nodes, as on the lines before"
                    : "two nodes and a weight, as on the lines before";
        throw new MalformedFileException(file, line, expected, found(tokens));
      }
      if (size == from.length) {
        int longer = (int) Math.min(Integer.MAX_VALUE - 8L, 2L * size);
        if (longer == size) {
          throw new MalformedFileException(file, line, "at most " + size + " edges", "more");
        }
        from = Arrays.copyOf(from, longer);
        to = Arrays.copyOf(to, longer);
        weights = Arrays.copyOf(weights, columns == 3 ? longer : 0);
      }
      if (columns == 3) {
        weights[size] = weight(line, tokens.get(2));
      }
      from[size] = number(tokens.get(0));
      to[size++] = number(tokens.get(1));
    }

    private static String found(List<String> tokens) {
      String text = "'" + String.join(" ", tokens) + "'";
      return text.length() <= 60 ? text : tokens.size() + " tokens";
    }

    private float weight(long line, String token) throws IOException {
      try {
        float weight = Float.parseFloat(token);
        if (weight >= Float.MIN_NORMAL && Float.isFinite(weight)) {
          return weight;
        }
      } catch (NumberFormatException e) {
        // told below
      }
      throw new MalformedFileException(
          file, line, "a weight above 0, from 1.2e-38 to 3.4e38", "'" + token + "'");
    }

    private int number(String name) {
      Integer known = numbers.putIfAbsent(name, names.size());
      if (known != null) {
        return known;
      }
      names.add(name);
      return names.size() - 1;
    }

    private Network network(boolean directed) throws IOException {
      Network network =
          Network.of(
              List.copyOf(names),
              directed,
              new Network.Edges(
                  Arrays.copyOf(from, size),
                  Arrays.copyOf(to, size),
                  Arrays.copyOf(weights, columns == 3 ? size : 0)));
      if (network.size() == 0) {
        throw new MalformedFileException(
            file, "edges between different nodes", size == 0 ? "no line" : "loops only");
      }
      return network;
    }
  }
}
