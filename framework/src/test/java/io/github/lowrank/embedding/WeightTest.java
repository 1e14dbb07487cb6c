package io.github.lowrank.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.io.ArrayFile;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.FakeQuantization;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;

/** The forms of a weight matrix against the matrix that they stand for. */
class WeightTest {
  private static final int M = 6;
  private static final int N = 11;

  @TempDir Path folder;

  private static Matrix matrix(int seed) {
    // Rows of very different size, as the factors of an SVD have.
    float[] scales = {1, 0.5f, 0.03f, 1e-3f, 2e-5f, 7};
    return new Matrix(M, N, Eval.random(M * N, seed)).scaledRows(scales);
  }

  static List<Weight> forms() {
    List<Weight> forms = new ArrayList<>();
    forms.add(new FloatWeight(matrix(1)));
    forms.add(LowRankWeight.of(matrix(1), 3));
    for (int bits : new int[] {2, 3, 4, 8, 16}) {
      Weight fake = FakeQuantizedWeight.of(matrix(2), bits);
      Weight factors =
          LowRankWeight.of(matrix(1), 3).withMatrices(w -> FakeQuantizedWeight.of(w, bits));
      forms.addAll(List.of(fake, fake.packed(), factors, factors.packed()));
    }
    return forms;
  }

  private static void near(Matrix actual, Matrix expected, double relative) {
    for (int r = 0; r < expected.rows(); r++) {
      float largest = 0;
      for (float x : expected.row(r)) {
        largest = Math.max(largest, Math.abs(x));
      }
      for (int c = 0; c < expected.columns(); c++) {
        assertThat((double) actual.get(r, c))
            .as("%d, %d", r, c)
            .isCloseTo(expected.get(r, c), within(relative * largest + 1e-12));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("forms")
  void isTheMatrixInAGraphAndInAFile(Weight weight) throws IOException {
    List<float[]> out =
        Eval.floats(
            b -> {
              Weight.Layer layer = weight.layer(b.tf, b.variables, "w", Shape.of(M, N));
              b.initializers.add(
                  s -> {
                    try (Variables.Assignment assignment = b.variables.assignment(s)) {
                      layer.initialize(assignment);
                      assignment.run();
                    }
                    List<Variable> trained = new ArrayList<>();
                    layer.parameters().forEach(p -> trained.add(p.variable()));
                    assertThat(layer.with(b.variables.floats(s, trained)).toMatrix().values())
                        .containsExactly(weight.toMatrix().values());
                  });
              return List.of(layer.value());
            });
    near(weight.toMatrix().with(out.get(0)), weight.toMatrix(), 1e-5);
    ArrayFile.write(folder.resolve("w"), weight);
    Weight back = ArrayFile.read(folder.resolve("w")).get(0, Weight.class);
    assertThat(back).hasSameClassAs(weight);
    assertThat(back.toMatrix().values()).containsExactly(weight.toMatrix().values());
  }

  /** Up to the rounding of scales to bfloat16. */
  @ParameterizedTest
  @MethodSource("forms")
  void packingKeepsTheMatrixAndTheBytes(Weight weight) {
    Weight packed = weight.packed();
    assertThat(packed.bytes()).isEqualTo(weight.bytes());
    assertThat(packed.parameters()).isEqualTo(weight.parameters());
    near(packed.toMatrix(), weight.toMatrix(), weight instanceof LowRankWeight ? 1e-2 : 4e-3);
  }

  @Test
  void bytesAreThoseOfCodesScalesAndTwoFloats() {
    assertThat(FakeQuantizedWeight.of(matrix(1), 4).bytes()).isEqualTo(M * (6 + 2) + 8);
    assertThat(FakeQuantizedWeight.of(matrix(1), 8).bytes()).isEqualTo(M * (11 + 2) + 8);
    assertThat(new FloatWeight(matrix(1)).bytes()).isEqualTo(4 * M * N);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void isScaledAndMultiplied(Weight weight) {
    float[] scales = {2, 3, 4, 5, 6, 0.1f};
    near(weight.scaled(scales).toMatrix(), weight.toMatrix().scaledRows(scales), 1e-2);
    Matrix right = new Matrix(N, 4, Eval.random(N * 4, 5));
    Weight product = weight.times(right);
    Matrix expected = weight.toMatrix().times(right);
    assertThat(product.columns()).isEqualTo(4);
    if (product.bytes() == (long) M * 4 * Float.BYTES) {
      near(product.toMatrix(), expected, 1e-5);
    }
  }

  /** The op's gradients are those of the definition in {@link FakeQuantization}. */
  @ParameterizedTest
  @MethodSource("widths")
  void gradientsAreThoseOfTheDefinition(int bits) {
    FakeQuantizedWeight weight = FakeQuantizedWeight.of(matrix(3), bits);
    float[] upstream = Eval.random(M * N, 4);
    List<float[]> out =
        Eval.floats(
            b -> {
              Weight.Layer layer = weight.layer(b.tf, b.variables, "w", Shape.of(M, N));
              b.initializers.add(
                  s -> {
                    try (Variables.Assignment assignment = b.variables.assignment(s)) {
                      layer.initialize(assignment);
                      assignment.run();
                    }
                  });
              Operand<?> loss =
                  b.tf.reduceSum(
                      b.tf.math.mul(
                          layer.value(), b.tf.reshape(b.tf.constant(upstream), b.tf.array(M, N))),
                      b.tf.array(0, 1));
              var g =
                  b.tf.gradients(
                      loss,
                      List.of(
                          layer.parameters().get(0).value(), layer.parameters().get(1).value()));
              return List.of(g.dy(0), g.dy(1));
            });
    for (int r = 0; r < M; r++) {
      double step = Math.exp(weight.logSteps()[r]);
      double dstep = 0;
      for (int c = 0; c < N; c++) {
        double v = matrix(3).get(r, c) / step;
        int q = FakeQuantization.largest(bits);
        boolean inside = Math.abs(v) <= q;
        float g = upstream[r * N + c];
        assertThat(out.get(0)[r * N + c]).isEqualTo(inside ? g : 0);
        dstep += g * (Math.rint(Math.max(-q, Math.min(q, v))) - (inside ? v : 0));
      }
      assertThat((double) out.get(1)[r]).isCloseTo(step * dstep, within(1e-3 * step + 1e-9));
    }
  }

  static int[] widths() {
    return new int[] {2, 3, 4, 8};
  }
}
