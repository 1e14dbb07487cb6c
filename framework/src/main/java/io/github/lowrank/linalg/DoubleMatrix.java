package io.github.lowrank.linalg;

import io.github.lowrank.op.Sessions;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
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
 * A dense double matrix in row-major order. All but {@link #eigen} is plain Java, whose
 * floating-point arithmetic is the same to the last bit in every process and on every machine.
 *
 * @param rows number of rows
 * @param columns number of columns
 * @param values {@code rows * columns} numbers; not copied; must not be modified
 */
public record DoubleMatrix(int rows, int columns, double[] values) {
  public DoubleMatrix {
    if ((long) rows * columns != values.length) {
      throw new IllegalArgumentException(
          "a " + rows + " x " + columns + " matrix cannot hold " + values.length + " values");
    }
  }

  /** A matrix of zeros. */
  public static DoubleMatrix zeros(int rows, int columns) {
    return new DoubleMatrix(rows, columns, new double[Math.multiplyExact(rows, columns)]);
  }

  /** Normal numbers with mean 0. */
  public static DoubleMatrix gaussian(int rows, int columns, double deviation, Random random) {
    return zeros(rows, columns).map(zero -> deviation * random.nextGaussian());
  }

  /** The same numbers in double precision. */
  public static DoubleMatrix of(Matrix matrix) {
    double[] values = new double[matrix.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = matrix.values()[i];
    }
    return new DoubleMatrix(matrix.rows(), matrix.columns(), values);
  }

  /** The entry at a row and a column. */
  public double get(int row, int column) {
    return values[row * columns + column];
  }

  /** A matrix of this shape with other values. */
  public DoubleMatrix with(double[] other) {
    return new DoubleMatrix(rows, columns, other);
  }

  /** The rows {@code from .. from + count - 1}, copied. */
  public DoubleMatrix rows(int from, int count) {
    double[] some = new double[count * columns];
    System.arraycopy(values, from * columns, some, 0, some.length);
    return new DoubleMatrix(count, columns, some);
  }

  /** The first columns. */
  public DoubleMatrix columns(int count) {
    double[] some = new double[rows * count];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(values, r * columns, some, r * count, count);
    }
    return new DoubleMatrix(rows, count, some);
  }

  /** Every entry, in the order of the rows, replaced. */
  public DoubleMatrix map(DoubleUnaryOperator function) {
    double[] mapped = new double[values.length];
    for (int i = 0; i < mapped.length; i++) {
      mapped[i] = function.applyAsDouble(values[i]);
    }
    return with(mapped);
  }

  /** {@code this + factor * other}. */
  public DoubleMatrix plus(double factor, DoubleMatrix other) {
    if (rows != other.rows || columns != other.columns) {
      throw misfit("add", other);
    }
    double[] sum = values.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * other.values[i];
    }
    return with(sum);
  }

  /** Rows as columns. */
  public DoubleMatrix transposed() {
    double[] other = new double[values.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        other[c * rows + r] = values[r * columns + c];
      }
    }
    return new DoubleMatrix(columns, rows, other);
  }

  /** {@code this * right}. */
  public DoubleMatrix times(DoubleMatrix right) {
    if (columns != right.rows) {
      throw misfit("multiply", right);
    }
    int width = right.columns;
    double[] product = new double[Math.multiplyExact(rows, width)];
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < columns; k++) {
        accumulate(values[i * columns + k], right.values, k * width, product, i * width, width);
      }
    }
    return new DoubleMatrix(rows, width, product);
  }

  /** {@code this^T * right}. */
  public DoubleMatrix transposedTimes(DoubleMatrix right) {
    if (rows != right.rows) {
      throw misfit("transpose and multiply", right);
    }
    int width = right.columns;
    double[] product = new double[Math.multiplyExact(columns, width)];
    for (int k = 0; k < rows; k++) {
      for (int i = 0; i < columns; i++) {
        accumulate(values[k * columns + i], right.values, k * width, product, i * width, width);
      }
    }
    return new DoubleMatrix(columns, width, product);
  }

  private static void accumulate(
      double factor, double[] from, int start, double[] to, int at, int count) {
    for (int j = 0; j < count; j++) {
      to[at + j] += factor * from[start + j];
    }
  }

  private IllegalArgumentException misfit(String verb, DoubleMatrix other) {
    return new IllegalArgumentException(
        "cannot %s %d x %d and %d x %d".formatted(verb, rows, columns, other.rows, other.columns));
  }

  /** Sum of the squares of all entries. */
  public double squares() {
    double sum = 0;
    for (double x : values) {
      sum += x * x;
    }
    return sum;
  }

  /**
   * An orthonormal basis of the space of the columns: the factor Q of a QR decomposition, by
   * Gram-Schmidt, twice, which is orthonormal to rounding ("twice is enough", Giraud et al. 2005).
   * A column that depends on those before it becomes one of zeros.
   */
  public DoubleMatrix orthonormal() {
    double[] q = transposed().values;
    for (int c = 0; c < columns; c++) {
      double before = Math.sqrt(dot(q, c * rows, c * rows));
      for (int pass = 0; pass < 2; pass++) {
        for (int p = 0; p < c; p++) {
          accumulate(-dot(q, p * rows, c * rows), q, p * rows, q, c * rows, rows);
        }
      }
      double length = Math.sqrt(dot(q, c * rows, c * rows));
      double scale = length <= 1e-14 * before ? 0 : 1 / length;
      for (int i = 0; i < rows; i++) {
        q[c * rows + i] *= scale;
      }
    }
    return new DoubleMatrix(columns, rows, q).transposed();
  }

  private double dot(double[] q, int a, int b) {
    double sum = 0;
    for (int i = 0; i < rows; i++) {
      sum += q[a + i] * q[b + i];
    }
    return sum;
  }

  /**
   * Eigenvalues and eigenvectors of a symmetric matrix.
   *
   * @param values descending
   * @param vectors one per column, in the order of the values
   */
  public record Eigen(double[] values, DoubleMatrix vectors) {}

  /** Those of this matrix, which must be symmetric; computed by TensorFlow. */
  public Eigen eigen() {
    if (rows != columns) {
      throw new IllegalArgumentException(
          "expected a symmetric matrix, found %d x %d".formatted(rows, columns));
    }
    Shape shape = Shape.of(rows, rows);
    double[] ascending = new double[rows];
    double[] vectors = new double[values.length];
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat64> input = tf.placeholder(TFloat64.class, Placeholder.shape(shape));
      SelfAdjointEig<TFloat64> eig = tf.linalg.selfAdjointEig(input);
      try (Session session = Sessions.open(graph);
          TFloat64 fed = TFloat64.tensorOf(shape, DataBuffers.of(values));
          Result result = session.runner().feed(input, fed).fetch(eig.e()).fetch(eig.v()).run()) {
        ((TFloat64) result.get(0)).copyTo(DataBuffers.of(ascending));
        ((TFloat64) result.get(1)).copyTo(DataBuffers.of(vectors));
      }
    }
    double[] descending = new double[rows];
    double[] reversed = new double[values.length];
    for (int c = 0; c < rows; c++) {
      descending[c] = ascending[rows - 1 - c];
      for (int r = 0; r < rows; r++) {
        reversed[r * rows + c] = vectors[r * rows + rows - 1 - c];
      }
    }
    return new Eigen(descending, with(reversed));
  }
}
