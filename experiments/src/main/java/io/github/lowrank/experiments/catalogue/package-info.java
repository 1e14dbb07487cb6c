/**
 * The experiments that there are, a small class each, with a main method.
 *
 * <p>Forbidden: running, reading or printing anything itself.
 */
package io.github.lowrank.experiments.catalogue;
