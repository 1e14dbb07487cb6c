/**
 * Ratios of speed and memory, measured side by side.
 *
 * <p>Forbidden: asserting anything; a benchmark is not a test.
 */
package io.github.lowrank.experiments.bench;
