package io.github.lowrank.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.Eval;
import io.github.lowrank.embedding.PackedCodes.Granularity;
import io.github.lowrank.linalg.Matrix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedCodesTest {
  private static final Matrix MATRIX = new Matrix(11, 13, Eval.random(143, 5));

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 12, 16})
  void errorIsAtMostHalfAStep(int bits) {
    for (Granularity granularity : Granularity.values()) {
      PackedCodes packed = PackedCodes.quantize(MATRIX, bits, granularity);
      Matrix back = packed.dequantize();
      for (int r = 0; r < 11; r++) {
        float scale = packed.scales()[packed.perRow() ? r : 0];
        for (int c = 0; c < 13; c++) {
          assertThat(Math.abs(back.get(r, c) - MATRIX.get(r, c)))
              .isLessThanOrEqualTo(scale * 0.5001f);
          assertThat(packed.code(r, c)).isBetween(0, (1 << bits) - 1);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 12, 16})
  void quantizingAgainChangesNoCode(int bits) {
    PackedCodes once = PackedCodes.quantize(MATRIX, bits, Granularity.PER_TENSOR);
    PackedCodes twice = PackedCodes.quantize(once.dequantize(), bits, Granularity.PER_TENSOR);
    assertThat(twice.codes()).containsExactly(once.codes());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 12, 16})
  void bytesAreThoseOfTheWidth(int bits) {
    Matrix wide = new Matrix(10, 300, Eval.random(3000, 6));
    // Whole bytes of every section: 3 = 2 + 1 takes 75 + 38, 7 = 4 + 2 + 1 takes 150 + 75 + 38.
    int perRow =
        switch (bits) {
          case 1 -> 38;
          case 3 -> 113;
          case 5 -> 188;
          case 7 -> 263;
          default -> 300 * bits / 8;
        };
    assertThat(PackedCodes.quantize(wide, bits, Granularity.PER_TENSOR).bytes())
        .isEqualTo(10 * perRow + 8);
    assertThat(PackedCodes.quantize(wide, bits, Granularity.PER_ROW).bytes())
        .isEqualTo(10 * perRow + 80);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 17, 32})
  void refusesOtherWidths(int bits) {
    assertThatThrownBy(() -> PackedCodes.quantize(MATRIX, bits, Granularity.PER_ROW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("but is " + bits);
  }

  @org.junit.jupiter.api.Test
  void edges() {
    PackedCodes constant =
        PackedCodes.quantize(new Matrix(1, 3, new float[] {2, 2, 2}), 4, Granularity.PER_TENSOR);
    assertThat(constant.dequantize().values()).containsExactly(2, 2, 2);
    assertThatThrownBy(
            () ->
                PackedCodes.quantize(
                    new Matrix(1, 2, new float[] {1, Float.NaN}), 8, Granularity.PER_TENSOR))
        .hasMessageContaining("NaN");
  }
}
