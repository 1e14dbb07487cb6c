package io.github.lowrank.experiments.report;

/**
 * A claim over all data sets, which are its units.
 *
 * @param datasets number of data sets
 * @param effect mean over data sets of each one's mean effect, in the unit of the claim
 * @param low lower end of the 95 % interval over data sets; NaN with fewer than two
 * @param high upper end
 * @param p of the claim's test over data sets; NaN with fewer than two
 * @param adjusted the same after Holm's correction over the claims
 * @param verdict as in {@link Cell}
 */
public record Overall(
    int datasets,
    double effect,
    double low,
    double high,
    double p,
    double adjusted,
    String verdict) {}
