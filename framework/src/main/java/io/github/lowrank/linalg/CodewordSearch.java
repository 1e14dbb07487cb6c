package io.github.lowrank.linalg;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntBinaryOperator;

/**
 * Codes and codewords that stand for the rows of a table with little squared error.
 *
 * @param codes {@code [rows, parts]}, each in {@code 0 .. k - 1}
 * @param words {@code [parts * k, width]}; the codewords of part {@code p} begin at row {@code p k}
 */
public record CodewordSearch(int[] codes, Matrix words) {
  private static final int ROUNDS = 5;
  private static final int SWEEPS = 5;
  private static final int TRIALS = 1;
  private static final long SEED = 1;

  /**
   * Product quantization of <a href="https://doi.org/10.1109/TPAMI.2010.57">J&eacute;gou, Douze and
   * Schmid (2011)</a>: k-means in each of {@code parts} blocks of {@code ceil(d / parts)} columns.
   * The last block is padded with zeros.
   */
  public static CodewordSearch concatenated(Matrix table, int parts, int k) {
    int width = width(table.columns(), parts);
    int[] codes = new int[table.rows() * parts];
    float[] words = new float[parts * k * width];
    for (int p = 0; p < parts; p++) {
      KMeans found = KMeans.of(block(table, p, width), k, SEED + p);
      put(found, p, parts, codes, words);
    }
    return new CodewordSearch(codes, new Matrix(parts * k, width, words));
  }

  /**
   * Each row as the sum of one codeword of each part. K-means of what the parts before left over,
   * then rounds in which the codewords are fitted by least squares and the codes of each row are
   * chosen anew by iterated local search, as in additive quantization (Martinez et al., 2016). It
   * replaces the Gumbel-softmax autoencoder by which <a href="https://arxiv.org/abs/1711.01068">Shu
   * and Nakayama (2018)</a> learn such codes.
   */
  public static CodewordSearch summed(Matrix table, int parts, int k) {
    int d = table.columns();
    int[] codes = new int[table.rows() * parts];
    float[] words = new float[parts * k * d];
    float[] left = table.values().clone();
    for (int p = 0; p < parts; p++) {
      KMeans found = KMeans.of(table.with(left), k, SEED + p);
      put(found, p, parts, codes, words);
      for (int i = 0; i < left.length; i++) {
        left[i] -= found.centroids().get(found.clusters()[i / d], i % d);
      }
    }
    Matrix all = new Matrix(parts * k, d, words);
    for (int round = 0; parts > 1 && round < ROUNDS; round++) {
      all = fitted(table, parts, (row, part) -> part * k + codes[row * parts + part], all);
      choose(table, all, parts, k, codes);
    }
    return new CodewordSearch(codes, all);
  }

  /** Columns of a block when {@code d} columns are cut into {@code parts}. */
  public static int width(int d, int parts) {
    return (d + parts - 1) / parts;
  }

  /** The nearest codeword of each block of each row, {@code [rows, parts]}. */
  public static int[] nearest(Matrix table, Matrix words, int parts) {
    int k = words.rows() / parts;
    int size = k * words.columns();
    int[] codes = new int[table.rows() * parts];
    for (int p = 0; p < parts; p++) {
      float[] own = Arrays.copyOfRange(words.values(), p * size, (p + 1) * size);
      int[] found =
          KMeans.nearest(block(table, p, words.columns()), new Matrix(k, words.columns(), own));
      for (int r = 0; r < found.length; r++) {
        codes[r * parts + p] = found[r];
      }
    }
    return codes;
  }

