package io.github.lowrank.linalg;

import io.github.lowrank.op.Sessions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
 * <p>Computed from the Gram matrix: {@code E^T E = V S^2 V^T} is only d x d, and {@code U_k S_k = E
 * V_k} needs no division. The table is read twice in blocks of rows, one block per thread at a
 * time, and the products of the blocks are summed in double precision in the order of the blocks.
 * So the extra memory does not grow with the vocabulary, and the result does not depend on the
 * number of threads. Squaring loses singular values below about 3e-4 of the largest, which a
 * truncation omits anyway.
 *
 * @param us {@code U_k S_k}, {@code [V, k]}
 * @param v {@code V_k^T}, {@code [k, d]}
 * @param singularValues all d of them, descending
 */
public record TruncatedSvd(Matrix us, Matrix v, double[] singularValues) {
  private static final int BLOCK = 8192;

  /** How the singular values are split between the two factors. */
  public enum Split {
    /** The paper's: {@code W_a = U_k}, {@code W_b = S_k V_k^T}. */
    PAPER,
    /** {@code W_a = U_k sqrt(S_k)}, {@code W_b = sqrt(S_k) V_k^T}: factors of equal scale. */
    BALANCED
  }

  /**
   * What {@link #stream} returns after it has passed on the rows of {@code U_k S_k}.
   *
   * @param v {@code V_k^T}, {@code [k, d]}
   * @param singularValues all d of them, descending
   */
  public record Streamed(Matrix v, double[] singularValues) {}

  /** Receives the rows of {@code U_k S_k}, block by block, in order. */
  public interface RowsConsumer {
    /**
     * Receives a block of rows.
     *
     * @param start index of the first row
     * @param rows concatenated rows of k numbers each
     */
    void accept(int start, float[] rows) throws IOException;
  }

  /**
   * Decomposes {@code table} at {@code rank}.
   *
   * @throws IllegalArgumentException if the rank is not in 1 .. d
   */
  public static TruncatedSvd of(Matrix table, int rank) {
    try {
      float[] us = new float[Math.multiplyExact(table.rows(), rank)];
      Streamed streamed =
          stream(
              new MatrixRows(table),
              rank,
              (start, rows) -> System.arraycopy(rows, 0, us, start * rank, rows.length));
      return new TruncatedSvd(
          new Matrix(table.rows(), rank, us), streamed.v(), streamed.singularValues());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot happen: no file is read
    }
  }

  /**
   * Decomposes a table without holding it or its left factor in memory: the table is read twice,
   * and the rows of {@code U_k S_k} are passed on as they are computed.
   *
   * @throws IllegalArgumentException if the rank is not in 1 .. d
   */
  public static Streamed stream(TableRows table, int rank, RowsConsumer us) throws IOException {
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
        forBlocks(
            table,
            rows -> floats(Sessions.caller(session).feed(block, rows).fetch(gram)),
            (start, part) -> {
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
        // Eigenvalues are in ascending order.
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
        try (TFloat32 columns = TFloat32.tensorOf(Shape.of(d, rank), DataBuffers.of(vk))) {
          forBlocks(
              table,
              rows ->
                  floats(
                      Sessions.caller(session)
                          .feed(block, rows)
                          .feed(basis, columns)
                          .fetch(projection)),
              us);
        }
        return new Streamed(new Matrix(rank, d, vkTransposed), singularValues);
      }
    }
  }

  private record MatrixRows(Matrix matrix) implements TableRows {
    @Override
    public int rows() {
      return matrix.rows();
    }

    @Override
    public int columns() {
      return matrix.columns();
    }

    @Override
    public FloatBuffer read(int start, int count) {
      return FloatBuffer.wrap(matrix.values(), start * columns(), count * columns()).slice();
    }
  }

  private interface BlockFunction {
    float[] of(TFloat32 rows);
  }

  private static float[] floats(Session.Runner runner) {
    try (Result result = runner.run()) {
      TFloat32 value = (TFloat32) result.get(0);
      float[] floats = new float[Math.toIntExact(value.size())];
      value.copyTo(DataBuffers.of(floats));
      return floats;
    }
  }

  /** Processes several blocks at a time, each in one thread; returns their results in order. */
  private static void forBlocks(TableRows table, BlockFunction function, RowsConsumer consumer)
      throws IOException {
    record Pending(int start, Future<float[]> result) {}
    int threads = Sessions.threads();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      Deque<Pending> pending = new ArrayDeque<>();
      for (long start = 0; start < table.rows() || !pending.isEmpty(); start += BLOCK) {
        if (start < table.rows()) {
          int from = (int) start;
          int count = Math.min(BLOCK, table.rows() - from);
          Callable<float[]> work =
              () -> {
                try (TFloat32 rows =
                    TFloat32.tensorOf(
                        Shape.of(count, table.columns()),
                        DataBuffers.of(table.read(from, count)))) {
                  return function.of(rows);
                }
              };
          pending.add(new Pending(from, pool.submit(work)));
        }
        if (pending.size() > threads || start + BLOCK >= table.rows()) {
          Pending done = pending.remove();
          consumer.accept(done.start(), done.result().get());
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while factorizing a table", e);
    } finally {
      pool.shutdownNow();
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

  /**
   * The two factors of {@code E ~ W_a W_b}.
   *
   * @param wa {@code [V, k]}
   * @param wb {@code [k, d]}
   */
  public record Factors(Matrix wa, Matrix wb) {}

  /** The two factors. */
  public Factors factors(Split split) {
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
    return new Factors(new Matrix(us.rows(), k, wa), new Matrix(k, v.columns(), wb));
  }
}
