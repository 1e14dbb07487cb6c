/**
 * Update rules on resource variables, dense and sparse.
 *
 * <p>Forbidden: raw ops on variables (they are in {@code op}), schedules, models.
 */
package io.github.lowrank.optimizer;
