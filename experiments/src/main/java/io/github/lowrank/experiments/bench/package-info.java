/**
 * Ratios of speed and memory, measured in alternating rounds.
 *
 * <p>Forbidden: asserting anything; a benchmark is not a test.
 */
package io.github.lowrank.experiments.bench;