  /**
   * Codewords whose sums are the rows with the least squared error, by sweeps of Gauss-Seidel over
   * the normal equations.
   *
   * @param word the codeword of a row and a part
   * @param initial where the sweeps begin, {@code [words, d]}; one that no row uses keeps its value
   */
  public static Matrix fitted(Matrix table, int parts, IntBinaryOperator word, Matrix initial) {
    int d = table.columns();
    int n = initial.rows();
    double[] counts = new double[n * n];
    double[] sums = new double[n * d];
    int[] own = new int[parts];
    for (int r = 0; r < table.rows(); r++) {
      for (int p = 0; p < parts; p++) {
        own[p] = word.applyAsInt(r, p);
      }
      for (int a : own) {
        for (int b : own) {
          counts[a * n + b]++;
        }
        for (int j = 0; j < d; j++) {
          sums[a * d + j] += table.get(r, j);
        }
      }
    }
    float[] words = initial.values().clone();
    double[] rest = new double[d];
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      for (int i = 0; i < n; i++) {
        if (counts[i * n + i] == 0) {
          continue;
        }
        System.arraycopy(sums, i * d, rest, 0, d);
        for (int o = 0; o < n; o++) {
          double shared = counts[i * n + o];
          if (o != i && shared != 0) {
            for (int j = 0; j < d; j++) {
              rest[j] -= shared * words[o * d + j];
            }
          }
        }
        for (int j = 0; j < d; j++) {
          words[i * d + j] = (float) (rest[j] / counts[i * n + i]);
        }
      }
    }
    return initial.with(words);
  }

  /** Chooses the codes of each row anew. */
  private static void choose(Matrix table, Matrix words, int parts, int k, int[] codes) {
    int d = words.columns();
    int n = words.rows();
    float[] byColumn = new float[d * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < d; j++) {
        byColumn[j * n + i] = words.get(i, j);
      }
    }
    Matrix products = words.times(new Matrix(d, n, byColumn));
    KMeans.blocks(
        table.rows(),
        (from, to) -> {
          float[] scores = new float[n];
          for (int r = from; r < to; r++) {
            Arrays.fill(scores, 0);
            for (int j = 0; j < d; j++) {
              float x = table.get(r, j);
              for (int i = 0; i < n; i++) {
                scores[i] += x * byColumn[j * n + i];
              }
            }
            Coder coder = new Coder(scores, products, parts, k);
            coder.improve(codes, r * parts, new Random(r));
          }
        });
  }

  /**
   * Chooses the codes of one row.
   *
   * @param scores products of the row with all codewords
   * @param products products of the codewords with each other
   */
  private record Coder(float[] scores, Matrix products, int parts, int k) {
    /**
     * Iterated local search: some codes at random, then the best code of one part after another.
     */
    void improve(int[] codes, int start, Random random) {
      int[] best = Arrays.copyOfRange(codes, start, start + parts);
      float most = descend(best);
      for (int trial = 0; trial < TRIALS; trial++) {
        int[] other = best.clone();
        for (int i = 0; i < (parts + 3) / 4; i++) {
          other[random.nextInt(parts)] = random.nextInt(k);
        }
        float score = descend(other);
        if (score > most) {
          most = score;
          best = other;
        }
      }
      System.arraycopy(best, 0, codes, start, parts);
    }

    /** Chooses each code by what the others leave over, and returns how good all of them are. */
    private float descend(int[] own) {
      // x . w - w . (all codewords of the row), for every codeword w
      float[] rest = scores.clone();
      for (int p = 0; p < parts; p++) {
        subtract(rest, p * k + own[p], 1);
      }
      for (int pass = 0; pass < 2 * parts; pass++) {
        int p = pass % parts;
        subtract(rest, p * k + own[p], -1);
        int best = 0;
        float most = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < k; c++) {
          float score = rest[p * k + c] - products.get(p * k + c, p * k + c) / 2;
          if (score > most) {
            most = score;
            best = c;
          }
        }
        own[p] = best;
        subtract(rest, p * k + best, 1);
      }
      // 2 x . s - s . s, with s their sum
      float sum = 0;
      for (int p = 0; p < parts; p++) {
        sum += scores[p * k + own[p]] + rest[p * k + own[p]];
      }
      return sum;
    }

    private void subtract(float[] rest, int word, int sign) {
      int row = word * rest.length;
      float[] all = products.values();
      for (int i = 0; i < rest.length; i++) {
        rest[i] -= sign * all[row + i];
      }
    }
  }

  private static void put(KMeans found, int part, int parts, int[] codes, float[] words) {
    float[] centroids = found.centroids().values();
    System.arraycopy(centroids, 0, words, part * centroids.length, centroids.length);
    for (int r = 0; r < found.clusters().length; r++) {
      codes[r * parts + part] = found.clusters()[r];
    }
  }

  private static Matrix block(Matrix table, int part, int width) {
    float[] values = new float[table.rows() * width];
    int columns = Math.min(width, table.columns() - part * width);
    for (int r = 0; r < table.rows(); r++) {
      System.arraycopy(
          table.values(), r * table.columns() + part * width, values, r * width, columns);
    }
    return new Matrix(table.rows(), width, values);
  }
}
