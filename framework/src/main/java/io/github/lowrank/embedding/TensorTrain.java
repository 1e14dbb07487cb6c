package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Unique;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A train of three cores, after Hrinchuk, Khrulkov, Mirvakhabova, Orlova and Oseledets, <a
 * href="https://arxiv.org/abs/1901.10787">Tensorized Embedding Layers for Efficient Model
 * Compression</a> (2020). With the row number i written in three digits and the column number j in
 * three,
 *
 * <pre>
 * i = (i1 v2 + i2) v3 + i3,  j = (j1 d2 + j2) d3 + j3
 * E[i, j] = G1[i1, j1] G2[i2, j2] G3[i3, j3]     (1 x r, r x r, r x 1)
 * </pre>
 *
 * <p>{@code v1 v2 v3} may exceed V, and {@code d1 d2 d3} may exceed d: what is above is cut off. A
 * lookup computes each distinct word of a batch once.
 *
 * @param vocabulary V
 * @param dimension d
 * @param rank r, of both bonds
 * @param first G1, {@code [v1, d1 r]}
 * @param middle G2, {@code [v2, r d2 r]}
 * @param last G3, {@code [v3, r d3]}
 */
@JsonTypeName("tensor-train")
public record TensorTrain(
    int vocabulary, int dimension, int rank, Matrix first, Matrix middle, Matrix last)
    implements EmbeddingTable {
  /**
   * The sizes of the digits of rows and of columns.
   *
   * @param v v1, v2 and v3
   * @param d d1, d2 and d3
   */
  public record Digits(List<Integer> v, List<Integer> d) {
    /** The digits for a {@code V x d} table: nearly equal, the smallest in the middle. */
    public static Digits of(int vocabulary, int dimension) {
      return new Digits(split(vocabulary), split(dimension));
    }

    /** The least sum, then the least product, of three numbers whose product is at least n. */
    private static List<Integer> split(int n) {
      List<Integer> best = List.of(1, 1, n);
      for (int a = 1; (long) a * a * a <= n; a++) {
        for (int b = a; (long) a * b * b <= n || b == a; b++) {
          int c = Math.max(b, (int) ((n + (long) a * b - 1) / ((long) a * b)));
          List<Integer> found = List.of(b, a, c);
          if (sum(found) < sum(best) || sum(found) == sum(best) && product(found) < product(best)) {
            best = found;
          }
        }
      }
      int more = (int) Math.ceil(Math.cbrt(n) - 1e-9);
      List<Integer> equal = List.of(more, more, more);
      return sum(equal) < sum(best) ? equal : best;
    }

    private static int sum(List<Integer> digits) {
      return digits.stream().mapToInt(x -> x).sum();
    }

    private static long product(List<Integer> digits) {
      return digits.stream().mapToLong(x -> x).reduce(1, (a, b) -> a * b);
    }

    /** Numbers of all cores at a rank. */
    public long parameters(int rank) {
      long ends = (long) v.get(0) * d.get(0) + (long) v.get(2) * d.get(2);
      return rank * (ends + (long) rank * v.get(1) * d.get(1));
    }
  }

  public TensorTrain {
    boolean fits =
        first.columns() % rank == 0
            && middle.columns() % (rank * rank) == 0
            && last.columns() % rank == 0
            && (long) first.rows() * middle.rows() * last.rows() >= vocabulary
            && (long) (first.columns() / rank)
                    * (middle.columns() / (rank * rank))
                    * (last.columns() / rank)
                >= dimension;
    if (!fits) {
      throw new IllegalArgumentException(
          "expected cores of rank %d for a %d x %d table, found %d x %d, %d x %d and %d x %d"
              .formatted(
                  rank,
                  vocabulary,
                  dimension,
                  first.rows(),
                  first.columns(),
                  middle.rows(),
                  middle.columns(),
                  last.rows(),
                  last.columns()));
    }
  }

  private int d1() {
    return first.columns() / rank;
  }

  private int d2() {
    return middle.columns() / (rank * rank);
  }

  private int d3() {
    return last.columns() / rank;
  }

  /**
   * Normal cores whose products have variance {@code 2 / (V + d)}, as Glorot and Bengio (2010) give
   * a table: each number's is {@code (2 / (V + d) / r^2)^(1/3)}.
   */
  public static TensorTrain random(
      int vocabulary, int dimension, Digits digits, int rank, Random random) {
    double deviation = Math.pow(2.0 / (vocabulary + dimension) / rank / rank, 1.0 / 6);
    return new TensorTrain(
        vocabulary,
        dimension,
        rank,
        normal(digits.v.get(0), digits.d.get(0) * rank, deviation, random),
        normal(digits.v.get(1), rank * digits.d.get(1) * rank, deviation, random),
        normal(digits.v.get(2), rank * digits.d.get(2), deviation, random));
  }

  private static Matrix normal(int rows, int columns, double deviation, Random random) {
    float[] values = new float[Math.multiplyExact(rows, columns)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return new Matrix(rows, columns, values);
  }

  /**
   * The cores of two successive truncated SVDs (TT-SVD, Oseledets, 2011), each with its singular
   * values split evenly between the two sides. Bonds narrower than {@code rank} are filled up with
   * zeros.
   */
  public static TensorTrain of(Matrix table, Digits digits, int rank) {
    int v1 = digits.v.get(0);
    int v2 = digits.v.get(1);
    int v3 = digits.v.get(2);
    int d1 = digits.d.get(0);
    int d2 = digits.d.get(1);
    int d3 = digits.d.get(2);
    // [i2, j2, i3, j3 | i1, j1], the transpose of the first unfolding, which may be tall.
    float[] unfolded = new float[Math.multiplyExact(v1 * v2 * v3, d1 * d2 * d3)];
    for (int i = 0; i < table.rows(); i++) {
      int i1 = i / (v2 * v3);
      int i2 = i / v3 % v2;
      int i3 = i % v3;
      for (int j = 0; j < table.columns(); j++) {
        int j1 = j / (d2 * d3);
        int j2 = j / d3 % d2;
        int j3 = j % d3;
        int row = ((i2 * d2 + j2) * v3 + i3) * d3 + j3;
        unfolded[row * v1 * d1 + i1 * d1 + j1] = table.get(i, j);
      }
    }
    int r1 = Math.min(rank, v1 * d1);
    TruncatedSvd left = TruncatedSvd.of(new Matrix(v2 * d2 * v3 * d3, v1 * d1, unfolded), r1);
    // [i2, a, j2 | i3, j3], with half of the first singular values.
    float[] rest = new float[r1 * v2 * d2 * v3 * d3];
    for (int a = 0; a < r1; a++) {
      double root = Math.sqrt(left.singularValues()[a]);
      float down = root == 0 ? 0 : (float) (1 / root);
      for (int i2 = 0; i2 < v2; i2++) {
        for (int j2 = 0; j2 < d2; j2++) {
          for (int x = 0; x < v3 * d3; x++) {
            rest[((i2 * r1 + a) * d2 + j2) * v3 * d3 + x] =
                left.us().get((i2 * d2 + j2) * v3 * d3 + x, a) * down;
          }
        }
      }
    }
    int r2 = Math.min(rank, v3 * d3);
    TruncatedSvd.Factors right =
        TruncatedSvd.of(new Matrix(v2 * r1 * d2, v3 * d3, rest), r2)
            .factors(TruncatedSvd.Split.BALANCED);

    float[] first = new float[v1 * d1 * rank];
    for (int x = 0; x < v1 * d1; x++) {
      for (int a = 0; a < r1; a++) {
        first[x * rank + a] = (float) (left.v().get(a, x) * Math.sqrt(left.singularValues()[a]));
      }
    }
    float[] middle = new float[v2 * rank * d2 * rank];
    for (int i2 = 0; i2 < v2; i2++) {
      for (int a = 0; a < r1; a++) {
        for (int j2 = 0; j2 < d2; j2++) {
          System.arraycopy(
              right.wa().values(),
              ((i2 * r1 + a) * d2 + j2) * r2,
              middle,
              ((i2 * rank + a) * d2 + j2) * rank,
              r2);
        }
      }
    }
    float[] last = new float[v3 * rank * d3];
    for (int i3 = 0; i3 < v3; i3++) {
      for (int b = 0; b < r2; b++) {
        System.arraycopy(right.wb().values(), (b * v3 + i3) * d3, last, (i3 * rank + b) * d3, d3);
      }
    }
    return new TensorTrain(
        table.rows(),
        table.columns(),
        rank,
        new Matrix(v1, d1 * rank, first),
        new Matrix(v2, rank * d2 * rank, middle),
        new Matrix(v3, rank * d3, last));
  }

  @Override
  public long parameters() {
    return first.size() + middle.size() + last.size();
  }

  @Override
  public long bytes() {
    return parameters() * Float.BYTES;
  }

  @Override
  public Matrix toMatrix() {
    int d12 = d1() * d2();
    float[] values = new float[Math.multiplyExact(vocabulary, dimension)];
    for (int pair = 0; (long) pair * last.rows() < vocabulary; pair++) {
      Matrix begin =
          slice(first, pair / middle.rows(), d1(), rank)
              .times(slice(middle, pair % middle.rows(), rank, d2() * rank));
      Matrix both = new Matrix(d12, rank, begin.values());
      for (int i3 = 0; i3 < last.rows(); i3++) {
        int i = pair * last.rows() + i3;
        if (i < vocabulary) {
          float[] row = both.times(slice(last, i3, rank, d3())).values();
          System.arraycopy(row, 0, values, i * dimension, dimension);
        }
      }
    }
    return new Matrix(vocabulary, dimension, values);
  }

  private static Matrix slice(Matrix core, int digit, int rows, int columns) {
    int size = core.columns();
    return new Matrix(
        rows, columns, Arrays.copyOfRange(core.values(), digit * size, (digit + 1) * size));
  }

  /** The products of every word, and the sum if pooled; words that recur are counted each time. */
  @Override
  public long lookupFlops(int tokens, boolean pooled) {
    long word = 2L * d1() * d2() * rank * (rank + (long) d3());
    return tokens * (word + (pooled ? 2L * dimension : 0));
  }

  @Override
  public Map<String, Object> columns() {
    return Map.of("rank", rank);
  }

  @Override
  public EmbeddingLayer layer(Ops tf, Variables variables, String name) {
    return new Layer(
        this,
        core(variables, name + "_first", first),
        core(variables, name + "_middle", middle),
        core(variables, name + "_last", last));
  }

  private static Variable core(Variables variables, String name, Matrix core) {
    return variables.create(name, Shape.of(core.rows(), core.columns()), TFloat32.class);
  }

  private record Layer(TensorTrain initial, Variable first, Variable middle, Variable last)
      implements EmbeddingLayer {
    /** Distinct words of a batch: their vectors {@code [u, d]}, and which of them each word is. */
    private record Distinct(Operand<TFloat32> vectors, Operand<TInt32> which) {}

    private Distinct distinct(Ops tf, Operand<TInt32> ids) {
      Unique<TInt32, TInt32> unique =
          tf.unique(tf.reshape(ids, tf.array(-1)), tf.constant(new int[] {0}));
      int r = initial.rank;
      int d1 = initial.d1();
      int d2 = initial.d2();
      int d3 = initial.d3();
      Operand<TInt32> v3 = tf.constant(initial.last.rows());
      Operand<TInt32> v2 = tf.constant(initial.middle.rows());
      Operand<TInt32> upper = tf.math.floorDiv(unique.y(), v3);
      Operand<TFloat32> a = slices(tf, first, tf.math.floorDiv(upper, v2), d1, r);
      Operand<TFloat32> b = slices(tf, middle, tf.math.floorMod(upper, v2), r, d2 * r);
      Operand<TFloat32> c = slices(tf, last, tf.math.floorMod(unique.y(), v3), r, d3);
      Operand<TFloat32> ab =
          tf.reshape(tf.train.batchMatMul(a, b, TFloat32.class), tf.array(-1, d1 * d2, r));
      Operand<TFloat32> vectors =
          tf.reshape(tf.train.batchMatMul(ab, c, TFloat32.class), tf.array(-1, d1 * d2 * d3));
      if (d1 * d2 * d3 > initial.dimension) {
        vectors = tf.slice(vectors, tf.array(0, 0), tf.array(-1, initial.dimension));
      }
      return new Distinct(vectors, unique.idx());
    }

    private static Operand<TFloat32> slices(
        Ops tf, Variable core, Operand<TInt32> digits, int rows, int columns) {
      return tf.reshape(SparseRows.gather(tf, core, digits), tf.array(-1, rows, columns));
    }

    @Override
    public Operand<TFloat32> rows(Ops tf, Operand<TInt32> ids) {
      Distinct words = distinct(tf, ids);
      return tf.gather(words.vectors, tf.reshape(words.which, tf.shape(ids)), tf.constant(0));
    }

    @Override
    public List<Variable> tables() {
      return List.of(first, middle, last);
    }

    @Override
    public List<Parameter> parameters() {
      return List.of();
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      assignment.set(first, initial.first.values());
      assignment.set(middle, initial.middle.values());
      assignment.set(last, initial.last.values());
    }

    @Override
    public EmbeddingTable with(Map<Variable, float[]> numbers) {
      return new TensorTrain(
          initial.vocabulary,
          initial.dimension,
          initial.rank,
          initial.first.with(numbers.get(first)),
          initial.middle.with(numbers.get(middle)),
          initial.last.with(numbers.get(last)));
    }
  }
}
