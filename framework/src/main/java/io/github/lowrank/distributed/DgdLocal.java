package io.github.lowrank.distributed;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.DoubleMatrix;
import java.util.List;
import java.util.Random;

/**
 * DGD+LOCAL: Zhu, Li, Yang, Tang and Wakin, <a href="https://arxiv.org/abs/1811.03129">Distributed
 * Low-rank Matrix Factorization With Exact Consensus</a> (NeurIPS 2019). Every node descends on its
 * own {@code f_j = ||U^j V_j^T - E_j^T||_F^2}, and the nodes mix their copies U^j of the shared
 * factor; V_j and the rows stay at the node. With a constant step the copies agree in the limit if
 * the table's rank is at most r. Otherwise U shrinks and V grows for ever, which makes it free to
 * disagree, and each node drifts to its own decomposition; {@code tracking} (ours, {@link
 * TrackedDescent}), decreasing steps, or {@link #basis} of the averaged copies are the remedies.
 *
 * <p>After {@code descents} rounds the nodes only average their copies, so that the basis, the
 * factor Q of {@code U^j = QR}, is nearly that of their mean. A node then chooses the best factor
 * for that basis, {@code V_j = E_j Q}.
 *
 * @param rank the rank r
 * @param step mu; must be below about {@code (1 + lambda_min(W)) / L}, {@code L ~ 2 max_j
 *     (||U^j||^2 + ||V_j||^2)}, so it depends on the size of table and start: scale the table to a
 *     spectral norm of 1
 * @param halvedAfter the step in round t is {@code mu / (1 + t / halvedAfter)}; 0: constant
 * @param deviation of the Gaussian start; 0: {@code 1 / sqrt(max(m_j, n))}
 * @param seed of the start, from which every node derives its own
 * @param descents rounds before the averaging
 * @param tracking whether the nodes track the mean gradient
 */
@JsonTypeName("dgd-local")
public record DgdLocal(
    int rank,
    double step,
    double halvedAfter,
    double deviation,
    long seed,
    long descents,
    boolean tracking)
    implements Algorithm {
  public DgdLocal {
    if (rank < 1) {
      throw new IllegalArgumentException("expected a rank of at least 1, found " + rank);
    }
    if (!(step > 0 && step < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("expected a step above 0, found " + step);
    }
    if (!(halvedAfter >= 0) || !(deviation >= 0) || descents < 0) {
      throw new IllegalArgumentException(
          "expected no negative numbers, found halvedAfter %s, deviation %s, descents %d"
              .formatted(halvedAfter, deviation, descents));
    }
  }

  /** With a constant step, all rounds descents, as in the paper. */
  public static DgdLocal constant(int rank, double step, double deviation, long seed) {
    return new DgdLocal(rank, step, 0, deviation, seed, Long.MAX_VALUE, false);
  }

  /** The same with gradient tracking. */
  public DgdLocal tracked() {
    return new DgdLocal(rank, step, halvedAfter, deviation, seed, descents, true);
  }

  /** The same with steps that are halved after so many rounds. */
  public DgdLocal decreasing(double rounds) {
    return new DgdLocal(rank, step, rounds, deviation, seed, descents, tracking);
  }

  /** The same with averaging alone after so many rounds. */
  public DgdLocal averagingAfter(long rounds) {
    return new DgdLocal(rank, step, halvedAfter, deviation, seed, rounds, tracking);
  }

  @Override
  public List<DoubleMatrix> start(DoubleMatrix rows, int node) {
    Random random = new Random(seed * 1_000_003L + node);
    double size = deviation > 0 ? deviation : 1 / Math.sqrt(Math.max(rows.rows(), rows.columns()));
    DoubleMatrix u = DoubleMatrix.gaussian(rows.columns(), rank, size, random);
    DoubleMatrix v = DoubleMatrix.gaussian(rows.rows(), rank, size, random);
    if (!tracking) {
      return List.of(u, v);
    }
    Descent.Gradients<DoubleMatrix> first = Descent.gradients(rows, u, v);
    return List.of(u, v, first.u(), first.u(), first.v());
  }

  @Override
  public Round round(long t) {
    if (t >= descents) {
      return new Averaging();
    }
    return tracking ? new TrackedDescent() : new Descent();
  }

  @Override
  public double rate(long t) {
    return halvedAfter == 0 ? step : step / (1 + t / halvedAfter);
  }

  @Override
  public DoubleMatrix basis(List<DoubleMatrix> state) {
    return state.get(0).orthonormal();
  }
}
