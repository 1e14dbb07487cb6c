/**
 * The forms that a table of word vectors or a weight matrix can take, one file each: numbers,
 * values in a graph, cost.
 *
 * <p>Forbidden: referring to a form outside its own file, and knowing encoders, heads or training.
 */
package io.github.lowrank.embedding;
