package io.github.lowrank.distributed;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random tables for tests. */
final class Tables {
  private Tables() {}

  /**
   * A table with Gaussian factors and a spectral norm of 1, plus noise, in equal parts.
   *
   * @return for each node {@code [rows / nodes, columns]}
   */
  static List<DoubleMatrix> lowRank(
      int nodes, int rows, int columns, int rank, double noise, long seed) {
    Random random = new Random(seed);
    DoubleMatrix product =
        DoubleMatrix.gaussian(rows, rank, 1, random)
            .times(DoubleMatrix.gaussian(rank, columns, 1, random));
    double norm = Math.sqrt(product.transposedTimes(product).eigen().values()[0]);
    DoubleMatrix table =
        product.map(x -> x / norm).plus(1, DoubleMatrix.gaussian(rows, columns, noise, random));
    return split(table, nodes);
  }

  /** Rows in parts of nearly equal size. */
  static List<DoubleMatrix> split(DoubleMatrix table, int nodes) {
    List<DoubleMatrix> parts = new ArrayList<>();
    for (int j = 0; j < nodes; j++) {
      int from = (int) ((long) table.rows() * j / nodes);
      parts.add(table.rows(from, (int) ((long) table.rows() * (j + 1) / nodes) - from));
    }
    return parts;
  }
}
