/**
 * The training loop over an objective, metrics, listeners, checkpoints, and scoring.
 *
 * <p>Forbidden: consoles, progress bars, reports; listeners in other rooms take care of these.
 */
package io.github.lowrank.train;
