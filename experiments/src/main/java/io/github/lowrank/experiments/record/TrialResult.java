package io.github.lowrank.experiments.record;

import io.github.lowrank.train.Evaluation;
import java.util.List;

/**
 * What a trial found: its row, and what does not fit into a row.
 *
 * @param row of {@code trials.csv}
 * @param singularValues of the factorised table, descending
 * @param history looks at dev over all stages, steps counted through
 * @param testCorrect which test texts were classified right, as {@link Bits}
 */
public record TrialResult(
    Row row, List<Double> singularValues, List<Evaluation> history, String testCorrect) {

  /** Steps until dev accuracy first reached 99 % of its best. */
  public static long stepsTo99(List<Evaluation> history) {
    double best = history.stream().mapToDouble(Evaluation::devAccuracy).max().orElse(0);
    return history.stream()
        .filter(e -> e.devAccuracy() >= 0.99 * best)
        .mapToLong(Evaluation::step)
        .min()
        .orElse(0);
  }

  /** The same with measured latencies. */
  public TrialResult withLatency(Row.LatencyQuantiles latency) {
    return new TrialResult(row.withLatency(latency), singularValues, history, testCorrect);
  }
}
