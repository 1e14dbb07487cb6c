package io.github.lowrank.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RandomizedSvdTest {
  private static SparseMatrix sparse(int rows, int columns, double share, long seed) {
    Random random = new Random(seed);
    int[][] indices = new int[rows][];
    float[][] values = new float[rows][];
    for (int r = 0; r < rows; r++) {
      indices[r] =
          random.ints(0, columns).limit((long) (share * columns)).distinct().sorted().toArray();
      values[r] = new float[indices[r].length];
      for (int i = 0; i < values[r].length; i++) {
        values[r][i] = random.nextFloat() * 10f / (1 + r % 17);
      }
    }
    return new SparseMatrix(columns, indices, values);
  }

  private static Matrix dense(SparseMatrix sparse) {
    float[] values = new float[sparse.rows() * sparse.columns()];
    for (int r = 0; r < sparse.rows(); r++) {
      for (int i = 0; i < sparse.indices()[r].length; i++) {
        values[r * sparse.columns() + sparse.indices()[r][i]] = sparse.values()[r][i];
      }
    }
    return new Matrix(sparse.rows(), sparse.columns(), values);
  }

  @Test
  void equalsTheDecompositionOfTheDenseMatrix() {
    SparseMatrix x = sparse(300, 120, 0.2, 1);
    TruncatedSvd exact = TruncatedSvd.of(dense(x), 10);
    RandomizedSvd found = RandomizedSvd.of(x, x.transposed(), 10, 7);
    for (int i = 0; i < 10; i++) {
      assertThat(found.singularValues()[i])
          .isCloseTo(exact.singularValues()[i], within(2e-3 * exact.singularValues()[i]));
    }
    Matrix product = found.left().times(found.right().transposed());
    double squares = 0;
    double all = 0;
    float[] values = dense(x).values();
    for (int i = 0; i < values.length; i++) {
      squares += Math.pow(product.values()[i] - values[i], 2);
      all += (double) values[i] * values[i];
    }
    assertThat(Math.sqrt(squares / all)).isCloseTo(exact.relativeError(), within(1e-3));
  }

  @Test
  void basesAreOrthonormal() {
    SparseMatrix x = sparse(200, 150, 0.1, 2);
    RandomizedSvd found = RandomizedSvd.of(x, x.transposed(), 20, 7);
    for (Matrix basis : new Matrix[] {found.u(), found.v()}) {
      Matrix gram = basis.transposed().times(basis);
      for (int i = 0; i < 20; i++) {
        for (int j = 0; j < 20; j++) {
          assertThat(gram.get(i, j)).isCloseTo(i == j ? 1 : 0, within(1e-3f));
        }
      }
    }
  }

  @Test
  void ranksBeyondTheMatrixsAreZero() {
    SparseMatrix one =
        new SparseMatrix(3, new int[][] {{0, 2}, {}, {0, 2}}, new float[][] {{1, 2}, {}, {2, 4}});
    RandomizedSvd found = RandomizedSvd.of(one, one.transposed(), 3, 1);
    assertThat(found.singularValues()[0]).isCloseTo(5, within(1e-4));
    Matrix product = found.left().times(found.right().transposed());
    assertThat(product.values())
        .usingComparatorWithPrecision(1e-2f)
        .containsExactly(1, 0, 2, 0, 0, 0, 2, 0, 4);
    assertThatThrownBy(() -> RandomizedSvd.of(one, one.transposed(), 4, 1))
        .hasMessageContaining("expected a rank in 1 .. 3");
  }

  @Test
  void sumsAndProductsAreThoseOfDenseMatrices() {
    SparseMatrix a = sparse(70, 50, 0.2, 3);
    SparseMatrix b = sparse(70, 50, 0.3, 4);
    float[] sum = dense(a).values().clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += dense(b).values()[i];
    }
    assertThat(dense(a.plus(b)).values()).containsExactly(sum);
    assertThat(dense(a.transposed()).values()).containsExactly(dense(a).transposed().values());
    Matrix right = Matrix.uniform(50, 6, 1, new Random(5));
    assertThat(a.times(right).values())
        .usingComparatorWithPrecision(1e-4f)
        .containsExactly(dense(a).times(right).values());
    assertThatThrownBy(() -> a.times(Matrix.zeros(49, 6)))
        .hasMessageContaining("70 x 50 by 49 x 6");
  }
}
