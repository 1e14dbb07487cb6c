package io.github.lowrank.experiments.record;

import io.github.lowrank.experiments.run.RunDirectory;
import io.github.lowrank.train.Evaluation;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** {@code history.csv}: every look at dev of every trial, a line each. */
public final class History {
  /** Name of the file in the folder of a run. */
  public static final String FILE = "history.csv";

  private static final String HEADER = "trial,step,loss,rate,dev_accuracy\n";

  private History() {}

  /** Writes the looks at dev of each trial. */
  public static void write(Path directory, Map<String, List<Evaluation>> byTrial)
      throws IOException {
    StringBuilder text = new StringBuilder(HEADER);
    byTrial.forEach(
        (trial, history) ->
            history.forEach(
                e ->
                    text.append(
                        String.format(
                            Locale.ROOT,
                            "%s,%d,%.4f,%.3g,%.5f%n",
                            trial,
                            e.step(),
                            e.loss(),
                            e.rate(),
                            e.devAccuracy()))));
    RunDirectory.write(directory.resolve(FILE), text.toString());
  }

  /** Reads what {@link #write} wrote; nothing where there is no such file. */
  public static Map<String, List<Evaluation>> read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    Map<String, List<Evaluation>> byTrial = new LinkedHashMap<>();
    if (!Files.exists(file)) {
      return byTrial;
    }
    try (Reader reader = Files.newBufferedReader(file);
        CSVParser csv =
            CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get().parse(reader)) {
      for (CSVRecord r : csv) {
        try {
          byTrial
              .computeIfAbsent(r.get("trial"), t -> new ArrayList<>())
              .add(
                  new Evaluation(
                      Long.parseLong(r.get("step")),
                      Double.parseDouble(r.get("loss")),
                      Double.parseDouble(r.get("rate")),
                      Double.parseDouble(r.get("dev_accuracy"))));
        } catch (IllegalArgumentException e) {
          throw new IOException(
              "%s, line %d: expected %s, found %s"
                  .formatted(file, csv.getCurrentLineNumber(), HEADER.strip(), String.join(",", r)),
              e);
        }
      }
    }
    return byTrial;
  }
}
