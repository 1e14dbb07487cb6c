package io.github.lowrank.experiments.record;

import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;

/** CSV files with a heading: they appear only when complete; errors name the file and the line. */
final class Csv {
  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180
          .builder()
          .setHeader()
          .setSkipHeaderRecord(true)
          .setIgnoreEmptyLines(true)
          .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW)
          .setRecordSeparator('\n')
          .get();

  private Csv() {}

  static void write(Path file, List<String> heading, List<? extends List<?>> lines)
      throws IOException {
    StringWriter text = new StringWriter();
    try (CSVPrinter csv = new CSVPrinter(text, FORMAT.builder().setHeader((String[]) null).get())) {
      csv.printRecord(heading);
      csv.printRecords(lines);
    }
    AtomicFiles.write(file, text.toString());
  }

  /**
   * Reads all lines.
   *
   * @param required columns that the heading must name
   * @param parse makes something of a line; what it throws as an {@link IllegalArgumentException}
   *     says what was expected and what was found
   */
  static <T> List<T> read(Path file, List<String> required, Function<CSVRecord, T> parse)
      throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + ": expected a file, found a folder");
    }
    List<T> all = new ArrayList<>();
    long number = 1;
    try (Reader reader = Files.newBufferedReader(file);
        CSVParser csv = FORMAT.parse(reader)) {
      for (String column : required) {
        if (!csv.getHeaderNames().contains(column)) {
          throw new IllegalArgumentException(
              "expected a column %s, found %s".formatted(column, csv.getHeaderNames()));
        }
      }
      for (CSVRecord line : csv) {
        number = csv.getCurrentLineNumber();
        if (!line.isConsistent()) {
          throw new IllegalArgumentException(
              "expected %d cells, found %d".formatted(csv.getHeaderNames().size(), line.size()));
        }
        all.add(parse.apply(line));
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("%s, line %d: %s".formatted(file, number, oneLine(e)), e);
    } catch (UncheckedIOException | CharacterCodingException | CSVException e) {
      throw new IOException(
          "%s, after line %d: expected CSV in UTF-8, found %s".formatted(file, number, oneLine(e)),
          e);
    }
    return all;
  }

  private static String oneLine(Exception e) {
    Throwable said = e instanceof UncheckedIOException ? e.getCause() : e;
    return String.valueOf(said.getMessage()).replaceAll("[\\p{Cc}\\u2028\\u2029]+", " ");
  }

  /** A number in a cell. */
  static double number(CSVRecord line, String column) {
    return cell(line, column, "a number", Double::valueOf);
  }

  /** What {@code parse} makes of a cell. */
  static <T> T cell(CSVRecord line, String column, String expected, Function<String, T> parse) {
    try {
      return parse.apply(line.get(column));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s: expected %s, found '%s'".formatted(column, expected, line.get(column)), e);
    }
  }
}
