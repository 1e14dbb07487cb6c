package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Row;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A method at several sizes. Between two of them its accuracy, on each text with each seed, is
 * interpolated linearly in the logarithm of the bytes; outside of its range nothing is said.
 *
 * @param method name
 * @param sizes the method at each size, from few bytes to many
 * @param bytes what is counted, {@link Panel#TABLE} or {@link #WEIGHTS}
 */
record Curve(String method, List<Summary> sizes, ToDoubleFunction<Row> bytes) {
  /**
   * Bytes of all weights as exported, where W_b is a part of the next layer, which gets smaller;
   * NaN in runs that did not count them.
   */
  static final ToDoubleFunction<Row> WEIGHTS = row -> row.number("weight_bytes").orElse(Double.NaN);

  // Whole ranks and rows of different lengths cannot have the same bytes.
  private static final double NEARLY = 0.03;

  /** The curve of the methods with a name. */
  static Curve of(List<Summary> summaries, String method, ToDoubleFunction<Row> bytes) {
    return new Curve(
        method,
        summaries.stream()
            .filter(s -> s.method().equals(method))
            .sorted(Comparator.comparingDouble(s -> s.mean(bytes)))
            .toList(),
        bytes);
  }

  private double bytes(Summary s) {
    return s.mean(bytes);
  }

  /**
   * What makes up the method at some bytes, with weights: outside of its range its last size, if
   * that is nearly of these bytes, and otherwise nothing.
   */
  Map<Summary, Double> at(double bytes) {
    for (int i = 1; i < sizes.size(); i++) {
      double lower = bytes(sizes.get(i - 1));
      double upper = bytes(sizes.get(i));
      if (lower < upper && lower <= bytes && bytes <= upper) {
        double share = Math.log(bytes / lower) / Math.log(upper / lower);
        Map<Summary, Double> both = new LinkedHashMap<>(); // whose order is that of the sizes
        both.put(sizes.get(i - 1), 1 - share);
        both.put(sizes.get(i), share);
        return both;
      }
    }
    return sizes.stream()
        .min(Comparator.comparingDouble(s -> Math.abs(Math.log(bytes(s) / bytes))))
        .filter(s -> Math.abs(Math.log(bytes(s) / bytes)) < NEARLY)
        .map(s -> Map.of(s, 1.0))
        .orElse(Map.of());
  }

  /** Bytes of such a mixture. */
  double bytes(Map<Summary, Double> mixture) {
    double log = 0;
    for (Map.Entry<Summary, Double> part : mixture.entrySet()) {
      log += part.getValue() * Math.log(bytes(part.getKey()));
    }
    return Math.exp(log);
  }
}
