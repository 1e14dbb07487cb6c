package io.github.lowrank.experiments.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code rates.csv}: the learning rate of every step of a trial, steps counted from 1 over all its
 * trainings. Lines are corners: between two of them the rate is linear to within a thousandth of
 * the trial's highest rate. Trials that differ in their seed alone have the same rates, so that the
 * first of them stands for all.
 */
public final class Rates {
  /** Name of the file in the folder of a run. */
  public static final String FILE = "rates.csv";

  private static final List<String> HEADING = List.of("trial", "step", "rate");

  // The other half is for rounding to four digits.
  private static final double TOLERANCE = 5e-4;

  private Rates() {}

  /**
   * A corner of the rate as a function of the step.
   *
   * @param step number of the step, from 1
   * @param rate learning rate of the step
   */
  public record Corner(long step, double rate) {}

  /** The corners of rates step by step. */
  public static List<Corner> corners(double[] rates) {
    double most = 0;
    for (double rate : rates) {
      most = Math.max(most, rate);
    }
    List<Corner> corners = new ArrayList<>();
    int last = 0;
    // Slopes of lines from the last corner that are close to all rates since.
    double least = Double.NEGATIVE_INFINITY;
    double greatest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < rates.length; i++) {
      double slope = (rates[i] - rates[last]) / Math.max(1, i - last);
      if (i == 0 || slope < least || slope > greatest) {
        last = Math.max(0, i - 1);
        corners.add(new Corner(last + 1, rates[last]));
        least = Double.NEGATIVE_INFINITY;
        greatest = Double.POSITIVE_INFINITY;
      }
      if (i > last) {
        least = Math.max(least, (rates[i] - TOLERANCE * most - rates[last]) / (i - last));
        greatest = Math.min(greatest, (rates[i] + TOLERANCE * most - rates[last]) / (i - last));
      }
    }
    if (rates.length > 1) {
      corners.add(new Corner(rates.length, rates[rates.length - 1]));
    }
    return corners;
  }

  /** Writes the rates, step by step, of each trial. */
  public static void write(Path directory, Map<String, double[]> byTrial) throws IOException {
    List<List<Object>> lines = new ArrayList<>();
    byTrial.forEach(
        (trial, rates) ->
            corners(rates)
                .forEach(
                    c ->
                        lines.add(
                            List.of(trial, c.step, String.format(Locale.ROOT, "%.4g", c.rate)))));
    Csv.write(directory.resolve(FILE), HEADING, lines);
  }

  /** Reads the corners of each trial; nothing where there is no such file. */
  public static Map<String, List<Corner>> read(Path directory) throws IOException {
    Map<String, List<Corner>> byTrial = new LinkedHashMap<>();
    Path file = directory.resolve(FILE);
    if (Files.exists(file)) {
      Csv.read(
          file,
          HEADING,
          line -> {
            List<Corner> corners =
                byTrial.computeIfAbsent(line.get("trial"), t -> new ArrayList<>());
            Corner corner =
                new Corner(
                    Csv.cell(line, "step", "a whole number", Long::valueOf),
                    Csv.number(line, "rate"));
            long before = corners.isEmpty() ? 0 : corners.get(corners.size() - 1).step;
            if (corner.step <= before) {
              throw new IllegalArgumentException(
                  "step: expected more than %d, found %d".formatted(before, corner.step));
            }
            return corners.add(corner);
          });
    }
    return byTrial;
  }
}
