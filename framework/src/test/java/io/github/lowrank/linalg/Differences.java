package io.github.lowrank.linalg;

import io.github.lowrank.op.Sessions;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;

/** Gradients of scalar losses of a float64 matrix, in the graph and by central differences. */
public final class Differences {
  private Differences() {}

  /** A loss of a matrix. */
  public interface Loss extends BiFunction<Ops, Operand<TFloat64>, Operand<TFloat64>> {}

  /** The gradient of {@code loss} at {@code x}, {@code [m, n]}. */
  public static double[] gradient(double[][] x, Loss loss) {
    return run(x, loss, false);
  }

  /** {@code ||graph - differences|| / ||differences||} of the gradient of {@code loss} at x. */
  public static double error(double[][] x, Loss loss) {
    return relative(gradient(x, loss), run(x, loss, true));
  }

  /** The same gradient by central differences. */
  public static double[] differences(double[][] x, Loss loss) {
    return run(x, loss, true);
  }

  /** {@code ||found - expected|| / ||expected||}. */
  public static double relative(double[] found, double[] expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += (found[i] - expected[i]) * (found[i] - expected[i]);
      norm += expected[i] * expected[i];
    }
    return Math.sqrt(difference / norm);
  }

  private static double[] run(double[][] x, Loss loss, boolean differences) {
    int m = x.length;
    int n = x[0].length;
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat64> input =
          tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(m, n)));
      Operand<TFloat64> value = loss.apply(tf, input);
      Operand<TFloat64> fetched =
          differences ? value : tf.gradients(value, List.of(input)).<TFloat64>dy(0);
      try (Session session = Sessions.open(graph)) {
        double[] flat = flat(x);
        if (!differences) {
          return fetch(session, input, m, n, flat, fetched);
        }
        double[] gradient = new double[m * n];
        double h = 1e-5;
        for (int i = 0; i < flat.length; i++) {
          double at = flat[i];
          flat[i] = at + h;
          double up = fetch(session, input, m, n, flat, fetched)[0];
          flat[i] = at - h;
          double down = fetch(session, input, m, n, flat, fetched)[0];
          flat[i] = at;
          gradient[i] = (up - down) / (2 * h);
        }
        return gradient;
      }
    }
  }

  private static double[] fetch(
      Session session,
      Operand<TFloat64> input,
      int m,
      int n,
      double[] x,
      Operand<TFloat64> fetched) {
    try (TFloat64 fed = TFloat64.tensorOf(Shape.of(m, n), DataBuffers.of(x));
        Result result = Sessions.caller(session).feed(input, fed).fetch(fetched).run()) {
      TFloat64 tensor = (TFloat64) result.get(0);
      double[] values = new double[(int) tensor.size()];
      tensor.copyTo(DataBuffers.of(values));
      return values;
    }
  }

  private static double[] flat(double[][] x) {
    double[] flat = new double[x.length * x[0].length];
    for (int i = 0; i < x.length; i++) {
      System.arraycopy(x[i], 0, flat, i * x[0].length, x[0].length);
    }
    return flat;
  }

  /** {@code sum(w * p) + sum(p^4) / 4}: linear in no direction, and no function of the spectrum. */
  static Operand<TFloat64> loss(Ops tf, Operand<TFloat64> p, long seed) {
    Shape shape = p.shape();
    Operand<TFloat64> w = tf.constant(random((int) shape.get(0), (int) shape.get(1), seed));
    Operand<TFloat64> square = tf.math.mul(p, p);
    return tf.reduceSum(
        tf.math.add(tf.math.mul(w, p), tf.math.mul(tf.constant(0.25), tf.math.mul(square, square))),
        tf.array(0, 1));
  }

  /** Normal numbers. */
  static double[][] random(int m, int n, long seed) {
    Random random = new Random(seed);
    double[][] x = new double[m][n];
    for (double[] row : x) {
      for (int j = 0; j < n; j++) {
        row[j] = random.nextGaussian();
      }
    }
    return x;
  }

  /** A matrix with the singular values {@code s} and random singular vectors. */
  static double[][] withSpectrum(int m, int n, long seed, double... s) {
    double[][] u = orthonormalColumns(m, s.length, seed);
    double[][] v = orthonormalColumns(n, s.length, seed + 1);
    double[][] x = new double[m][n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        for (int c = 0; c < s.length; c++) {
          x[i][j] += u[i][c] * s[c] * v[j][c];
        }
      }
    }
    return x;
  }

  /** {@code [m, r]}, by Gram-Schmidt, twice for accuracy. */
  static double[][] orthonormalColumns(int m, int r, long seed) {
    double[][] q = random(m, r, seed);
    for (int c = 0; c < r; c++) {
      for (int round = 0; round < 2; round++) {
        for (int other = 0; other < c; other++) {
          double dot = 0;
          for (int i = 0; i < m; i++) {
            dot += q[i][c] * q[i][other];
          }
          for (int i = 0; i < m; i++) {
            q[i][c] -= dot * q[i][other];
          }
        }
      }
      double norm = 0;
      for (int i = 0; i < m; i++) {
        norm += q[i][c] * q[i][c];
      }
      for (int i = 0; i < m; i++) {
        q[i][c] /= Math.sqrt(norm);
      }
    }
    return q;
  }
}
