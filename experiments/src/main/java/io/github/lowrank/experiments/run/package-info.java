/**
 * Running an experiment, from the search for rates to the report: data, tasks, executors, the
 * store.
 *
 * <p>Forbidden: options and printing ({@code cli}), and knowing any experiment by name.
 */
package io.github.lowrank.experiments.run;
