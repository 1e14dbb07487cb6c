package io.github.lowrank.train;

/**
 * One look at dev.
 *
 * @param step steps done
 * @param loss mean training loss since the last evaluation; NaN at step 0
 * @param rate learning rate of the last step
 * @param devAccuracy in [0, 1]
 */
public record Evaluation(long step, double loss, double rate, double devAccuracy) {}
