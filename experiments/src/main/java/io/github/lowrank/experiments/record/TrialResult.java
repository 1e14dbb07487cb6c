package io.github.lowrank.experiments.record;

import io.github.lowrank.train.Evaluation;
import java.util.List;
import java.util.Map;

/**
 * What a trial found: its row, and what does not fit into a row.
 *
 * @param row of {@code trials.csv}
 * @param measured what its steps found, singular values included, by name
 * @param history evaluations on dev over all trainings; steps count on from one to the next
 * @param testCorrect which test texts were classified correctly, as {@link Bits}
 * @param modelSha256 checksum of all files of its SavedModel
 */
public record TrialResult(
    Row row,
    Map<String, Object> measured,
    List<Evaluation> history,
    String testCorrect,
    String modelSha256) {
  /** Among the measured: share of the training texts that the first teacher labels right. */
  public static final String TEACHER = "teacher_accuracy";

  /**
   * Among the measured: the step, counted over all trainings, at which a training (the last such
   * one, or that of a teacher) diverged (a {@code DivergedException}). It ended there, with its
   * best on dev so far.
   */
  public static final String DIVERGED = "diverged_at_step";

  /** Steps until the metric first reached 99 % of its best. */
  public static long stepsTo99(List<Evaluation> history) {
    double best = history.stream().mapToDouble(Evaluation::selected).max().orElse(0);
    return history.stream()
        .filter(e -> e.selected() >= 0.99 * best)
        .mapToLong(Evaluation::step)
        .min()
        .orElse(0);
  }

  /** The same with measured latencies. */
  public TrialResult withLatency(Row.LatencyQuantiles latency) {
    return new TrialResult(row.withLatency(latency), measured, history, testCorrect, modelSha256);
  }
}
