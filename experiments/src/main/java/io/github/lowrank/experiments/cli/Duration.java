package io.github.lowrank.experiments.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A time as a user wrote it: {@code 90s}, {@code 5m} or {@code 1h}.
 *
 * @param text as written
 */
record Duration(String text, long seconds) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,6})([smh])");

  /** For options. */
  static final class Converter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      Matcher match = FORM.matcher(text);
      if (!match.matches() || Long.parseLong(match.group(1)) == 0) {
        throw new TypeConversionException(
            "expected a time such as 90s, 5m or 1h, found '" + text + "'");
      }
      long unit = "h".equals(match.group(2)) ? 3600 : "m".equals(match.group(2)) ? 60 : 1;
      return new Duration(text, unit * Long.parseLong(match.group(1)));
    }
  }
}
