package io.github.lowrank.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class DoubleMatrixTest {
  private static DoubleMatrix random(int rows, int columns, long seed) {
    return DoubleMatrix.gaussian(rows, columns, 1, new Random(seed));
  }

  @Test
  void productsAgreeWithTheirDefinition() {
    DoubleMatrix a = random(4, 3, 1);
    DoubleMatrix b = random(3, 5, 2);
    DoubleMatrix product = a.times(b);
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 5; j++) {
        double expected = 0;
        for (int k = 0; k < 3; k++) {
          expected += a.get(i, k) * b.get(k, j);
        }
        assertThat(product.get(i, j)).isCloseTo(expected, within(1e-14));
      }
    }
    assertThat(a.transposed().transposedTimes(b).values()).containsExactly(product.values());
    assertThatThrownBy(() -> a.times(a)).hasMessage("cannot multiply 4 x 3 and 4 x 3");
  }

  @Test
  void aBasisIsOrthonormalAndSpansTheColumnsHoweverNearTheyAre() {
    DoubleMatrix near = random(40, 1, 1).times(random(1, 6, 2)).plus(1e-9, random(40, 6, 3));
    DoubleMatrix q = near.orthonormal();
    DoubleMatrix gram = q.transposedTimes(q);
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 6; j++) {
        assertThat(gram.get(i, j)).isCloseTo(i == j ? 1 : 0, within(1e-13));
      }
    }
    assertThat(q.times(q.transposedTimes(near)).plus(-1, near).squares()).isLessThan(1e-28);
  }

  @Test
  void aColumnThatDependsOnOthersBecomesZero() {
    DoubleMatrix two = new DoubleMatrix(3, 2, new double[] {1, 2, 1, 2, 1, 2}).orthonormal();
    assertThat(two.columns(1).squares()).isCloseTo(1, within(1e-15));
    assertThat(two.squares()).isCloseTo(1, within(1e-15));
  }

  @Test
  void eigenvectorsAreInDescendingOrder() {
    DoubleMatrix rows = random(20, 6, 4);
    DoubleMatrix gram = rows.transposedTimes(rows);
    DoubleMatrix.Eigen eigen = gram.eigen();
    for (int i = 0; i < 6; i++) {
      assertThat(i == 0 || eigen.values()[i] <= eigen.values()[i - 1]).isTrue();
    }
    DoubleMatrix scaled = eigen.vectors();
    DoubleMatrix left = gram.times(scaled);
    for (int r = 0; r < 6; r++) {
      for (int c = 0; c < 6; c++) {
        assertThat(left.get(r, c)).isCloseTo(eigen.values()[c] * scaled.get(r, c), within(1e-11));
      }
    }
  }
}
