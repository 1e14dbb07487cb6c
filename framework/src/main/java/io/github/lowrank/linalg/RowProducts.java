package io.github.lowrank.linalg;

import io.github.lowrank.op.Sessions;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
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
import org.tensorflow.types.TFloat32;

/**
 * Products of a table that is read in blocks, one block per thread at a time. Results are taken in
 * the order of the blocks, so they do not depend on the number of threads.
 */
public final class RowProducts {
  private RowProducts() {}

  /**
   * A Gram matrix.
   *
   * @param rows number of rows of the table
   * @param values {@code E^T E}, {@code [d, d]}
   */
  public record GramMatrix(long rows, double[] values) {}

  /**
   * Receives the product of a block.
   *
   * @param <B> the blocks
   */
  public interface Consumer<B> {
    /**
     * Receives the product of a block, in the order of the blocks.
     *
     * @param product concatenated rows
     */
    void accept(B block, float[] product) throws IOException;
  }

  /** {@code E^T E}: a float product per block, summed in double precision. */
  public static <B extends RowBlocks.Block> GramMatrix gram(RowBlocks<B> table) throws IOException {
    int d = table.columns();
    double[] sum = new double[Math.multiplyExact(d, d)];
    long[] rows = {0};
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> block = block(tf, d);
      Operand<TFloat32> gram = tf.linalg.matMul(block, block, MatMul.transposeA(true));
      try (Session session = Sessions.open(graph)) {
        forBlocks(
            table,
            numbers -> floats(Sessions.caller(session).feed(block, numbers).fetch(gram)),
            (part, product) -> {
              rows[0] += part.rows();
              for (int i = 0; i < product.length; i++) {
                sum[i] += product[i];
              }
            });
      }
    }
    return new GramMatrix(rows[0], sum);
  }

  /**
   * {@code E M}, block by block.
   *
   * @param right M, {@code [d, k]}
   */
  public static <B extends RowBlocks.Block> void times(
      RowBlocks<B> table, Matrix right, Consumer<B> consumer) throws IOException {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> block = block(tf, table.columns());
      Placeholder<TFloat32> basis =
          tf.placeholder(
              TFloat32.class, Placeholder.shape(Shape.of(right.rows(), right.columns())));
      Operand<TFloat32> product = tf.linalg.matMul(block, basis);
      try (Session session = Sessions.open(graph);
          TFloat32 columns =
              TFloat32.tensorOf(
                  Shape.of(right.rows(), right.columns()), DataBuffers.of(right.values()))) {
        forBlocks(
            table,
            rows ->
                floats(
                    Sessions.caller(session).feed(block, rows).feed(basis, columns).fetch(product)),
            consumer);
      }
    }
  }

  private static Placeholder<TFloat32> block(Ops tf, int columns) {
    return tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, columns)));
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

  private record Pending<B>(B block, Future<float[]> product) {
    void finish(Consumer<B> consumer) throws IOException {
      try {
        consumer.accept(block, product.get());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException io) {
          throw io;
        }
        if (e.getCause() instanceof Error error) {
          throw error; // the memory is used up
        }
        throw new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while multiplying a table", e);
      }
    }
  }

  /** Processes several blocks at a time, each in one thread. */
  private static <B extends RowBlocks.Block> void forBlocks(
      RowBlocks<B> table, BlockFunction function, Consumer<B> consumer) throws IOException {
    int threads = Sessions.threads();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      Deque<Pending<B>> pending = new ArrayDeque<>();
      table.forEach(
          block -> {
            pending.add(
                new Pending<>(
                    block,
                    pool.submit(
                        () -> {
                          try (TFloat32 rows =
                              TFloat32.tensorOf(
                                  Shape.of(block.rows(), table.columns()),
                                  DataBuffers.of(block.read()))) {
                            return function.of(rows);
                          }
                        })));
            if (pending.size() > threads) {
              pending.remove().finish(consumer);
            }
          });
      while (!pending.isEmpty()) {
        pending.remove().finish(consumer);
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
