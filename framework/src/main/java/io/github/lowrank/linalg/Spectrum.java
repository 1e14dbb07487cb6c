package io.github.lowrank.linalg;

import io.github.lowrank.op.Sessions;
import java.util.Arrays;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.SelfAdjointEig;
import org.tensorflow.types.TFloat64;

/**
 * Singular values and right singular vectors of a table: {@code E^T E = V S^2 V^T}.
 *
 * @param singularValues all d of them, descending
 * @param vectors {@code V^T}, {@code [d, d]}: a singular vector per row
 */
public record Spectrum(double[] singularValues, Matrix vectors) {
  /**
   * The spectrum of the table with a Gram matrix.
   *
   * @param gram {@code E^T E}, {@code [d, d]}
   */
  public static Spectrum ofGram(double[] gram, int d) {
    double[] eigenvalues = new double[d];
    double[] columns = new double[d * d];
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat64> sum = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(d, d)));
      SelfAdjointEig<TFloat64> eig = tf.linalg.selfAdjointEig(sum);
      try (Session session = Sessions.open(graph);
          TFloat64 input = TFloat64.tensorOf(Shape.of(d, d), DataBuffers.of(gram));
          Result result = session.runner().feed(sum, input).fetch(eig.e()).fetch(eig.v()).run()) {
        ((TFloat64) result.get(0)).copyTo(DataBuffers.of(eigenvalues));
        ((TFloat64) result.get(1)).copyTo(DataBuffers.of(columns));
      }
    }
    // Eigenvalues are in ascending order.
    double[] singularValues = new double[d];
    float[] vectors = new float[d * d];
    for (int i = 0; i < d; i++) {
      singularValues[i] = Math.sqrt(Math.max(0, eigenvalues[d - 1 - i]));
      for (int row = 0; row < d; row++) {
        vectors[i * d + row] = (float) columns[row * d + (d - 1 - i)];
      }
    }
    return new Spectrum(singularValues, new Matrix(d, d, vectors));
  }

  /**
   * {@code V_k^T}, {@code [k, d]}.
   *
   * @throws IllegalArgumentException if the rank is not in 1 .. d
   */
  public Matrix basis(int rank) {
    int d = vectors.columns();
    if (rank < 1 || rank > d) {
      throw wrongRank(rank, d);
    }
    return new Matrix(rank, d, Arrays.copyOf(vectors.values(), rank * d));
  }

  static IllegalArgumentException wrongRank(int rank, int d) {
    return new IllegalArgumentException(
        "the rank of a table with " + d + " columns must be in 1 .. " + d + ", but is " + rank);
  }

  /**
   * The same with the largest number of every vector positive. Vectors have no sign of their own,
   * so that otherwise two computations of one table may differ in it.
   */
  public Spectrum signed() {
    float[] scales = new float[vectors.rows()];
    for (int row = 0; row < vectors.rows(); row++) {
      float largest = 0;
      for (float x : vectors.row(row)) {
        largest = Math.abs(x) > Math.abs(largest) ? x : largest;
      }
      scales[row] = largest < 0 ? -1 : 1;
    }
    return new Spectrum(singularValues, vectors.scaledRows(scales));
  }

  /** {@code ||E - U_k S_k V_k^T||_F / ||E||_F}. */
  public double relativeError(int rank) {
    return relativeError(singularValues, rank);
  }

  static double relativeError(double[] singularValues, int rank) {
    double all = Arrays.stream(singularValues).map(s -> s * s).sum();
    double cut = Arrays.stream(singularValues).skip(rank).map(s -> s * s).sum();
    return all == 0 ? 0 : Math.sqrt(cut / all);
  }

  /**
   * The smallest rank that keeps a share of the energy, the sum of the squares of the singular
   * values.
   *
   * @param share in (0, 1]
   */
  public int rank(double share) {
    double all = Arrays.stream(singularValues).map(s -> s * s).sum();
    double kept = 0;
    for (int k = 1; k < singularValues.length; k++) {
      kept += singularValues[k - 1] * singularValues[k - 1];
      if (kept >= share * all) {
        return k;
      }
    }
    return singularValues.length;
  }
}
