/**
 * The catalogue of data sets and word vectors: where each comes from, checksum, licence, reader and
 * splits; downloading them; and readers for a user's own files.
 *
 * <p>Forbidden: everything else of ours.
 */
package io.github.lowrank.datasets;
