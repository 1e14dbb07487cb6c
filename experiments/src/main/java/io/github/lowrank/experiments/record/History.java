package io.github.lowrank.experiments.record;

import io.github.lowrank.train.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** {@code history.csv}: every evaluation on dev of every trial, a line each. */
public final class History {
  /** Name of the file in the folder of a run. */
  public static final String FILE = "history.csv";

  private static final List<String> REQUIRED = List.of("trial", "step", "loss", "rate");
  private static final String DEV = "dev_";

  private History() {}

  /** Writes the evaluations of each trial; every metric has a column. */
  public static void write(Path directory, Map<String, List<Evaluation>> byTrial)
      throws IOException {
    Set<String> metrics = new LinkedHashSet<>();
    byTrial.values().forEach(h -> h.forEach(e -> metrics.addAll(e.dev().keySet())));
    List<String> heading = new ArrayList<>(REQUIRED);
    metrics.forEach(metric -> heading.add(DEV + metric));
    List<List<Object>> lines = new ArrayList<>();
    byTrial.forEach(
        (trial, history) ->
            history.forEach(
                e -> {
                  List<Object> line = new ArrayList<>();
                  line.add(trial);
                  line.add(e.step());
                  line.add(String.format(Locale.ROOT, "%.4f", e.loss()));
                  line.add(String.format(Locale.ROOT, "%.3g", e.rate()));
                  for (String metric : metrics) {
                    Double value = e.dev().get(metric);
                    line.add(value == null ? "" : String.format(Locale.ROOT, "%.5f", value));
                  }
                  lines.add(line);
                }));
    Csv.write(directory.resolve(FILE), heading, lines);
  }

  /** Reads what {@link #write} wrote; nothing where there is no such file. */
  public static Map<String, List<Evaluation>> read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    Map<String, List<Evaluation>> byTrial = new LinkedHashMap<>();
    if (!Files.exists(file)) {
      return byTrial;
    }
    Csv.read(
        file,
        REQUIRED,
        r -> {
          Map<String, Double> dev = new LinkedHashMap<>();
          r.toMap()
              .forEach(
                  (column, value) -> {
                    if (column.startsWith(DEV) && !value.isEmpty()) {
                      dev.put(column.substring(DEV.length()), Csv.number(r, column));
                    }
                  });
          if (dev.isEmpty()) {
            throw new IllegalArgumentException(
                "expected a number in a column %s…, found none".formatted(DEV));
          }
          byTrial
              .computeIfAbsent(r.get("trial"), t -> new ArrayList<>())
              .add(
                  new Evaluation(
                      Csv.cell(r, "step", "a whole number", Long::valueOf),
                      Csv.number(r, "loss"),
                      Csv.number(r, "rate"),
                      dev));
          return dev;
        });
    return byTrial;
  }
}
