package io.github.lowrank.datasets;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * A user's labelled texts: CSV or TSV (by the file's ending; quoted fields may contain commas and
 * line breaks), JSON lines ({@code .jsonl}, {@code .json}), or fastText's {@code __label__x text}
 * (any other ending). Read record by record.
 */
public final class LabelledFile {
  private static final String FAST_TEXT = "__label__";

  /** Number of a column. */
  private static final String NUMBER = "[1-9]\\d{0,8}";

  /** Names in a message. */
  private static final int SHOWN = 5;

  private LabelledFile() {}

  /** A text and the name of its class. */
  public record Example(String text, String label) {}

  /**
   * Reads all records.
   *
   * @param text column or key of the text: a name of the header, or a number from 1 for a file
   *     without one
   * @param label column or key of the label, likewise
   * @throws DatasetException naming file and line, what was expected and what was found
   */
  public static List<Example> read(Path file, String text, String label, Charset charset)
      throws IOException {
    Path readable = InputFiles.readable(file, "a file of labelled texts");
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Files.newInputStream(readable),
                charset
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)))) {
      reader.mark(1);
      if (reader.read() != 0xFEFF) { // a byte-order mark is not part of the first name
        reader.reset();
      }
      List<Example> examples =
          name.endsWith(".csv") || name.endsWith(".tsv")
              ? table(file, reader, text, label, name.endsWith(".tsv") ? '\t' : ',')
              : name.endsWith(".jsonl") || name.endsWith(".json")
                  ? json(file, reader, text, label)
                  : fastText(file, reader);
      if (examples.isEmpty()) {
        throw new DatasetException(file + ": expected labelled texts, found none");
      }
      return examples;
    } catch (UncheckedIOException e) {
      throw wrongBytes(file, charset, e.getCause());
    } catch (CharacterCodingException e) {
      throw wrongBytes(file, charset, e);
    }
  }

  /**
   * Texts without labels: a column of a table or JSON lines, or all lines of any other file.
   *
   * @param text column or key of the text, as in {@link #read}
   */
  public static List<String> texts(Path file, String text) throws IOException {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.matches(".*\\.(csv|tsv|jsonl|json)")) {
      return read(file, text, text, StandardCharsets.UTF_8).stream().map(Example::text).toList();
    }
    Path readable = InputFiles.readable(file, "a file of texts");
    return Lines.decode(file.toString(), Files.readAllBytes(readable), StandardCharsets.UTF_8);
  }

  /**
   * What to tell the user about labels that are not {@code known}: answers to their texts can only
   * be wrong.
   *
   * @param whose labels are known
   * @throws DatasetException if no label is known: most likely this is another column or file
   */
  public static Optional<String> unknown(
      Path file, List<Example> examples, Collection<String> known, String whose)
      throws DatasetException {
    Set<String> set = new HashSet<>(known);
    Map<String, Integer> counts = new LinkedHashMap<>();
    int first = 0;
    int texts = 0;
    for (int i = 0; i < examples.size(); i++) {
      if (!set.contains(examples.get(i).label())) {
        counts.merge(examples.get(i).label(), 1, Integer::sum);
        texts++;
        first = first == 0 ? i + 1 : first;
      }
    }
    if (texts == 0) {
      return Optional.empty();
    }
    String some =
        counts.entrySet().stream()
            .limit(SHOWN)
            .map(e -> "'%s' (%d)".formatted(shortened(e.getKey()), e.getValue()))
            .collect(Collectors.joining(", "));
    String found =
        some + (counts.size() > SHOWN ? " and %d more".formatted(counts.size() - SHOWN) : "");
    if (texts == examples.size()) {
      throw new DatasetException(
          "%s: expected labels of %s (%s), found only %s"
              .formatted(
                  file,
                  whose,
                  known.stream()
                          .limit(SHOWN)
                          .map(l -> "'" + shortened(l) + "'")
                          .collect(Collectors.joining(", "))
                      + (known.size() > SHOWN ? ", ..." : ""),
                  found));
    }
    return Optional.of(
        "%s: %d of %d texts have a label that %s do not have: %s, first in record %d"
            .formatted(file, texts, examples.size(), whose, found, first));
  }

  /** A name for a message of one line. */
  private static String shortened(String name) {
    String line = name.replaceAll("[\\p{Cc}\\u2028\\u2029]+", " ");
    return line.length() > 40 ? line.substring(0, 40) + "..." : line;
  }

  private static IOException wrongBytes(Path file, Charset charset, IOException e)
      throws IOException {
    if (!(e instanceof CharacterCodingException)) {
      return e;
    }
    try {
      Lines.decode(
          file.toString(),
          Files.readAllBytes(InputFiles.readable(file, "a file")),
          charset); // throws with the line number
    } catch (DatasetException found) {
      return new DatasetException(found.getMessage() + "; name another encoding with --charset");
    }
    return new DatasetException(
        "%s: expected %s, found other bytes; name another encoding with --charset"
            .formatted(file, charset));
  }

  private static List<Example> table(
      Path file, BufferedReader reader, String text, String label, char delimiter)
      throws IOException {
    boolean numbers = text.matches(NUMBER) && label.matches(NUMBER);
    CSVFormat format =
        CSVFormat.RFC4180
            .builder()
            .setDelimiter(delimiter)
            .setIgnoreEmptyLines(true)
            .setTrailingData(false)
            .get();
    List<Example> examples = new ArrayList<>();
    try (CSVParser csv = format.parse(reader)) {
      int textColumn = numbers ? Integer.parseInt(text) - 1 : -1;
      int labelColumn = numbers ? Integer.parseInt(label) - 1 : -1;
      int columns = Integer.MAX_VALUE;
      for (CSVRecord record : csv) {
        if (textColumn < 0) {
          columns = record.size();
          List<String> header = record.toList();
          List<String> named = header.stream().filter(name -> !name.isBlank()).toList();
          if (new HashSet<>(named).size() < named.size()) { // spreadsheets write empty names
            throw Lines.malformed(
                file.toString(), 1, "column names that differ", header.toString());
          }
          textColumn = column(file, header, text, "--text");
          labelColumn = column(file, header, label, "--label");
          continue;
        }
        if (record.size() <= Math.max(textColumn, labelColumn)) {
          throw Lines.malformed(
              file.toString(),
              (int) csv.getCurrentLineNumber(),
              "at least " + (Math.max(textColumn, labelColumn) + 1) + " columns",
              Integer.toString(record.size()));
        }
        if (record.stream().skip(columns).anyMatch(cell -> !cell.isBlank())) {
          throw Lines.malformed(
              file.toString(),
              (int) csv.getCurrentLineNumber(),
              columns + " columns, as in the first line (quote texts that contain the separator)",
              Integer.toString(record.size()));
        }
        add(
            examples,
            file,
            csv.getCurrentLineNumber(),
            record.get(textColumn),
            record.get(labelColumn));
      }
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof CharacterCodingException) {
        throw e;
      }
      throw new DatasetException(
          "%s: expected well-formed CSV, found: %s".formatted(file, e.getCause().getMessage()));
    }
    return examples;
  }

  private static int column(Path file, List<String> header, String name, String option)
      throws DatasetException {
    int column = header.indexOf(name);
    if (column < 0) {
      throw Lines.malformed(
          file.toString(), 1, "a column '" + name + "' (" + option + ")", header.toString());
    }
    return column;
  }

  private static void add(List<Example> examples, Path file, long line, String text, String label)
      throws DatasetException {
    if (label.isBlank()) {
      throw Lines.malformed(file.toString(), (int) line, "a label", "none");
    }
    if (unpaired(label)) {
      throw Lines.malformed(
          file.toString(), (int) line, "a label of whole characters", "half of a surrogate pair");
    }
    examples.add(new Example(unpaired(text) ? whole(text) : text, label.strip()));
  }

  /** Whether {@code text}, which JSON can escape, has no form in UTF-8. */
  private static boolean unpaired(String text) {
    return text.codePoints().anyMatch(LabelledFile::surrogate);
  }

  private static boolean surrogate(int code) {
    return code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE;
  }

  private static String whole(String text) {
    return text.codePoints()
        .map(code -> surrogate(code) ? 0xFFFD : code)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static List<Example> json(Path file, BufferedReader reader, String text, String label)
      throws IOException {
    ObjectMapper mapper =
        JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    List<Example> examples = new ArrayList<>();
    int number = 0;
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      JsonNode record;
      try {
        record = mapper.readTree(line);
      } catch (MismatchedInputException e) {
        throw Lines.malformed(
            file.toString(), number, "one JSON object per line", "more after the first");
      } catch (JsonProcessingException e) {
        throw Lines.malformed(file.toString(), number, "a JSON object", e.getOriginalMessage());
      }
      for (String key : List.of(text, label)) {
        if (!record.path(key).isValueNode() || record.path(key).isNull()) {
          throw Lines.malformed(
              file.toString(),
              number,
              "an object with the keys '" + text + "' and '" + label + "'",
              line.length() > 60 ? line.substring(0, 60) + "..." : line);
        }
      }
      add(examples, file, number, record.get(text).asText(), record.get(label).asText());
    }
    return examples;
  }

  private static List<Example> fastText(Path file, BufferedReader reader) throws IOException {
    List<Example> examples = new ArrayList<>();
    int number = 0;
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      String[] parts = line.split("\\s+", 2);
      if (!parts[0].startsWith(FAST_TEXT) || parts[0].equals(FAST_TEXT)) {
        throw Lines.malformed(
            file.toString(),
            number,
            "__label__NAME and a text (for tables, name the file .csv, .tsv or .jsonl)",
            "'" + parts[0].substring(0, Math.min(40, parts[0].length())) + "'");
      }
      if (parts.length > 1 && parts[1].startsWith(FAST_TEXT)) {
        throw Lines.malformed(
            file.toString(),
            number,
            "one label and a text",
            "a second label '" + shortened(parts[1].split("\\s", 2)[0]) + "'");
      }
      add(
          examples,
          file,
          number,
          parts.length < 2 ? "" : parts[1],
          parts[0].substring(FAST_TEXT.length()));
    }
    return examples;
  }
}
