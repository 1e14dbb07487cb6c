/**
 * Learning rates as pure functions of the step, each with its twin in the graph, and their shapes
 * as data.
 *
 * <p>Forbidden: variables, optimizers, what is trained.
 */
package io.github.lowrank.schedule;
