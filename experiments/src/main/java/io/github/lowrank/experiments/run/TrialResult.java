package io.github.lowrank.experiments.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.github.lowrank.train.Evaluation;
import java.util.List;

/**
 * What a trial found; all that tables and figures are made of.
 *
 * @param trial id of the trial
 * @param experiment name
 * @param dataset name
 * @param model name
 * @param method name
 * @param removed fraction of embedding parameters that the method was asked to remove
 * @param rank of the factors; 0 if not factorised
 * @param bits width of the stored numbers
 * @param seed of the trial
 * @param learningRate highest rate of all schedules
 * @param steps training steps in all
 * @param devAccuracy of the final classifier, in [0, 1]
 * @param testAccuracy in [0, 1]
 * @param embeddingParameters numbers in the table
 * @param embeddingBytes bytes of the table
 * @param savedModelBytes bytes of the exported folder
 * @param flopsPerSentence for a sentence of the mean length of test
 * @param svdRelativeError Frobenius error of the factorization; 0 if none
 * @param singularValues of the factorised table, descending
 * @param trainSeconds wall time of all training stages, wherever they were computed
 * @param latencyMicrosBatch1 median per sentence at batch 1; NaN if not measured
 * @param latencyMicrosBatch64 median per sentence at batch 64; NaN if not measured
 * @param history looks at dev over all stages, steps counted through
 * @param testCorrect which test texts were classified right, as {@link Bits}
 */
public record TrialResult(
    String trial,
    String experiment,
    String dataset,
    String model,
    String method,
    double removed,
    int rank,
    int bits,
    int seed,
    double learningRate,
    long steps,
    double devAccuracy,
    double testAccuracy,
    long embeddingParameters,
    long embeddingBytes,
    long savedModelBytes,
    long flopsPerSentence,
    double svdRelativeError,
    List<Double> singularValues,
    double trainSeconds,
    double latencyMicrosBatch1,
    double latencyMicrosBatch64,
    List<Evaluation> history,
    String testCorrect) {

  /** Whether the latencies are measured. */
  @JsonIgnore
  public boolean measured() {
    return !Double.isNaN(latencyMicrosBatch1);
  }

  /** Steps until dev accuracy first reached 99 % of its best. */
  @JsonIgnore
  public long stepsTo99() {
    double best = history.stream().mapToDouble(Evaluation::devAccuracy).max().orElse(0);
    return history.stream()
        .filter(e -> e.devAccuracy() >= 0.99 * best)
        .mapToLong(Evaluation::step)
        .min()
        .orElse(0);
  }

  /** The same with measured latencies. */
  public TrialResult withLatency(double batch1, double batch64) {
    return new TrialResult(
        trial,
        experiment,
        dataset,
        model,
        method,
        removed,
        rank,
        bits,
        seed,
        learningRate,
        steps,
        devAccuracy,
        testAccuracy,
        embeddingParameters,
        embeddingBytes,
        savedModelBytes,
        flopsPerSentence,
        svdRelativeError,
        singularValues,
        trainSeconds,
        batch1,
        batch64,
        history,
        testCorrect);
  }
}
