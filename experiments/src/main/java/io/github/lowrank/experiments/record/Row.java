package io.github.lowrank.experiments.record;

import io.github.lowrank.experiments.run.RunDirectory;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;

/**
 * A line of {@code trials.csv}: one trial. Reports are made of rows alone.
 *
 * @param id which trial
 * @param compression what was done to the table
 * @param training how it was trained
 * @param scores what it scored
 * @param size how large it is
 * @param latency how fast it answers
 */
public record Row(
    Id id,
    Compression compression,
    Training training,
    Scores scores,
    Size size,
    LatencyQuantiles latency) {

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
   * What was done to the table.
   *
   * @param method name
   * @param removed fraction of embedding parameters to remove
   * @param rank of the factors, 0 if not factorised
   * @param bits width of the stored numbers
   * @param svdError relative Frobenius error of the factorization; 0 if none
   */
  public record Compression(String method, double removed, int rank, int bits, double svdError) {}

  /**
   * How it was trained.
   *
   * @param learningRate highest rate of all schedules
   * @param steps training steps in all
   * @param seconds wall time of all training stages, wherever they were computed
   * @param stepsTo99 steps until dev accuracy reached 99 % of its best; -1 in files without it
   */
  public record Training(double learningRate, long steps, double seconds, long stepsTo99) {}

  /**
   * What it scored.
   *
   * @param dev accuracy in [0, 1]
   * @param test accuracy in [0, 1]
   * @param testUnseen accuracy on the test texts that do not stand in train too; NaN in files
   *     without it
   */
  public record Scores(double dev, double test, double testUnseen) {}

  /**
   * How large it is.
   *
   * @param embeddingParameters numbers in the table
   * @param embeddingBytes bytes of the table
   * @param savedModelBytes bytes of the exported folder
   * @param flops per sentence of the mean length of test
   */
  public record Size(
      long embeddingParameters, long embeddingBytes, long savedModelBytes, long flops) {}

  /**
   * Microseconds per sentence; NaN where not measured.
   *
   * @param median of the measured rounds
   * @param p90 of them
   * @param p99 of them
   */
  public record Quantiles(double median, double p90, double p99) {
    static final Quantiles NONE = new Quantiles(Double.NaN, Double.NaN, Double.NaN);
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

  /** A column that every file has; {@link #OPTIONAL} ones came later. */
  private record Column(String name, Function<Row, Object> value) {}

  private static final List<Column> REQUIRED =
      List.of(
          new Column("trial", r -> r.id.trial),
          new Column("experiment", r -> r.id.experiment),
          new Column("dataset", r -> r.id.dataset),
          new Column("model", r -> r.id.model),
          new Column("method", r -> r.compression.method),
          new Column("removed", r -> r.compression.removed),
          new Column("rank", r -> r.compression.rank),
          new Column("bits", r -> r.compression.bits),
          new Column("seed", r -> r.id.seed),
          new Column("dev_accuracy", r -> r.scores.dev),
          new Column("test_accuracy", r -> r.scores.test),
          new Column("embedding_parameters", r -> r.size.embeddingParameters),
          new Column("embedding_bytes", r -> r.size.embeddingBytes),
          new Column("saved_model_bytes", r -> r.size.savedModelBytes),
          new Column("train_seconds", r -> round(r.training.seconds)),
          new Column("latency_us_b1", r -> round(r.latency.batch1.median)),
          new Column("latency_us_b64", r -> round(r.latency.batch64.median)),
          new Column("learning_rate", r -> r.training.learningRate),
          new Column("steps", r -> r.training.steps),
          new Column("flops_per_sentence", r -> r.size.flops),
          new Column("svd_relative_error", r -> r.compression.svdError));

  private static final List<Column> OPTIONAL =
      List.of(
          new Column("steps_to_99", r -> r.training.stepsTo99),
          new Column("test_accuracy_unseen", r -> r.scores.testUnseen),
          new Column("latency_us_b8", r -> round(r.latency.batch8.median)),
          new Column("latency_us_b1_p90", r -> round(r.latency.batch1.p90)),
          new Column("latency_us_b1_p99", r -> round(r.latency.batch1.p99)),
          new Column("latency_us_b8_p90", r -> round(r.latency.batch8.p90)),
          new Column("latency_us_b8_p99", r -> round(r.latency.batch8.p99)),
          new Column("latency_us_b64_p90", r -> round(r.latency.batch64.p90)),
          new Column("latency_us_b64_p99", r -> round(r.latency.batch64.p99)));

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

  /** The same with measured latencies. */
  Row withLatency(LatencyQuantiles measured) {
    return new Row(id, compression, training, scores, size, measured);
  }

  /** The method with what it was asked for, unique in a comparison: {@code online 90 %}. */
  public String label() {
    StringBuilder label = new StringBuilder(compression.method);
    if (compression.removed > 0) {
      label.append(
          String.format(Locale.ROOT, " %.2f", compression.removed * 100).replaceAll("\\.?0+$", ""));
      label.append(" %");
    }
    if (compression.bits < 32) {
      label.append(' ').append(compression.bits).append(" bit");
    }
    return label.toString();
  }

  private static List<Column> columns() {
    List<Column> all = new ArrayList<>(REQUIRED);
    all.addAll(OPTIONAL);
    return all;
  }

  /** Writes {@code rows} to a file that appears only when complete. */
  public static void write(Path file, List<Row> rows) throws IOException {
    List<Column> columns = columns();
    StringWriter text = new StringWriter();
    try (CSVPrinter csv =
        new CSVPrinter(
            text,
            CSVFormat.RFC4180
                .builder()
                .setHeader(columns.stream().map(Column::name).toArray(String[]::new))
                .setRecordSeparator('\n')
                .get())) {
      for (Row row : rows) {
        csv.printRecord(columns.stream().map(c -> c.value.apply(row)).toArray());
      }
    }
    RunDirectory.write(file, text.toString());
  }

  private static double round(double value) {
    return Double.isNaN(value) ? value : Math.round(value * 100) / 100.0;
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException naming the line that does not parse
   */
  public static List<Row> read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + " does not exist: expected the rows of a run");
    }
    List<Row> rows = new ArrayList<>();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        CSVParser csv =
            CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get().parse(reader)) {
      for (Column column : REQUIRED) {
        if (!csv.getHeaderNames().contains(column.name)) {
          throw new IOException(
              "%s, line 1: expected a column %s, found %s"
                  .formatted(file, column.name, csv.getHeaderNames()));
        }
      }
      for (CSVRecord r : csv) {
        try {
          rows.add(row(r));
        } catch (IllegalArgumentException e) {
          throw new IOException(
              "%s, line %d: expected a row of a trial, found %s"
                  .formatted(file, csv.getCurrentLineNumber(), e.getMessage()),
              e);
        }
      }
    }
    return rows;
  }

  private static Row row(CSVRecord r) {
    return new Row(
        new Id(
            r.get("trial"),
            r.get("experiment"),
            r.get("dataset"),
            r.get("model"),
            Integer.parseInt(r.get("seed"))),
        new Compression(
            r.get("method"),
            number(r, "removed"),
            Integer.parseInt(r.get("rank")),
            Integer.parseInt(r.get("bits")),
            number(r, "svd_relative_error")),
        new Training(
            number(r, "learning_rate"),
            Long.parseLong(r.get("steps")),
            number(r, "train_seconds"),
            r.isMapped("steps_to_99") ? Long.parseLong(r.get("steps_to_99")) : -1),
        new Scores(
            number(r, "dev_accuracy"),
            number(r, "test_accuracy"),
            number(r, "test_accuracy_unseen")),
        new Size(
            Long.parseLong(r.get("embedding_parameters")),
            Long.parseLong(r.get("embedding_bytes")),
            Long.parseLong(r.get("saved_model_bytes")),
            Long.parseLong(r.get("flops_per_sentence"))),
        new LatencyQuantiles(
            quantiles(r, "latency_us_b1"),
            quantiles(r, "latency_us_b8"),
            quantiles(r, "latency_us_b64")));
  }

  private static Quantiles quantiles(CSVRecord r, String column) {
    return new Quantiles(number(r, column), number(r, column + "_p90"), number(r, column + "_p99"));
  }

  private static double number(CSVRecord r, String column) {
    return r.isMapped(column) ? Double.parseDouble(r.get(column)) : Double.NaN;
  }
}
