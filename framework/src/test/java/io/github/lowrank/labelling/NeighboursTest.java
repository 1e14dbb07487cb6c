package io.github.lowrank.labelling;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.linalg.Matrix;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeighboursTest {
  private static Matrix random(int rows, long seed) {
    return Matrix.uniform(rows, 17, 1, new Random(seed)).unitRows();
  }

  private static float cosine(Matrix a, int i, Matrix b, int j) {
    float sum = 0;
    for (int k = 0; k < a.columns(); k++) {
      sum += a.get(i, k) * b.get(j, k);
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "255, 10", "256, 10", "257, 300", "5000, 20", "5000, 0"})
  void findsWhatAPlainLoopFinds(int rows, int most) {
    Matrix texts = random(rows, 1);
    Matrix queries = random(3, 2);
    List<Neighbours.Near> found = new Neighbours(texts).nearest(queries, most);
    for (int q = 0; q < queries.rows(); q++) {
      int query = q;
      int[] wanted =
          IntStream.range(0, rows)
              .boxed()
              .sorted(Comparator.comparing(i -> -cosine(texts, i, queries, query)))
              .limit(most)
              .mapToInt(i -> i)
              .toArray();
      assertThat(found.get(q).texts()).isEqualTo(wanted);
      for (int i = 0; i < wanted.length; i++) {
        assertThat(found.get(q).similarities()[i])
            .isEqualTo(cosine(texts, wanted[i], queries, query));
      }
    }
  }

  @Test
  void equallyNearTextsKeepTheirOrder() {
    Matrix same = new Matrix(600, 2, new float[1200]);
    for (int i = 0; i < 600; i++) {
      same.values()[2 * i + 1] = 1;
    }
    Neighbours.Near near =
        new Neighbours(same).nearest(new Matrix(1, 2, new float[] {0, 1}), 5).get(0);
    assertThat(near.texts()).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void findsTheClosestQuery() {
    Matrix texts = random(700, 3);
    Matrix queries = random(4, 4);
    float[] closest = new Neighbours(texts).closest(queries);
    for (int i = 0; i < 700; i++) {
      float best = -1;
      for (int q = 0; q < 4; q++) {
        best = Math.max(best, cosine(texts, i, queries, q));
      }
      assertThat(closest[i]).isEqualTo(best);
    }
    assertThat(new Neighbours(texts).closest(Matrix.zeros(0, 17))).containsOnly(-1);
  }
}
