/**
 * Learning rates as pure functions of the step, each with its counterpart in the graph, and their
 * shapes as data.
 *
 * <p>Forbidden: variables, optimizers, and knowing what is trained.
 */
package io.github.lowrank.schedule;
