/**
 * Experiments and trials as data: records that are JSON, and the steps of methods.
 *
 * <p>Forbidden: files, processes, progress, options: a specification does not know how it is run.
 */
package io.github.lowrank.experiments.spec;
