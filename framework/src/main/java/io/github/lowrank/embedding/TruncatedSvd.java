package io.github.lowrank.embedding;

import io.github.lowrank.op.Sessions;
import java.util.Arrays;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.linalg.SelfAdjointEig;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * Truncated singular value decomposition {@code E ~ U_k S_k V_k^T} of a tall table.
 *
 * <p>By the Gram matrix: {@code E^T E = V S^2 V^T} is only d x d, and {@code U_k S_k = E V_k} needs
 * no division. The table is read twice in blocks of rows, whose products are summed in double
 * precision, so that the extra memory does not grow with the vocabulary. Squaring loses singular
 * values below about 3e-4 of the largest, which a truncation cuts anyway.
 *
 * @param us {@code U_k S_k}, {@code [V, k]}
 * @param v {@code V_k^T}, {@code [k, d]}
 * @param singularValues all d of them, descending
 */
public record TruncatedSvd(Matrix us, Matrix v, double[] singularValues) {
  private static final int BLOCK = 8192;

  /** How the singular values are shared between the two factors. */
  public enum Split {
    /** The paper's: {@code W_a = U_k}, {@code W_b = S_k V_k^T}. */
    PAPER,
    /** {@code W_a = U_k sqrt(S_k)}, {@code W_b = sqrt(S_k) V_k^T}: factors of equal scale. */
    BALANCED
  }

  /**
   * Decomposes {@code table} at {@code rank}.
   *
   * @throws IllegalArgumentException if the rank is not in 1 .. d
   */
  public static TruncatedSvd of(Matrix table, int rank) {
    int d = table.columns();
    if (rank < 1 || rank > d) {
      throw new IllegalArgumentException(
          "the rank of a table with " + d + " columns must be in 1 .. " + d + ", but is " + rank);
    }
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> block =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, d)));
      Operand<TFloat32> gram = tf.linalg.matMul(block, block, MatMul.transposeA(true));
      Placeholder<TFloat64> sum = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(d, d)));
      SelfAdjointEig<TFloat64> eig = tf.linalg.selfAdjointEig(sum);
      Placeholder<TFloat32> basis =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(d, rank)));
      Operand<TFloat32> projection = tf.linalg.matMul(block, basis);

      try (Session session = Sessions.open(graph)) {
        double[] gramSum = new double[d * d];
        float[] part = new float[d * d];
        forBlocks(
            table,
            (start, input) -> {
              try (Result result = session.runner().feed(block, input).fetch(gram).run()) {
                ((TFloat32) result.get(0)).copyTo(DataBuffers.of(part));
              }
              for (int i = 0; i < part.length; i++) {
                gramSum[i] += part[i];
              }
            });
        double[] eigenvalues = new double[d];
        double[] vectors = new double[d * d];
        try (TFloat64 input = TFloat64.tensorOf(Shape.of(d, d), DataBuffers.of(gramSum));
            Result result = session.runner().feed(sum, input).fetch(eig.e()).fetch(eig.v()).run()) {
          ((TFloat64) result.get(0)).copyTo(DataBuffers.of(eigenvalues));
          ((TFloat64) result.get(1)).copyTo(DataBuffers.of(vectors));
        }
        // Eigenvalues come in ascending order.
        double[] singularValues = new double[d];
        for (int i = 0; i < d; i++) {
          singularValues[i] = Math.sqrt(Math.max(0, eigenvalues[d - 1 - i]));
        }
        float[] vk = new float[d * rank];
        float[] vkTransposed = new float[d * rank];
        for (int row = 0; row < d; row++) {
          for (int i = 0; i < rank; i++) {
            float entry = (float) vectors[row * d + (d - 1 - i)];
            vk[row * rank + i] = entry;
            vkTransposed[i * d + row] = entry;
          }
        }
        float[] us = new float[Math.multiplyExact(table.rows(), rank)];
        try (TFloat32 columns = TFloat32.tensorOf(Shape.of(d, rank), DataBuffers.of(vk))) {
          forBlocks(
              table,
              (start, input) -> {
                int length = Math.toIntExact(input.shape().get(0)) * rank;
                try (Result result =
                    session
                        .runner()
                        .feed(block, input)
                        .feed(basis, columns)
                        .fetch(projection)
                        .run()) {
                  ((TFloat32) result.get(0))
                      .copyTo(DataBuffers.of(us).offset((long) start * rank).narrow(length));
                }
              });
        }
        return new TruncatedSvd(
            new Matrix(table.rows(), rank, us), new Matrix(rank, d, vkTransposed), singularValues);
      }
    }
  }

  private interface BlockConsumer {
    void accept(int start, TFloat32 rows);
  }

  private static void forBlocks(Matrix table, BlockConsumer consumer) {
    for (int start = 0; start < table.rows(); start += BLOCK) {
      int rows = Math.min(BLOCK, table.rows() - start);
      try (TFloat32 input =
          TFloat32.tensorOf(
              Shape.of(rows, table.columns()),
              DataBuffers.of(table.values())
                  .offset((long) start * table.columns())
                  .narrow((long) rows * table.columns()))) {
        consumer.accept(start, input);
      }
    }
  }

  /** The rank k. */
  public int rank() {
    return v.rows();
  }

  /** {@code ||E - U_k S_k V_k^T||_F / ||E||_F}, from the singular values. */
  public double relativeError() {
    double all = Arrays.stream(singularValues).map(s -> s * s).sum();
    double cut = Arrays.stream(singularValues).skip(rank()).map(s -> s * s).sum();
    return all == 0 ? 0 : Math.sqrt(cut / all);
  }

  /** The two factors. */
  public EmbeddingTable.LowRank factors(Split split) {
    int k = rank();
    float[] wa = us.values().clone();
    float[] wb = v.values().clone();
    for (int i = 0; i < k; i++) {
      double s = singularValues[i];
      double share = split == Split.PAPER ? s : Math.sqrt(s);
      float down = share == 0 ? 0 : (float) (1 / share);
      for (int row = 0; row < us.rows(); row++) {
        wa[row * k + i] *= down;
      }
      for (int column = 0; column < v.columns(); column++) {
        wb[i * v.columns() + column] *= (float) share;
      }
    }
    return new EmbeddingTable.LowRank(
        new EmbeddingTable.Dense(new Matrix(us.rows(), k, wa)), new Matrix(k, v.columns(), wb));
  }
}
