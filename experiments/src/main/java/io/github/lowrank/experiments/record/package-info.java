/**
 * What a run leaves behind, as files that people and programs read: {@code trials.csv} ({@link
 * io.github.lowrank.experiments.record.Row}), {@code correct.csv} ({@link
 * io.github.lowrank.experiments.record.Bits}), {@code history.csv} ({@link
 * io.github.lowrank.experiments.record.History}), {@code rates.csv} ({@link
 * io.github.lowrank.experiments.record.Rates}) and {@code provenance.json}. Their layouts are known
 * here and nowhere else.
 *
 * <p>Forbidden: running anything, and any other room of the experiments.
 */
package io.github.lowrank.experiments.record;
