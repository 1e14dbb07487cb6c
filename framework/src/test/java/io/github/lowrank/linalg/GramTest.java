package io.github.lowrank.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class GramTest {
  private static final int ROWS = 1003; // no multiple of what is added at once
  private static final int COLUMNS = 17;
  private static final Matrix TABLE = new Matrix(ROWS, COLUMNS, Eval.random(ROWS * COLUMNS, 5));

  private static Gram gram(int from, int to) {
    Gram gram = new Gram(COLUMNS);
    for (int row = from; row < to; row++) {
      gram.add(TABLE.values(), row * COLUMNS);
    }
    return gram;
  }

  @Test
  void sumsOuterProductsInParts() {
    Gram merged = gram(0, 6).merge(gram(6, 6)).merge(gram(6, 501)).merge(gram(501, ROWS));
    assertThat(merged.rows()).isEqualTo(ROWS);
    double[] full = merged.full();
    for (int i = 0; i < COLUMNS; i++) {
      for (int j = 0; j < COLUMNS; j++) {
        double expected = 0;
        for (int row = 0; row < ROWS; row++) {
          expected += (double) TABLE.get(row, i) * TABLE.get(row, j);
        }
        assertThat(full[i * COLUMNS + j]).isCloseTo(expected, within(1e-9));
      }
    }
  }

  @Test
  void theSpectrumHasTheSingularValuesOfTheTable() throws IOException {
    Spectrum spectrum = Spectrum.ofGram(gram(0, ROWS).full(), COLUMNS).signed();
    TruncatedSvd expected = TruncatedSvd.of(TABLE, 4);
    for (int i = 0; i < COLUMNS; i++) {
      assertThat(spectrum.singularValues()[i])
          .isCloseTo(expected.singularValues()[i], within(1e-4));
    }
    Matrix basis = spectrum.basis(4);
    for (int k = 0; k < 4; k++) {
      float largest = 0;
      double dot = 0;
      for (int i = 0; i < COLUMNS; i++) {
        dot += (double) basis.get(k, i) * expected.v().get(k, i);
        largest = Math.abs(basis.get(k, i)) > Math.abs(largest) ? basis.get(k, i) : largest;
      }
      assertThat(largest).isPositive();
      assertThat(Math.abs(dot)).isCloseTo(1, within(1e-4));
    }
    assertThat(spectrum.relativeError(4)).isCloseTo(expected.relativeError(), within(1e-6));
    assertThat(spectrum.rank(1)).isEqualTo(COLUMNS);
    int half = spectrum.rank(0.5);
    assertThat(1 - Math.pow(spectrum.relativeError(half), 2)).isGreaterThanOrEqualTo(0.5);
    assertThat(1 - Math.pow(spectrum.relativeError(half - 1), 2)).isLessThan(0.5);
  }
}
