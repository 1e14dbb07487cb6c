/**
 * Factorizing a file of word vectors: what is asked, who computes it, what is left behind.
 *
 * <p>Forbidden: consoles, progress bars, models; knowing any engine but the one of this process.
 */
package io.github.lowrank.factorization;
