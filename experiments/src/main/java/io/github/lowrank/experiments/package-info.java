/**
 * The entry point: the command line with the catalogue's experiments.
 *
 * <p>Forbidden: everything else; no room depends on this one.
 */
package io.github.lowrank.experiments;
