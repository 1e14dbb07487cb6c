/**
 * The experiments: each is a small class with a main method.
 *
 * <p>Forbidden: running, reading or printing anything itself.
 */
package io.github.lowrank.experiments.catalogue;
