/**
 * The catalogue of data sets and word vectors: where each comes from, its checksum, licence, reader
 * and splits. Knows nothing of models or experiments.
 */
package io.github.lowrank.datasets;
