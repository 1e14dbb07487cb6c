/**
 * Parameters, bytes and operations of a classifier, counted from its shapes.
 *
 * <p>Forbidden: measuring time, and running anything.
 */
package io.github.lowrank.cost;
