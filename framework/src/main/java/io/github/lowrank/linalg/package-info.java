/**
 * Matrices and their truncated singular value decomposition, in memory or read in blocks.
 *
 * <p>Forbidden: embeddings, models, files of anybody's layout but plain floats.
 */
package io.github.lowrank.linalg;
