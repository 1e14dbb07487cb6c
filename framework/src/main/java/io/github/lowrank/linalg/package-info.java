/**
 * Matrices and their truncated singular value decomposition, in memory or read in blocks.
 *
 * <p>Forbidden: embeddings, models, file layouts other than plain floats.
 */
package io.github.lowrank.linalg;
