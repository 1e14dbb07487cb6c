package io.github.lowrank.experiments.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVRecord;

/**
 * A line of {@code trials.csv}: one trial. Reports are made of rows alone.
 *
 * <p>Parameters are numbers or text, each a column of its own; a row without a parameter leaves the
 * cell empty. A text that reads as a number is one, and empty values are dropped, so that a row
 * comes back from CSV and from JSON exactly as it was.
 *
 * @param id which trial
 * @param method name of the method, for example {@code online}
 * @param label unique in a comparison, for example {@code online 90 %}; computed if null or empty
 * @param parameters of the method, in order, for example {@code removed}, {@code rank}, {@code
 *     bits}, {@code optimizer}, {@code schedule}
 * @param training how it was trained
 * @param scores what it scored
 * @param size how large it is
 * @param latency how fast it answers
 */
public record Row(
    Id id,
    String method,
    String label,
    Map<String, Object> parameters,
    Training training,
    Scores scores,
    Size size,
    LatencyQuantiles latency) {
  /** Name of the file in the folder of a run. */
  public static final String FILE = "trials.csv";

  private static final Pattern WHOLE = Pattern.compile("[-+]?\\d{1,18}");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?|NaN|-?Infinity");

  public Row {
    Map<String, Object> kept = new LinkedHashMap<>();
    parameters.forEach(
        (name, value) -> {
          checkParameter(name);
          if (value != null && !value.toString().isEmpty()) {
            kept.put(name, numberOrText(value.toString()));
          }
        });
    parameters = Collections.unmodifiableMap(kept);
    label = label == null || label.isEmpty() ? label(method, kept) : label;
  }

  /**
   * Checks the name of a parameter.
   *
   * @throws IllegalArgumentException if every row has a column of that name
   */
  public static void checkParameter(String name) {
    if (name.isBlank() || COLUMNS.containsKey(name)) {
      throw new IllegalArgumentException(
          "expected the name of a parameter, found '%s', a column of every row".formatted(name));
    }
  }

  private static Object numberOrText(String text) {
    if (WHOLE.matcher(text).matches()) {
      long whole = Long.parseLong(text);
      if (whole == (int) whole) {
        return (int) whole;
      }
      return whole;
    }
    return NUMBER.matcher(text).matches() ? (Object) Double.valueOf(text) : text;
  }

  /**
   * Which trial.
   *
   * @param trial unique in a run
   * @param experiment name
   * @param dataset name
   * @param model name
   * @param seed of weights, batches and dropout
   */
  public record Id(String trial, String experiment, String dataset, String model, int seed) {}

  /**
   * How it was trained.
   *
   * @param learningRate highest rate of all schedules
   * @param steps training steps in all
   * @param seconds wall time of all training stages, wherever they were computed, to a hundredth
   * @param stepsTo99 steps until dev accuracy reached 99 % of its best; -1 in files without it
   */
  public record Training(double learningRate, long steps, double seconds, long stepsTo99) {
    public Training {
      seconds = hundredths(seconds);
    }
  }

  private static double hundredths(double value) {
    return Double.isNaN(value) ? value : Math.round(value * 100) / 100.0;
  }

  /**
   * What it scored.
   *
   * @param dev accuracy in [0, 1]
   * @param test accuracy in [0, 1]
   * @param testUnseen accuracy on the test texts that are not in train as well; NaN if unknown or
   *     if there are none
   */
  public record Scores(double dev, double test, double testUnseen) {}

  /**
   * How large it is.
   *
   * @param embeddingParameters numbers in the table
   * @param embeddingBytes bytes of the table
   * @param savedModelBytes bytes of the exported folder
   * @param flops for a sentence of the mean length in test
   */
  public record Size(
      long embeddingParameters, long embeddingBytes, long savedModelBytes, long flops) {}

  /**
   * Microseconds per sentence, to a hundredth; NaN where not measured.
   *
   * @param median of the measured rounds
   * @param p90 of them
   * @param p99 of them
   */
  public record Quantiles(double median, double p90, double p99) {
    static final Quantiles NONE = new Quantiles(Double.NaN, Double.NaN, Double.NaN);

    public Quantiles {
      median = hundredths(median);
      p90 = hundredths(p90);
      p99 = hundredths(p99);
    }
  }

  /**
   * How fast it answers, from raw strings to probabilities.
   *
   * @param batch1 one sentence at a time
   * @param batch8 eight
   * @param batch64 sixty-four
   */
  public record LatencyQuantiles(Quantiles batch1, Quantiles batch8, Quantiles batch64) {
    /** Not measured. */
    public static final LatencyQuantiles NONE =
        new LatencyQuantiles(Quantiles.NONE, Quantiles.NONE, Quantiles.NONE);
  }

  private static final Map<String, Function<Row, Object>> COLUMNS = columns();
  // Files of former versions lack these.
  private static final Set<String> OPTIONAL =
      Set.of("label", "steps_to_99", "test_accuracy_unseen");

  private static Map<String, Function<Row, Object>> columns() {
    Map<String, Function<Row, Object>> columns = new LinkedHashMap<>();
    columns.put("trial", r -> r.id.trial);
    columns.put("experiment", r -> r.id.experiment);
    columns.put("dataset", r -> r.id.dataset);
    columns.put("model", r -> r.id.model);
    columns.put("method", r -> r.method);
    columns.put("label", r -> r.label);
    columns.put("seed", r -> r.id.seed);
    columns.put("dev_accuracy", r -> r.scores.dev);
    columns.put("test_accuracy", r -> r.scores.test);
    columns.put("embedding_parameters", r -> r.size.embeddingParameters);
    columns.put("embedding_bytes", r -> r.size.embeddingBytes);
    columns.put("saved_model_bytes", r -> r.size.savedModelBytes);
    columns.put("train_seconds", r -> r.training.seconds);
    columns.put("latency_us_b1", r -> r.latency.batch1.median);
    columns.put("latency_us_b64", r -> r.latency.batch64.median);
    columns.put("learning_rate", r -> r.training.learningRate);
    columns.put("steps", r -> r.training.steps);
    columns.put("flops_per_sentence", r -> r.size.flops);
    columns.put("steps_to_99", r -> r.training.stepsTo99);
    columns.put("test_accuracy_unseen", r -> r.scores.testUnseen);
    columns.put("latency_us_b8", r -> r.latency.batch8.median);
    columns.put("latency_us_b1_p90", r -> r.latency.batch1.p90);
    columns.put("latency_us_b1_p99", r -> r.latency.batch1.p99);
    columns.put("latency_us_b8_p90", r -> r.latency.batch8.p90);
    columns.put("latency_us_b8_p99", r -> r.latency.batch8.p99);
    columns.put("latency_us_b64_p90", r -> r.latency.batch64.p90);
    columns.put("latency_us_b64_p99", r -> r.latency.batch64.p99);
    return columns;
  }

  /** A parameter as a number; nothing if the row does not have it or it is text. */
  public OptionalDouble number(String parameter) {
    return parameters.get(parameter) instanceof Number n
        ? OptionalDouble.of(n.doubleValue())
        : OptionalDouble.empty();
  }

  /** A parameter as text; nothing if the row does not have it. */
  public Optional<String> text(String parameter) {
    return Optional.ofNullable(parameters.get(parameter)).map(Object::toString);
  }

  /** The trial's id. */
  public String trial() {
    return id.trial;
  }

  /** The seed. */
  public int seed() {
    return id.seed;
  }

  /** Dev accuracy in [0, 1]. */
  public double devAccuracy() {
    return scores.dev;
  }

  /** Test accuracy in [0, 1]. */
  public double testAccuracy() {
    return scores.test;
  }

  /** Bytes of the table. */
  public long embeddingBytes() {
    return size.embeddingBytes;
  }

  /** Bytes of the exported folder. */
  public long savedModelBytes() {
    return size.savedModelBytes;
  }

  /** Median microseconds per sentence at batch 1. */
  public double latencyB1() {
    return latency.batch1.median;
  }

  /** Median microseconds per sentence at batch 8. */
  public double latencyB8() {
    return latency.batch8.median;
  }

  /** Median microseconds per sentence at batch 64. */
  public double latencyB64() {
    return latency.batch64.median;
  }

  /** Whether the latencies are measured. */
  public boolean measured() {
    return !Double.isNaN(latencyB1());
  }

  /** The same with another parameter. */
  public Row with(String parameter, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(parameters);
    more.put(parameter, value);
    return new Row(id, method, label, more, training, scores, size, latency);
  }

  /** The same with measured latencies. */
  Row withLatency(LatencyQuantiles measured) {
    return new Row(id, method, label, parameters, training, scores, size, measured);
  }

  /** The method and what it was asked for, for example {@code online 90 % 8 bit}. */
  public static String label(String method, Map<String, ?> parameters) {
    return method
        + (parameters.get("removed") instanceof Number r ? " " + percent(r.doubleValue()) : "")
        + (parameters.containsKey("bits") ? " " + parameters.get("bits") + " bit" : "");
  }

  /** A fraction as {@code 90 %} or {@code 97.5 %}. */
  public static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f", 100 * fraction).replaceAll("\\.?0+$", "") + " %";
  }

  /** Writes {@code rows} to a file that appears only when complete. */
  public static void write(Path file, List<Row> rows) throws IOException {
    Set<String> parameters = new LinkedHashSet<>();
    rows.forEach(row -> parameters.addAll(row.parameters.keySet()));
    List<String> heading = new ArrayList<>(COLUMNS.keySet());
    heading.addAll(parameters);
    List<List<Object>> lines = new ArrayList<>();
    for (Row row : rows) {
      List<Object> line = new ArrayList<>();
      COLUMNS.values().forEach(column -> line.add(column.apply(row)));
      parameters.forEach(parameter -> line.add(row.parameters.getOrDefault(parameter, "")));
      lines.add(line);
    }
    Csv.write(file, heading, lines);
  }

  /**
   * Reads what {@link #write} or a former version wrote.
   *
   * @throws IOException naming the line of a row that does not parse, has an accuracy outside of
   *     [0, 1], or occurs twice
   */
  public static List<Row> read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + " does not exist: expected the rows of a run");
    }
    List<String> required =
        COLUMNS.keySet().stream()
            .filter(c -> !OPTIONAL.contains(c) && !c.startsWith("latency"))
            .toList();
    Set<Object> found = new HashSet<>();
    return Csv.read(
        file,
        required,
        line -> {
          Row row = row(line);
          row.check(found);
          return row;
        });
  }

  private void check(Set<Object> found) {
    for (String column : List.of("dev_accuracy", "test_accuracy", "test_accuracy_unseen")) {
      double accuracy = (double) COLUMNS.get(column).apply(this);
      boolean unknown = Double.isNaN(accuracy) && OPTIONAL.contains(column);
      if (!unknown && !(accuracy >= 0 && accuracy <= 1)) {
        throw new IllegalArgumentException(
            "trial %s: expected %s from 0 to 1, found %s".formatted(id.trial, column, accuracy));
      }
    }
    if (size.embeddingBytes < 1 || size.savedModelBytes < 1) {
      throw new IllegalArgumentException(
          "trial %s: expected positive bytes, found %d and %d"
              .formatted(id.trial, size.embeddingBytes, size.savedModelBytes));
    }
    for (Quantiles q : List.of(latency.batch1, latency.batch8, latency.batch64)) {
      if (Double.isInfinite(q.median) || q.median <= 0) {
        throw new IllegalArgumentException(
            "trial %s: expected positive latencies, found %s".formatted(id.trial, q.median));
      }
    }
    if (!found.add(id.trial)) {
      throw new IllegalArgumentException(
          "expected each trial once, found %s again".formatted(id.trial));
    }
    if (!found.add(List.of(label, id.seed))) {
      throw new IllegalArgumentException(
          "trial %s: expected each label once per seed, found '%s' with seed %d again"
              .formatted(id.trial, label, id.seed));
    }
  }

  private static Row row(CSVRecord r) {
    Map<String, Object> parameters = new LinkedHashMap<>(r.toMap());
    parameters.keySet().removeAll(COLUMNS.keySet());
    if (!r.isMapped("label")) {
      // The layout without labels had these columns in every row.
      Map.of("removed", 0, "rank", 0, "bits", 32, "svd_relative_error", 0)
          .forEach(
              (name, absent) -> {
                if (parameters.containsKey(name) && Csv.number(r, name) == absent) {
                  parameters.remove(name);
                }
              });
    }
    return new Row(
        new Id(
            r.get("trial"),
            r.get("experiment"),
            r.get("dataset"),
            r.get("model"),
            Csv.cell(r, "seed", "a whole number", Integer::valueOf)),
        r.get("method"),
        r.isMapped("label") ? r.get("label") : null,
        parameters,
        new Training(
            Csv.number(r, "learning_rate"),
            whole(r, "steps"),
            Csv.number(r, "train_seconds"),
            r.isMapped("steps_to_99") ? whole(r, "steps_to_99") : -1),
        new Scores(
            Csv.number(r, "dev_accuracy"),
            Csv.number(r, "test_accuracy"),
            optional(r, "test_accuracy_unseen")),
        new Size(
            whole(r, "embedding_parameters"),
            whole(r, "embedding_bytes"),
            whole(r, "saved_model_bytes"),
            whole(r, "flops_per_sentence")),
        new LatencyQuantiles(
            quantiles(r, "latency_us_b1"),
            quantiles(r, "latency_us_b8"),
            quantiles(r, "latency_us_b64")));
  }

  private static Quantiles quantiles(CSVRecord r, String column) {
    return new Quantiles(
        optional(r, column), optional(r, column + "_p90"), optional(r, column + "_p99"));
  }

  private static long whole(CSVRecord r, String column) {
    return Csv.cell(r, column, "a whole number", Long::valueOf);
  }

  private static double optional(CSVRecord r, String column) {
    return r.isMapped(column) ? Csv.number(r, column) : Double.NaN;
  }
}
