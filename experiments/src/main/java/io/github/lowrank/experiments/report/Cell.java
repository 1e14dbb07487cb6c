package io.github.lowrank.experiments.report;

/**
 * A claim on one data set with one model and one rival.
 *
 * @param dataset name
 * @param model name
 * @param run folder of the rows
 * @param method label of the method that the claim is about
 * @param rival label of what it is compared with
 * @param seeds number of seeds that both have; of folds, where runs differ in their split
 * @param texts number of test texts; 0 where texts play no part
 * @param effect of the method, positive where it is ahead: a fraction
 * @param low lower end of the 95 % interval
 * @param high upper end
 * @param p of the claim's test; NaN where there is none, for example with one seed
 * @param adjusted the same after Holm's correction over the cells that carry the verdict; NaN for
 *     cells that are only shown
 * @param detectable the smallest effect that this design finds with 80 % power; for non-inferiority
 *     the smallest distance from the margin
 * @param bytesRatio rival's bytes over the method's: 1 where interpolated at equal bytes, NaN where
 *     bytes play no part
 * @param verdict {@link #HOLDS}, {@link #NOT_SHOWN} or {@link #DOES_NOT_HOLD}; {@link #ONLY_SHOWN}
 *     of cells that take no part in the claim's
 */
public record Cell(
    String dataset,
    String model,
    String run,
    String method,
    String rival,
    int seeds,
    int texts,
    double effect,
    double low,
    double high,
    double p,
    double adjusted,
    double detectable,
    double bytesRatio,
    String verdict) {
  public static final String HOLDS = "holds";
  public static final String NOT_SHOWN = "not shown";
  public static final String DOES_NOT_HOLD = "does not hold";
  public static final String ONLY_SHOWN = "only shown";

  /** Whether the cell takes part in the verdict, and in its correction. */
  public boolean carries() {
    return !Double.isNaN(adjusted);
  }

  Cell corrected(double adjusted, String verdict) {
    return new Cell(
        dataset,
        model,
        run,
        method,
        rival,
        seeds,
        texts,
        effect,
        low,
        high,
        p,
        adjusted,
        detectable,
        bytesRatio,
        verdict);
  }
}
