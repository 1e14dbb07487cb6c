/**
 * The forms that a table of word vectors can take (dense, low-rank, fixed-point), their lookups in
 * a graph, truncated SVD and the arithmetic of ranks.
 */
package io.github.lowrank.embedding;
