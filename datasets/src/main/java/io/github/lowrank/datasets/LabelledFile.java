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
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * A user's labelled texts: CSV or TSV (by the file's ending; quoted fields may contain commas and
 * line breaks), JSON lines ({@code .jsonl}, {@code .json}), or fastText's {@code __label__x text}
 * (any other ending). Read record by record. A text may have several labels: an array in JSON,
 * {@code __label__x __label__y text}, or one cell of a table with a separator between them.
 */
public final class LabelledFile {
  private static final String FAST_TEXT = "__label__";

  /** Number of a column. */
  private static final String NUMBER = "[1-9]\\d{0,8}";

  private LabelledFile() {}

  /**
   * Where text and labels are.
   *
   * @param text column or key of the text: a name of the header, or a number from 1 for a file
   *     without one
   * @param label column or key of the label, likewise
   * @param separator what separates the labels of a cell, which may be empty then; empty: a cell is
   *     one label
   * @param confidence column or key of the probability that the label is right, from 0 to 1; empty:
   *     all are right
   */
  public record Columns(
      String text, String label, String separator, String confidence, Charset charset) {
    /** All labels are right. */
    public Columns(String text, String label, String separator, Charset charset) {
      this(text, label, separator, "", charset);
    }

    /** One label per text. */
    public Columns(String text, String label, Charset charset) {
      this(text, label, "", charset);
    }
  }

  /** A text and the names of its classes, all different. */
  public record Example(String text, List<String> labels) {
    /** A text of one class. */
    public Example(String text, String label) {
      this(text, List.of(label));
    }
  }

  /** Receives records. */
  public interface Reader {
    /**
     * The next record.
     *
     * @param index from 0
     * @param line of the file from 1, where the record ends
     * @param labels all different
     */
    void example(int index, long line, String text, List<String> labels) throws IOException;
  }

  /**
   * All records, in memory.
   *
   * @throws DatasetException as {@link #read(Path, Columns, Reader)}
   */
  public static List<Example> read(Path file, Columns columns) throws IOException {
    List<Example> examples = new ArrayList<>();
    read(file, columns, (index, line, text, labels) -> examples.add(new Example(text, labels)));
    return examples;
  }

  /**
   * Gives all records to {@code reader}; keeps none.
   *
   * @return number of records, at least 1
   * @throws DatasetException naming file and line, what was expected and what was found
   */
  public static int read(Path file, Columns columns, Reader reader) throws IOException {
    return read(file, columns, "--label", reader);
  }

  /**
   * The same.
   *
   * @param option that names the column of the label, for messages
   */
  private static int read(Path file, Columns columns, String option, Reader reader)
      throws IOException {
    Path readable = InputFiles.readable(file, "a file of labelled texts");
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    Records records = new Records(file, columns, option, reader);
    try (BufferedReader in = open(file, readable, columns.charset())) {
      if (name.endsWith(".csv") || name.endsWith(".tsv")) {
        table(records, in, name.endsWith(".tsv") ? '\t' : ',');
      } else if (name.endsWith(".jsonl") || name.endsWith(".json")) {
        json(records, in);
      } else {
        fastText(records, in);
      }
    } catch (UncheckedIOException e) {
      throw wrongBytes(file, columns.charset(), e.getCause());
    } catch (CharacterCodingException e) {
      throw wrongBytes(file, columns.charset(), e);
    }
    if (records.count == 0) {
      throw new DatasetException(file + ": expected labelled texts, found none");
    }
    return records.count;
  }

  /**
   * The probabilities that the labels are right, of all records whose text is {@code kept}.
   *
   * @throws DatasetException naming file and line where there is no number from 0 to 1
   */
  static float[] confidences(Path file, Columns columns, Predicate<String> kept)
      throws IOException {
    List<Float> found = new ArrayList<>();
    read(
        file,
        new Columns(columns.text(), columns.confidence(), columns.charset()),
        "--confidence",
        (index, line, text, cell) -> {
          if (kept.test(text)) {
            found.add(confidence(file, line, cell.get(0)));
          }
        });
    float[] all = new float[found.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = found.get(i);
    }
    return all;
  }

