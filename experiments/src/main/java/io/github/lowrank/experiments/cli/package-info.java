/**
 * The command line: options and printing only.
 *
 * <p>Forbidden: the course of a run ({@code run}), and the experiments themselves, which it is
 * given.
 */
package io.github.lowrank.experiments.cli;
