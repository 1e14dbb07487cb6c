package io.github.lowrank.experiments.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A size in bytes, as a user wrote it: {@code 500KB}, {@code 1.5MB} or a number of bytes.
 *
 * @param text as written
 * @param bytes its value; KB, MB and GB are powers of 1000
 */
record ByteSize(String text, long bytes) {
  private static final Pattern FORM =
      Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(B|KB|MB|GB)?", Pattern.CASE_INSENSITIVE);

  static ByteSize of(String text) {
    Matcher match = FORM.matcher(text);
    if (!match.matches()) {
      throw new TypeConversionException(
          "expected a size such as 500KB or 2MB, found '" + text + "'");
    }
    double unit =
        switch (match.group(2) == null ? "B" : match.group(2).toUpperCase(Locale.ROOT)) {
          case "KB" -> 1e3;
          case "MB" -> 1e6;
          case "GB" -> 1e9;
          default -> 1;
        };
    return new ByteSize(text, (long) (Double.parseDouble(match.group(1)) * unit));
  }

  @Override
  public String toString() {
    return text;
  }

  /** For options. */
  static final class Converter implements ITypeConverter<ByteSize> {
    @Override
    public ByteSize convert(String text) {
      return of(text);
    }
  }
}
