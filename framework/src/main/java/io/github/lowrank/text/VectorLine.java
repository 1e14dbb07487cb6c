package io.github.lowrank.text;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A line of a text file of word vectors: a word and its numbers, between single blanks. The numbers
 * are read only when they are asked for.
 */
public final class VectorLine {
  /** No embedding has such values, and with larger ones no rate learns anything. */
  static final float LARGEST = 1e6f;

  /** The most numbers of a line. */
  static final int LARGEST_DIMENSION = 100_000;

  /** Whole numbers up to here are floats without rounding. */
  private static final int EXACT = 1 << 24;

  /** Powers of ten that are floats without rounding. */
  private static final float[] POWERS = {1, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f, 1e8f, 1e9f};

  private final Object where;
  private final String line;
  private final int dimension;
  private final int wordEnd;

  /**
   * Where a line is, for messages.
   *
   * @param file name of the file
   * @param unit what is counted: {@code line} or {@code byte}
   * @param number the count
   */
  public record Place(Object file, String unit, long number) {
    @Override
    public String toString() {
      return file + ", " + unit + " " + number;
    }
  }

  /**
   * What word2vec and fastText write before the first word.
   *
   * @param words number of lines after it
   * @param dimension numbers per word
   */
  public record Header(long words, int dimension) {}

  private VectorLine(Object where, String line, int dimension, int wordEnd) {
    this.where = where;
    this.line = line;
    this.dimension = dimension;
    this.wordEnd = wordEnd;
  }

  /**
   * The header, if the first line of a file is one.
   *
   * @param where for messages
   */
  public static Optional<Header> header(Object where, String first) throws MalformedFileException {
    String[] fields = withoutMark(first).stripTrailing().split(" ", -1);
    if (fields.length != 2 || !fields[0].matches("\\d+") || !fields[1].matches("\\d+")) {
      return Optional.empty();
    }
    if (fields[0].length() > 18
        || fields[1].length() > 9
        || Integer.parseInt(fields[1]) < 1
        || Integer.parseInt(fields[1]) > LARGEST_DIMENSION) {
      throw new MalformedFileException(
          where,
          "a number of words and a dimension of 1 to " + LARGEST_DIMENSION,
          "'" + withoutMark(first).strip() + "'");
    }
    return Optional.of(new Header(Long.parseLong(fields[0]), Integer.parseInt(fields[1])));
  }

  /** A byte-order mark is not part of the first word. */
  public static String withoutMark(String first) {
    return first.startsWith("\uFEFF") ? first.substring(1) : first;
  }

  /**
   * A line.
   *
   * @param where for messages
   * @param dimension numbers per line; if it is not known yet, all fields but the first are numbers
   */
  public static VectorLine of(Object where, String text, OptionalInt dimension)
      throws MalformedFileException {
    String line = text.stripTrailing();
    int d = dimension.isPresent() ? dimension.getAsInt() : blanks(line);
    // In some GloVe files words contain spaces, so the numbers are the last fields.
    int end = line.length();
    for (int i = 0; i < d && end >= 0; i++) {
      end = line.lastIndexOf(' ', end - 1);
    }
    if (d < 1 || end < 0) {
      throw new MalformedFileException(
          where,
          d < 1 ? "a word and its numbers" : "a word and " + d + " numbers",
          blanks(line) + " numbers");
    }
    int before = line.lastIndexOf(' ', end - 1);
    if (before >= 0 && isNumber(line.substring(before + 1, end))) {
      throw new MalformedFileException(where, d + " numbers", blanks(line) + " numbers");
    }
    return new VectorLine(where, line, d, end);
  }

  private static int blanks(String line) {
    return (int) line.chars().filter(c -> c == ' ').count();
  }

  private static boolean isNumber(String field) {
    try {
      Float.parseFloat(field);
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** Number of numbers. */
  public int dimension() {
    return dimension;
  }

  /** The word, which may contain blanks. */
  public String word() {
    return line.substring(0, wordEnd);
  }

  /**
   * Writes the numbers into {@code values[from .. from + dimension - 1]}.
   *
   * @throws MalformedFileException naming the field that is no finite number of at most 1e6
   */
  public void numbers(float[] values, int from) throws MalformedFileException {
    int start = wordEnd + 1;
    for (int i = 0; i < dimension; i++) {
      int blank = line.indexOf(' ', start);
      int end = blank < 0 ? line.length() : blank;
      values[from + i] = number(start, end);
      start = end + 1;
    }
  }

  private float number(int start, int end) throws MalformedFileException {
    float exact = exact(start, end);
    if (!Float.isNaN(exact)) {
      return exact;
    }
    String field = line.substring(start, end);
    float number;
    try {
      number = Float.parseFloat(field);
    } catch (NumberFormatException e) {
      throw new MalformedFileException(where, "a number", "'" + field + "'");
    }
    if (!Float.isFinite(number)) {
      throw new MalformedFileException(where, "finite numbers", field);
    }
    if (Math.abs(number) > LARGEST) {
      throw new MalformedFileException(where, "numbers of at most 1e6", field);
    }
    return number;
  }

  /**
   * A number such as -0.1234 whose digits and power of ten are floats without rounding: then their
   * quotient is the nearest float, as {@link Float#parseFloat} has it (Clinger, 1990), at a
   * fraction of the time. NaN for all others.
   */
  private float exact(int start, int end) {
    int at = start;
    boolean negative = at < end && line.charAt(at) == '-';
    if (negative) {
      at++;
    }
    int digits = 0;
    int point = -1;
    int first = at;
    for (; at < end; at++) {
      char c = line.charAt(at);
      if (c >= '0' && c <= '9') {
        digits = digits * 10 + (c - '0');
        if (digits > EXACT) {
          return Float.NaN;
        }
      } else if (c == '.' && point < 0) {
        point = at;
      } else {
        return Float.NaN;
      }
    }
    int places = point < 0 ? 0 : end - point - 1;
    boolean none = end - first - (point < 0 ? 0 : 1) == 0;
    if (none || places >= POWERS.length || digits > LARGEST) {
      return Float.NaN;
    }
    float number = digits / POWERS[places];
    return negative ? -number : number;
  }
}
