/**
 * Matrices and their truncated singular value decomposition, in memory or read in blocks; and in a
 * graph, decompositions with gradients ({@link io.github.lowrank.linalg.BestRank}, {@link
 * io.github.lowrank.linalg.FactorKernels}, {@link io.github.lowrank.linalg.ThinSvd}, {@link
 * io.github.lowrank.linalg.SymmetricEigen}).
 *
 * <p>Forbidden: embeddings, models, file layouts other than plain floats.
 */
package io.github.lowrank.linalg;
