/**
 * The command line: options and printing only.
 *
 * <p>Forbidden: the logic of a run ({@code run}), and the experiments themselves, which are passed
 * in.
 */
package io.github.lowrank.experiments.cli;
