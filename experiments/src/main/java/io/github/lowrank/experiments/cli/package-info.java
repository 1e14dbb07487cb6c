/** The command line. */
package io.github.lowrank.experiments.cli;
