package io.github.lowrank.distributed;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.DoubleMatrix;
import java.util.List;

/**
 * Gossip of the Gram matrix. Each node starts with that of its own rows, {@code G_j = E_j^T E_j},
 * of which it sends the upper triangle, {@code n (n + 1) / 2} numbers; the nodes average. The basis
 * is that of the first r eigenvectors, for {@code sum_j G_j} is J times the mean. Up to rounding
 * the result is the truncated singular value decomposition of the whole table.
 *
 * <p>The first message of a node <em>is</em> its Gram matrix: no row of the table, but every inner
 * product of two columns. Where that must not leave the node, use {@link DgdLocal}.
 *
 * @param rank the rank r
 */
@JsonTypeName("gram-gossip")
public record GramGossip(int rank) implements Algorithm {
  public GramGossip {
    if (rank < 1) {
      throw new IllegalArgumentException("expected a rank of at least 1, found " + rank);
    }
  }

  /** State: the upper triangle, row by row, {@code [1, n (n + 1) / 2]}. */
  @Override
  public List<DoubleMatrix> start(DoubleMatrix rows, int node) {
    DoubleMatrix gram = rows.transposedTimes(rows);
    int n = gram.rows();
    double[] packed = new double[Math.toIntExact((long) n * (n + 1) / 2)];
    for (int r = 0, at = 0; r < n; at += n - r, r++) {
      System.arraycopy(gram.values(), r * n + r, packed, at, n - r);
    }
    return List.of(new DoubleMatrix(1, packed.length, packed));
  }

  @Override
  public Round round(long t) {
    return new Averaging();
  }

  @Override
  public double rate(long t) {
    return 0;
  }

  @Override
  public DoubleMatrix basis(List<DoubleMatrix> state) {
    double[] packed = state.get(0).values();
    int n = (int) Math.round((Math.sqrt(8.0 * packed.length + 1) - 1) / 2);
    DoubleMatrix gram = DoubleMatrix.zeros(n, n);
    for (int r = 0, at = 0; r < n; r++) {
      for (int c = r; c < n; c++, at++) {
        gram.values()[r * n + c] = packed[at];
        gram.values()[c * n + r] = packed[at];
      }
    }
    return gram.eigen().vectors().columns(rank);
  }
}