  private static float confidence(Path file, long line, String cell) throws DatasetException {
    try {
      float number = Float.parseFloat(cell);
      if (number >= 0 && number <= 1) {
        return number;
      }
    } catch (NumberFormatException e) {
      // named below
    }
    throw Lines.malformed(file.toString(), line, "a confidence from 0 to 1", cell);
  }

  /**
   * Texts without labels: a column of a table or JSON lines, or all lines of any other file.
   *
   * @param text column or key of the text, as in {@link #read}
   */
  public static List<String> texts(Path file, String text) throws IOException {
    return texts(file, text, StandardCharsets.UTF_8);
  }

  /** The same in another encoding. */
  public static List<String> texts(Path file, String text, Charset charset) throws IOException {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.matches(".*\\.(csv|tsv|jsonl|json)")) {
      return read(file, new Columns(text, text, charset)).stream().map(Example::text).toList();
    }
    Path readable = InputFiles.readable(file, "a file of texts");
    List<String> texts = new ArrayList<>();
    try (BufferedReader in = open(file, readable, charset)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        texts.add(line);
      }
    } catch (CharacterCodingException e) {
      try (InputStream bytes = Files.newInputStream(readable)) {
        Lines.check(file.toString(), bytes, charset); // throws with the line number
      }
      throw e;
    }
    return texts;
  }

  private static BufferedReader open(Path file, Path readable, Charset charset) throws IOException {
    BufferedReader in =
        new BufferedReader(
            new BoundedLines(
                file.toString(),
                new InputStreamReader(
                    Files.newInputStream(readable),
                    charset
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT))));
    in.mark(1);
    if (in.read() != 0xFEFF) { // a byte-order mark is not part of the first name
      in.reset();
    }
    return in;
  }

  /** A name for a message of one line. */
  static String shortened(String name) {
    String line = name.replaceAll("[\\p{Cc}\\u2028\\u2029]+", " ");
    return line.length() > 40 ? line.substring(0, 40) + "..." : line;
  }

  private static IOException wrongBytes(Path file, Charset charset, IOException e)
      throws IOException {
    if (!(e instanceof CharacterCodingException)) {
      return e;
    }
    try {
      try (InputStream in = Files.newInputStream(InputFiles.readable(file, "a file"))) {
        Lines.check(file.toString(), in, charset); // throws with the line number
      }
    } catch (DatasetException found) {
      return new DatasetException(found.getMessage() + "; name another encoding with --charset");
    }
    return new DatasetException(
        "%s: expected %s, found other bytes; name another encoding with --charset"
            .formatted(file, charset));
  }

  private static void table(Records records, BufferedReader reader, char delimiter)
      throws IOException {
    String text = records.columns.text();
    String label = records.columns.label();
    boolean numbers = text.matches(NUMBER) && label.matches(NUMBER);
    CSVFormat format =
        CSVFormat.RFC4180
            .builder()
            .setDelimiter(delimiter)
            .setIgnoreEmptyLines(true)
            .setTrailingData(false)
            .get();
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
            throw records.malformed(1, "column names that differ", header.toString());
          }
          textColumn = column(records, header, text, "--text");
          labelColumn = column(records, header, label, records.option);
          continue;
        }
        if (record.size() <= Math.max(textColumn, labelColumn)) {
          throw records.malformed(
              csv.getCurrentLineNumber(),
              "at least " + (Math.max(textColumn, labelColumn) + 1) + " columns",
              Integer.toString(record.size()));
        }
        if (record.stream().skip(columns).anyMatch(cell -> !cell.isBlank())) {
          throw records.malformed(
              csv.getCurrentLineNumber(),
              columns + " columns, as in the first line (quote texts that contain the separator)",
              Integer.toString(record.size()));
        }
        records.cell(csv.getCurrentLineNumber(), record.get(textColumn), record.get(labelColumn));
      }
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof CharacterCodingException
          || e.getCause() instanceof DatasetException) {
        throw e;
      }
      throw new DatasetException(
          "%s: expected well-formed CSV, found: %s"
              .formatted(records.file, e.getCause().getMessage()));
    }
  }

  private static int column(Records records, List<String> header, String name, String option)
      throws DatasetException {
    int column = header.indexOf(name);
    if (column < 0) {
      throw records.malformed(1, "a column '" + name + "' (" + option + ")", header.toString());
    }
    return column;
  }

  /** Checks records and passes them on. */
  private static final class Records {
    private final Path file;
    private final Columns columns;
    private final String option;
    private final Reader reader;
    private int count;

    private Records(Path file, Columns columns, String option, Reader reader) {
      this.file = file;
      this.columns = columns;
      this.option = option;
      this.reader = reader;
    }

    /** A text and the cell of its label or labels. */
    void cell(long line, String text, String label) throws IOException {
      if (columns.separator().isEmpty()) {
        add(line, text, List.of(label));
      } else {
        String[] parts = label.isBlank() ? new String[0] : split(label);
        add(line, text, List.of(parts));
      }
    }

    private String[] split(String label) {
      return label.split(Pattern.quote(columns.separator()), -1);
    }

    void add(long line, String text, List<String> labels) throws IOException {
      for (String label : labels) {
        if (label.isBlank()) {
          throw malformed(line, "a label", "none");
        }
        if (unpaired(label)) {
          throw malformed(line, "a label of whole characters", "half of a surrogate pair");
        }
      }
      if (text.length() > BoundedLines.LONGEST) {
        throw BoundedLines.tooLong(
            file.toString(), line, "%,d (is a quote not closed?)".formatted(text.length()));
      }
      reader.example(
          count++,
          line,
          unpaired(text) ? whole(text) : text,
          labels.stream().map(String::strip).distinct().toList());
    }

    DatasetException malformed(long line, String expected, String found) {
      return Lines.malformed(file.toString(), line, expected, found);
    }
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

  private static void json(Records records, BufferedReader reader) throws IOException {
    String text = records.columns.text();
    String label = records.columns.label();
    ObjectMapper mapper =
        JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
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
        throw records.malformed(number, "one JSON object per line", "more after the first");
      } catch (JsonProcessingException e) {
        throw records.malformed(number, "a JSON object", e.getOriginalMessage());
      }
      JsonNode labels = record.path(label);
      if (!value(record.path(text))
          || !value(labels) && !(labels.isArray() && all(labels).allMatch(LabelledFile::value))) {
        throw records.malformed(
            number,
            "an object with the keys '" + text + "' and '" + label + "'",
            line.length() > 60 ? line.substring(0, 60) + "..." : line);
      }
      String content = record.get(text).asText();
      if (labels.isArray()) {
        records.add(number, content, all(labels).map(JsonNode::asText).toList());
      } else {
        records.cell(number, content, labels.asText());
      }
    }
  }

  private static boolean value(JsonNode node) {
    return node.isValueNode() && !node.isNull();
  }

  private static Stream<JsonNode> all(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private static void fastText(Records records, BufferedReader reader) throws IOException {
    int number = 0;
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      String[] parts = line.split("\\s+", 2);
      if (!parts[0].startsWith(FAST_TEXT) || parts[0].equals(FAST_TEXT)) {
        throw records.malformed(
            number,
            "__label__NAME and a text (for tables, name the file .csv, .tsv or .jsonl)",
            "'" + parts[0].substring(0, Math.min(40, parts[0].length())) + "'");
      }
      List<String> labels = new ArrayList<>(1);
      String rest = line;
      while (rest.startsWith(FAST_TEXT)) {
        parts = rest.split("\\s+", 2);
        labels.add(parts[0].substring(FAST_TEXT.length()));
        rest = parts.length < 2 ? "" : parts[1];
      }
      records.add(number, rest, labels);
    }
  }
}
