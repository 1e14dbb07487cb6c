package io.github.lowrank.distributed;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.List;

/**
 * How good the nodes' factors are, computed by somebody who sees all of them: for simulations and
 * reports, not for nodes. A node's own error can be below the optimum, for each may use another U:
 * only errors of one basis for all rows are comparable with the optimum's.
 */
public final class Quality {
  private final List<DoubleMatrix> rows;
  private final int rank;
  private final double squares;
  private final DoubleMatrix best;
  private final double captured;

  /**
   * Computes the optimum.
   *
   * @param rows of each node, {@code [m_j, n]}
   */
  public Quality(List<DoubleMatrix> rows, int rank) {
    this(rows, optimum(rows, rank));
  }

  /**
   * With an optimum that is known.
   *
   * @param best the first r right singular vectors of the whole table, {@code [n, r]}
   */
  public Quality(List<DoubleMatrix> rows, DoubleMatrix best) {
    this.rows = List.copyOf(rows);
    this.rank = best.columns();
    this.best = best;
    this.squares = rows.stream().mapToDouble(DoubleMatrix::squares).sum();
    this.captured = captured(best);
  }

  private static DoubleMatrix optimum(List<DoubleMatrix> rows, int rank) {
    DoubleMatrix gram = null;
    for (DoubleMatrix own : rows) {
      DoubleMatrix part = own.transposedTimes(own);
      gram = gram == null ? part : gram.plus(1, part);
    }
    return gram.eigen().vectors().columns(rank);
  }

  private double captured(DoubleMatrix basis) {
    return rows.stream().mapToDouble(own -> own.times(basis).squares()).sum();
  }

  /** The rank r. */
  public int rank() {
    return rank;
  }

  /** The first r right singular vectors of the whole table, {@code [n, r]}. */
  public DoubleMatrix best() {
    return best;
  }

  /** The largest singular value of the whole table, by which DGD+LOCAL wants it divided. */
  public double largestSingularValue() {
    DoubleMatrix first = best.columns(1);
    return Math.sqrt(captured(first));
  }

  /** {@code ||E||_F^2}. */
  public double squares() {
    return squares;
  }

  /** {@code ||E - E V_r V_r^T||_F^2}, the least squared error of rank r. */
  public double optimum() {
    return squares - captured;
  }

  /**
   * By how much the squared error of the whole table with this basis is above the least, as a
   * fraction of the least: {@code (||E - E Q Q^T||^2 - ||E - E V_r V_r^T||^2) / ||E - E V_r
   * V_r^T||^2}. Rounding leaves some 1e-15.
   *
   * @param basis orthonormal, {@code [n, r]}
   */
  public double excess(DoubleMatrix basis) {
    return (captured - captured(basis)) / optimum();
  }

  /** {@code ||E - E Q Q^T||_F / ||E||_F}; rounding leaves some 1e-8. */
  public double relativeError(DoubleMatrix basis) {
    return Math.sqrt(Math.max(0, squares - captured(basis)) / squares);
  }

  /** {@code sum_j ||U^j V_j^T - Y_j||_F^2} of copies and local factors. */
  public double ownError(List<List<DoubleMatrix>> states) {
    double sum = 0;
    for (int j = 0; j < rows.size(); j++) {
      DoubleMatrix u = states.get(j).get(0);
      DoubleMatrix v = states.get(j).get(1);
      sum += v.times(u.transposed()).plus(-1, rows.get(j)).squares();
    }
    return sum;
  }

  /** The mean over the nodes of the first matrix of their states. */
  public static DoubleMatrix mean(List<List<DoubleMatrix>> states) {
    DoubleMatrix mean = states.get(0).get(0).map(x -> 0);
    for (List<DoubleMatrix> state : states) {
      mean = mean.plus(1.0 / states.size(), state.get(0));
    }
    return mean;
  }

  /** {@code sum_j ||U^j - mean U||_F^2}. */
  public static double disagreement(List<List<DoubleMatrix>> states) {
    DoubleMatrix mean = mean(states);
    return states.stream().mapToDouble(state -> state.get(0).plus(-1, mean).squares()).sum();
  }
}
