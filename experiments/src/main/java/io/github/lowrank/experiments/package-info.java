/**
 * The entry point: the command line with the experiments of the catalogue.
 *
 * <p>Forbidden: everything else; no room depends on this one.
 */
package io.github.lowrank.experiments;
