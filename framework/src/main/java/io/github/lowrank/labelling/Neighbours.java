package io.github.lowrank.labelling;

import io.github.lowrank.linalg.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * Exact cosines between texts: every product is computed, block by block, on all cores. Each is
 * summed in the order of the columns, so it is the same for any number of cores.
 */
public final class Neighbours {
  /** Rows of a block, which fits into a core's cache. */
  private static final int BLOCK = 256;

  private final Matrix vectors;

  /**
   * Texts by their vectors.
   *
   * @param vectors {@code [texts, n]}, rows of length 1
   */
  public Neighbours(Matrix vectors) {
    this.vectors = vectors;
  }

  /**
   * The texts nearest to a query.
   *
   * @param texts row numbers, the nearest first, of equally near ones the first row first
   * @param similarities their cosines
   */
  public record Near(int[] texts, float[] similarities) {
    /** How many of them have a larger cosine. */
    int within(double threshold) {
      int count = 0;
      while (count < similarities.length && similarities[count] > threshold) {
        count++;
      }
      return count;
    }
  }

  /** Number of texts. */
  public int size() {
    return vectors.rows();
  }

  /** The vectors of some texts, {@code [texts, n]}. */
  public Matrix vectors(int[] texts) {
    Matrix some = Matrix.zeros(texts.length, vectors.columns());
    for (int i = 0; i < texts.length; i++) {
      System.arraycopy(
          vectors.values(),
          texts[i] * vectors.columns(),
          some.values(),
          i * vectors.columns(),
          vectors.columns());
    }
    return some;
  }

  /**
   * The {@code most} nearest texts of each query.
   *
   * @param queries {@code [queries, n]}, rows of length 1
   */
  public List<Near> nearest(Matrix queries, int most) {
    int workers = workers();
    // A key orders by cosine and then by row, and is a number.
    List<List<PriorityQueue<Long>>> found =
        IntStream.range(0, workers)
            .parallel()
            .mapToObj(
                worker -> {
                  List<PriorityQueue<Long>> best = new ArrayList<>();
                  for (int q = 0; q < queries.rows(); q++) {
                    best.add(new PriorityQueue<>());
                  }
                  products(
                      queries,
                      worker,
                      workers,
                      (query, first, cosines, count) ->
                          keep(best.get(query), most, first, cosines, count));
                  return best;
                })
            .toList();
    return IntStream.range(0, queries.rows())
        .mapToObj(
            query ->
                near(
                    found.stream()
                        .flatMap(best -> best.get(query).stream())
                        .mapToLong(key -> key)
                        .toArray(),
                    most))
        .toList();
  }

  private static void keep(
      PriorityQueue<Long> best, int most, int first, float[] cosines, int count) {
    for (int i = 0; i < count; i++) {
      long key = key(cosines[i], first + i);
      if (best.size() < most) {
        best.add(key);
      } else if (most > 0 && key > best.peek()) {
        best.poll();
        best.add(key);
      }
    }
  }

  private static long key(float cosine, int row) {
    int bits = Float.floatToIntBits(cosine);
    return (long) (bits ^ (bits >> 31 & Integer.MAX_VALUE)) << 32 | Integer.MAX_VALUE - row;
  }

  private static Near near(long[] keys, int most) {
    Arrays.sort(keys);
    int count = Math.min(most, keys.length);
    int[] texts = new int[count];
    float[] similarities = new float[count];
    for (int i = 0; i < count; i++) {
      long key = keys[keys.length - 1 - i];
      int bits = (int) (key >> 32);
      texts[i] = Integer.MAX_VALUE - (int) key;
      similarities[i] = Float.intBitsToFloat(bits ^ (bits >> 31 & Integer.MAX_VALUE));
    }
    return new Near(texts, similarities);
  }

  /**
   * For each text the largest cosine to any of the queries; -1 if there are none.
   *
   * @param queries {@code [queries, n]}, rows of length 1
   */
  public float[] closest(Matrix queries) {
    float[] closest = new float[vectors.rows()];
    Arrays.fill(closest, -1);
    int workers = workers();
    IntStream.range(0, workers)
        .parallel()
        .forEach(
            worker ->
                products(
                    queries,
                    worker,
                    workers,
                    (query, first, cosines, count) -> {
                      for (int i = 0; i < count; i++) {
                        closest[first + i] = Math.max(closest[first + i], cosines[i]);
                      }
                    }));
    return closest;
  }

  private int workers() {
    return Math.max(
        1, Math.min(vectors.rows() / BLOCK, 4 * Runtime.getRuntime().availableProcessors()));
  }

  /** Receives the cosines of one query with the texts {@code first .. first + count - 1}. */
  private interface Products {
    void block(int query, int first, float[] cosines, int count);
  }

  /** The products of one worker's blocks. */
  private void products(Matrix queries, int worker, int workers, Products products) {
    int n = vectors.columns();
    float[] columns = new float[n * BLOCK]; // of a block, so that the inner loop is a vector's
    float[] cosines = new float[BLOCK];
    for (int first = worker * BLOCK; first < vectors.rows(); first += workers * BLOCK) {
      int count = Math.min(BLOCK, vectors.rows() - first);
      for (int i = 0; i < count; i++) {
        for (int k = 0; k < n; k++) {
          columns[k * BLOCK + i] = vectors.values()[(first + i) * n + k];
        }
      }
      for (int query = 0; query < queries.rows(); query++) {
        Arrays.fill(cosines, 0);
        for (int k = 0; k < n; k++) {
          float factor = queries.values()[query * n + k];
          int column = k * BLOCK;
          for (int i = 0; i < BLOCK; i++) {
            cosines[i] += factor * columns[column + i];
          }
        }
        products.block(query, first, cosines, count);
      }
    }
  }
}
