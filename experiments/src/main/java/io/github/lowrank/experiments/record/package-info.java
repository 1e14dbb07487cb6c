/**
 * What a run leaves: rows, looks at dev, provenance, as files that people and programs read.
 *
 * <p>Forbidden: running anything; reports stand on this room alone.
 */
package io.github.lowrank.experiments.record;
