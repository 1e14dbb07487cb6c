/** Benchmarks: ratios of two ways to do the same, measured side by side in one process. */
package io.github.lowrank.experiments.bench;
