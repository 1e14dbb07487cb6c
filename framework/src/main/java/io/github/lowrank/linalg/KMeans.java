package io.github.lowrank.linalg;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Clusters of the rows of a table by Lloyd's algorithm from k-means++ seeds, <a
 * href="https://theory.stanford.edu/~sergei/papers/kMeansPP-soda.pdf">Arthur and Vassilvitskii
 * (2007)</a>. The result does not depend on the number of threads.
 *
 * @param centroids {@code [k, columns]}
 * @param clusters the cluster of each row
 */
public record KMeans(Matrix centroids, int[] clusters) {
  private static final int ITERATIONS = 15;
  private static final int BLOCK = 256;

  /**
   * Finds {@code k} clusters.
   *
   * @throws IllegalArgumentException if there is no row or {@code k < 1}
   */
  public static KMeans of(Matrix rows, int k, long seed) {
    if (rows.rows() < 1 || k < 1) {
      throw new IllegalArgumentException(
          "expected rows and clusters, found %d rows and %d clusters".formatted(rows.rows(), k));
    }
    Matrix centroids = seeds(rows, k, new Random(seed));
    int[] before = null;
    for (int i = 0; ; i++) {
      int[] clusters = nearest(rows, centroids);
      if (i == ITERATIONS || Arrays.equals(clusters, before)) {
        return new KMeans(centroids, clusters);
      }
      centroids = means(rows, clusters, centroids);
      before = clusters;
    }
  }

  /** Each seed is a row, drawn in proportion to its squared distance to the seeds before it. */
  private static Matrix seeds(Matrix rows, int k, Random random) {
    int n = rows.rows();
    int d = rows.columns();
    float[] seeds = new float[k * d];
    double[] distances = new double[n];
    Arrays.fill(distances, Double.POSITIVE_INFINITY);
    int chosen = random.nextInt(n);
    for (int c = 0; c < k; c++) {
      System.arraycopy(rows.values(), chosen * d, seeds, c * d, d);
      int start = c * d;
      blocks(
          n,
          (from, to) -> {
            for (int r = from; r < to; r++) {
              distances[r] =
                  Math.min(distances[r], distance(rows.values(), r * d, seeds, start, d));
            }
          });
      double sum = Arrays.stream(distances).sum();
      if (sum == 0) { // fewer distinct rows than clusters
        chosen = (c + 1) % n;
        continue;
      }
      double left = random.nextDouble() * sum;
      chosen = 0;
      while (chosen < n - 1 && (left -= distances[chosen]) >= 0) {
        chosen++;
      }
    }
    return new Matrix(k, d, seeds);
  }

  private static double distance(float[] a, int i, float[] b, int j, int length) {
    float sum = 0;
    for (int c = 0; c < length; c++) {
      float x = a[i + c] - b[j + c];
      sum += x * x;
    }
    return sum;
  }

  /** The number of the nearest centroid of each row; of equally near ones the first. */
  public static int[] nearest(Matrix rows, Matrix centroids) {
    int k = centroids.rows();
    int d = rows.columns();
    // By columns: the inner loop runs over all centroids, and the compiler makes vectors of it.
    float[] byColumn = new float[d * k];
    float[] halfSquares = new float[k];
    for (int c = 0; c < k; c++) {
      for (int j = 0; j < d; j++) {
        float x = centroids.get(c, j);
        byColumn[j * k + c] = x;
        halfSquares[c] += x * x / 2;
      }
    }
    int[] nearest = new int[rows.rows()];
    blocks(
        rows.rows(),
        (from, to) -> {
          float[] scores = new float[k];
          for (int r = from; r < to; r++) {
            Arrays.fill(scores, 0);
            for (int j = 0; j < d; j++) {
              add(scores, byColumn, j * k, rows.get(r, j));
            }
            int best = 0;
            for (int c = 1; c < k; c++) {
              if (scores[c] - halfSquares[c] > scores[best] - halfSquares[best]) {
                best = c;
              }
            }
            nearest[r] = best;
          }
        });
    return nearest;
  }

  private static void add(float[] sum, float[] from, int start, float factor) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * from[start + i];
    }
  }

  /** Means of the clusters; the row that is farthest from its centroid replaces an empty one. */
  private static Matrix means(Matrix rows, int[] clusters, Matrix centroids) {
    int d = rows.columns();
    int k = centroids.rows();
    double[] sums = new double[k * d];
    int[] counts = new int[k];
    for (int r = 0; r < clusters.length; r++) {
      counts[clusters[r]]++;
      for (int j = 0; j < d; j++) {
        sums[clusters[r] * d + j] += rows.get(r, j);
      }
    }
    float[] means = new float[k * d];
    double[] distances = null;
    for (int c = 0; c < k; c++) {
      if (counts[c] > 0) {
        for (int j = 0; j < d; j++) {
          means[c * d + j] = (float) (sums[c * d + j] / counts[c]);
        }
        continue;
      }
      if (distances == null) {
        distances = new double[clusters.length];
        for (int r = 0; r < clusters.length; r++) {
          distances[r] = distance(rows.values(), r * d, centroids.values(), clusters[r] * d, d);
        }
      }
      int farthest = 0;
      for (int r = 1; r < distances.length; r++) {
        farthest = distances[r] > distances[farthest] ? r : farthest;
      }
      distances[farthest] = 0;
      System.arraycopy(rows.values(), farthest * d, means, c * d, d);
    }
    return new Matrix(k, d, means);
  }

  /** Some rows, from the first to before the last. */
  interface Rows {
    void accept(int from, int to);
  }

  static void blocks(int rows, Rows work) {
    IntStream.range(0, (rows + BLOCK - 1) / BLOCK)
        .parallel()
        .forEach(b -> work.accept(b * BLOCK, Math.min(rows, (b + 1) * BLOCK)));
  }
}
