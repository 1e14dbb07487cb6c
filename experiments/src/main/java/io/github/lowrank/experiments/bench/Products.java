package io.github.lowrank.experiments.bench;

import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Sessions;
import java.io.IOException;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * How fast TensorFlow multiplies matrices on this machine: no step can be faster than its products.
 */
final class Products {
  private Products() {}

  /**
   * GFLOP/s of {@code [rows, inner] x [inner, columns]}, with one product after the other in each
   * thread.
   */
  static double gigaflops(int rows, int inner, int columns, int threads) throws IOException {
    Random random = new Random(1);
    int products = (int) (8e9 / (2.0 * rows * inner * columns)); // about a tenth of a second
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> a =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(rows, inner)));
      Placeholder<TFloat32> b =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(inner, columns)));
      Operand<TFloat32> product = tf.linalg.matMul(a, b);
      ExecutorService pool = Executors.newFixedThreadPool(threads);
      try (Session session = Sessions.open(graph);
          TFloat32 left = tensor(Matrix.uniform(rows, inner, 1, random));
          TFloat32 right = tensor(Matrix.uniform(inner, columns, 1, random))) {
        Callable<Void> work =
            () -> {
              for (int i = 0; i < products; i++) {
                Sessions.caller(session)
                    .feed(a, left)
                    .feed(b, right)
                    .addTarget(product.op())
                    .run()
                    .close();
              }
              return null;
            };
        work.call(); // to warm up
        long start = System.nanoTime();
        for (Future<Void> done : pool.invokeAll(Collections.nCopies(threads, work))) {
          done.get();
        }
        return 2.0 * rows * inner * columns * products * threads / (System.nanoTime() - start);
      } catch (InterruptedException | ExecutionException e) {
        throw new IOException("a product failed: " + e.getMessage(), e);
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new AssertionError(e); // the work throws no checked exceptions
      } finally {
        pool.shutdown();
      }
    }
  }

  private static TFloat32 tensor(Matrix matrix) {
    return TFloat32.tensorOf(
        Shape.of(matrix.rows(), matrix.columns()), DataBuffers.of(matrix.values()));
  }
}
