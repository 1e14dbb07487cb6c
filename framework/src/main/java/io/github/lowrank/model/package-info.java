/**
 * Encoders (words to a vector), heads (the vector to scores and a loss), dropout, and a classifier
 * with all its values, as data and as a graph.
 *
 * <p>Forbidden: training, files, strings.
 */
package io.github.lowrank.model;
