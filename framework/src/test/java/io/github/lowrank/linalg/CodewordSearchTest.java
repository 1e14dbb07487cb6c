package io.github.lowrank.linalg;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.Eval;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodewordSearchTest {
  private static double error(Matrix table, CodewordSearch found, int parts, boolean summed) {
    int k = found.words().rows() / parts;
    int width = found.words().columns();
    double error = 0;
    for (int r = 0; r < table.rows(); r++) {
      for (int j = 0; j < table.columns(); j++) {
        double x = table.get(r, j);
        for (int p = summed ? 0 : j / width; p < (summed ? parts : j / width + 1); p++) {
          int word = p * k + found.codes()[r * parts + p];
          x -= found.words().get(word, summed ? j : j % width);
        }
        error += x * x;
      }
    }
    return error;
  }

  @Test
  void clustersThatLieApartAreFound() {
    Matrix noise = new Matrix(600, 4, Eval.random(2400, 1));
    float[] values = noise.values();
    for (int r = 0; r < 600; r++) {
      for (int j = 0; j < 4; j++) {
        values[r * 4 + j] = 0.1f * values[r * 4 + j] + (r % 6 >> j & 1) * 10;
      }
    }
    KMeans found = KMeans.of(noise, 6, 3);
    for (int r = 6; r < 600; r++) {
      assertThat(found.clusters()[r]).isEqualTo(found.clusters()[r % 6]);
    }
    assertThat(found.clusters()).containsOnly(0, 1, 2, 3, 4, 5);
    assertThat(KMeans.nearest(noise, found.centroids())).isEqualTo(found.clusters());
  }

  @Test
  void moreClustersThanRowsRepeatRows() {
    Matrix rows = new Matrix(3, 2, new float[] {1, 2, 3, 4, 1, 2});
    KMeans found = KMeans.of(rows, 5, 1);
    for (int r = 0; r < 3; r++) {
      assertThat(found.centroids().get(found.clusters()[r], 0)).isEqualTo(rows.get(r, 0));
      assertThat(found.centroids().get(found.clusters()[r], 1)).isEqualTo(rows.get(r, 1));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void anyNumberOfThreadsFindsTheSame(int threads) throws Exception {
    Matrix table = new Matrix(2000, 12, Eval.random(24_000, 2));
    ForkJoinPool pool = new ForkJoinPool(threads);
    CodewordSearch there = pool.submit(() -> CodewordSearch.summed(table, 3, 8)).get();
    pool.shutdown();
    CodewordSearch here = CodewordSearch.summed(table, 3, 8);
    assertThat(there.codes()).isEqualTo(here.codes());
    assertThat(there.words().values()).isEqualTo(here.words().values());
  }

  /** Sums of codewords that there are: less error than one part after the other leaves. */
  @Test
  void roundsLowerTheErrorOfSums() {
    int parts = 4;
    Matrix words = new Matrix(16, 10, Eval.random(160, 4));
    float[] values = Eval.random(20_000, 5);
    for (int i = 0; i < values.length; i++) {
      values[i] *= 0.05f;
      for (int p = 0; p < parts; p++) {
        int code = (i / 10 * 2654435 >>> (3 * p + 4)) & 3;
        values[i] += words.get(4 * p + code, i % 10);
      }
    }
    Matrix table = new Matrix(2000, 10, values);
    float[] left = values.clone();
    for (int p = 0; p < parts; p++) {
      KMeans one = KMeans.of(table.with(left), 4, 1 + p);
      for (int i = 0; i < left.length; i++) {
        left[i] -= one.centroids().get(one.clusters()[i / 10], i % 10);
      }
    }
    double residual = 0;
    for (float x : left) {
      residual += x * x;
    }
    CodewordSearch found = CodewordSearch.summed(table, parts, 4);
    assertThat(error(table, found, parts, true)).isLessThan(0.95 * residual);
    assertThat(found.codes()).containsOnly(0, 1, 2, 3);
  }

  /** With a codeword for every block of every row nothing is lost, padding or not. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void enoughCodewordsAreExact(int parts) {
    Matrix table = new Matrix(8, 5, Eval.random(40, 7));
    CodewordSearch found = CodewordSearch.concatenated(table, parts, 8);
    assertThat(error(table, found, parts, false)).isLessThan(1e-9);
    assertThat(CodewordSearch.nearest(table, found.words(), parts)).isEqualTo(found.codes());
  }

  /** Least squares against the known solution; a word that is hashed to a row twice counts. */
  @Test
  void codewordsAreFittedByLeastSquares() {
    Matrix words = new Matrix(3, 2, new float[] {1, 2, -3, 4, 5, -6});
    int[][] rows = {{0, 1}, {1, 2}, {2, 2}, {0, 2}};
    float[] values = new float[8];
    for (int r = 0; r < 4; r++) {
      for (int j = 0; j < 2; j++) {
        values[r * 2 + j] = words.get(rows[r][0], j) + words.get(rows[r][1], j);
      }
    }
    Matrix fitted = Matrix.zeros(3, 2);
    for (int i = 0; i < 40; i++) {
      fitted = CodewordSearch.fitted(new Matrix(4, 2, values), 2, (r, p) -> rows[r][p], fitted);
    }
    assertThat(fitted.values()).usingComparatorWithPrecision(1e-3f).containsExactly(words.values());
  }
}
