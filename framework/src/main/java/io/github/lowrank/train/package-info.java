/**
 * The training loop over an objective, metrics, listeners, checkpoints, and scoring.
 *
 * <p>Forbidden: consoles, progress bars, reports; a listener shows what it likes elsewhere.
 */
package io.github.lowrank.train;
