package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.run.RunDirectory;
import io.github.lowrank.experiments.run.TrialResult;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;

/**
 * A line of {@code trials.csv}: one trial. Reports are made of rows alone.
 *
 * @param trial id
 * @param experiment name
 * @param dataset name
 * @param model name
 * @param method name
 * @param removed fraction of embedding parameters to remove
 * @param rank of the factors, 0 if not factorised
 * @param bits width of the stored numbers
 * @param seed of the trial
 * @param devAccuracy in [0, 1]
 * @param testAccuracy in [0, 1]
 * @param embeddingParameters numbers in the table
 * @param embeddingBytes bytes of the table
 * @param savedModelBytes bytes of the exported folder
 * @param trainSeconds wall time of training
 * @param latencyB1 median microseconds per sentence at batch 1
 * @param latencyB64 the same at batch 64
 * @param learningRate highest rate
 * @param steps training steps
 * @param flops per sentence
 * @param svdError relative Frobenius error of the factorization
 * @param stepsTo99 steps until dev accuracy reached 99 % of its best; -1 in files without it
 */
public record Row(
    String trial,
    String experiment,
    String dataset,
    String model,
    String method,
    double removed,
    int rank,
    int bits,
    int seed,
    double devAccuracy,
    double testAccuracy,
    long embeddingParameters,
    long embeddingBytes,
    long savedModelBytes,
    double trainSeconds,
    double latencyB1,
    double latencyB64,
    double learningRate,
    long steps,
    long flops,
    double svdError,
    long stepsTo99) {

  private static final String STEPS_TO_99 = "steps_to_99";
  private static final String[] HEADER = {
    "trial",
    "experiment",
    "dataset",
    "model",
    "method",
    "removed",
    "rank",
    "bits",
    "seed",
    "dev_accuracy",
    "test_accuracy",
    "embedding_parameters",
    "embedding_bytes",
    "saved_model_bytes",
    "train_seconds",
    "latency_us_b1",
    "latency_us_b64",
    "learning_rate",
    "steps",
    "flops_per_sentence",
    "svd_relative_error",
    STEPS_TO_99
  };

  /** The row of a result. */
  public static Row of(TrialResult r) {
    return new Row(
        r.trial(),
        r.experiment(),
        r.dataset(),
        r.model(),
        r.method(),
        r.removed(),
        r.rank(),
        r.bits(),
        r.seed(),
        r.devAccuracy(),
        r.testAccuracy(),
        r.embeddingParameters(),
        r.embeddingBytes(),
        r.savedModelBytes(),
        r.trainSeconds(),
        r.latencyMicrosBatch1(),
        r.latencyMicrosBatch64(),
        r.learningRate(),
        r.steps(),
        r.flopsPerSentence(),
        r.svdRelativeError(),
        r.stepsTo99());
  }

  /** The method with what it was asked for, unique in a comparison: {@code online 90 %}. */
  public String label() {
    StringBuilder label = new StringBuilder(method);
    if (removed > 0) {
      label.append(String.format(Locale.ROOT, " %.2f", removed * 100).replaceAll("\\.?0+$", ""));
      label.append(" %");
    }
    if (bits < 32) {
      label.append(' ').append(bits).append(" bit");
    }
    return label.toString();
  }

  /** Writes {@code rows} to a file that appears only when complete. */
  public static void write(Path file, List<Row> rows) throws IOException {
    StringWriter text = new StringWriter();
    try (CSVPrinter csv =
        new CSVPrinter(
            text, CSVFormat.RFC4180.builder().setHeader(HEADER).setRecordSeparator('\n').get())) {
      for (Row r : rows) {
        csv.printRecord(
            r.trial,
            r.experiment,
            r.dataset,
            r.model,
            r.method,
            r.removed,
            r.rank,
            r.bits,
            r.seed,
            r.devAccuracy,
            r.testAccuracy,
            r.embeddingParameters,
            r.embeddingBytes,
            r.savedModelBytes,
            round(r.trainSeconds),
            round(r.latencyB1),
            round(r.latencyB64),
            r.learningRate,
            r.steps,
            r.flops,
            r.svdError,
            r.stepsTo99);
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
      for (String column : HEADER) {
        if (!column.equals(STEPS_TO_99) && !csv.getHeaderNames().contains(column)) {
          throw new IOException(
              "%s, line 1: expected a column %s, found %s"
                  .formatted(file, column, csv.getHeaderNames()));
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
        r.get("trial"),
        r.get("experiment"),
        r.get("dataset"),
        r.get("model"),
        r.get("method"),
        Double.parseDouble(r.get("removed")),
        Integer.parseInt(r.get("rank")),
        Integer.parseInt(r.get("bits")),
        Integer.parseInt(r.get("seed")),
        Double.parseDouble(r.get("dev_accuracy")),
        Double.parseDouble(r.get("test_accuracy")),
        Long.parseLong(r.get("embedding_parameters")),
        Long.parseLong(r.get("embedding_bytes")),
        Long.parseLong(r.get("saved_model_bytes")),
        Double.parseDouble(r.get("train_seconds")),
        Double.parseDouble(r.get("latency_us_b1")),
        Double.parseDouble(r.get("latency_us_b64")),
        Double.parseDouble(r.get("learning_rate")),
        Long.parseLong(r.get("steps")),
        Long.parseLong(r.get("flops_per_sentence")),
        Double.parseDouble(r.get("svd_relative_error")),
        r.isMapped(STEPS_TO_99) ? Long.parseLong(r.get(STEPS_TO_99)) : -1);
  }
}
