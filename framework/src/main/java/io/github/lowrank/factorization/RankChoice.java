package io.github.lowrank.factorization;

import io.github.lowrank.embedding.Rank;
import io.github.lowrank.linalg.Spectrum;

/** Chooses the rank once the spectrum of the table is known. */
public interface RankChoice {
  /**
   * The rank.
   *
   * @param rows number of rows of the table
   * @throws IllegalArgumentException if there is none
   */
  int rank(long rows, Spectrum spectrum);

  /** The largest rank that removes at least the share {@code removed} of the numbers. */
  static RankChoice removing(double removed) {
    return (rows, spectrum) ->
        Rank.of(Math.toIntExact(rows), spectrum.singularValues().length, removed);
  }

  /** A given rank. */
  static RankChoice of(int rank) {
    return (rows, spectrum) -> spectrum.basis(rank).rows();
  }

  /** The smallest rank that keeps a share of the squares of all numbers, in (0, 1]. */
  static RankChoice keeping(double energy) {
    return (rows, spectrum) -> spectrum.rank(energy);
  }
}
