package io.github.lowrank.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.embedding.PackedCodes.Granularity;
import io.github.lowrank.embedding.TruncatedTable.Penalty;
import io.github.lowrank.embedding.TruncatedTable.Through;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TInt32;

/** Every form's lookups against the table that it stands for. */
class EmbeddingLayerTest {
  private static final int V = 9;
  private static final int D = 13;
  private static final int[][] IDS = {{1, 8, 1, 0}, {0, 3, 4, 5}};
  private static final float[][] WEIGHTS = {{0.25f, 0.5f, 0.25f, 0}, {0, 1, 2, -1}};

  static List<EmbeddingTable> forms() {
    Matrix full = new Matrix(V, D, Eval.random(V * D, 8));
    Matrix wa = new Matrix(V, 5, Eval.random(V * 5, 9));
    Matrix wb = new Matrix(5, D, Eval.random(5 * D, 10));
    List<EmbeddingTable> forms = new ArrayList<>();
    forms.add(new Dense(full));
    forms.add(LowRank.of(new TruncatedSvd.Factors(wa, wb)));
    forms.add(TensorTrain.random(V, D, TensorTrain.Digits.of(V, D), 3, new Random(11)));
    for (int b : new int[] {1, 2, 3, 4, 8, 16}) {
      int bits = b;
      QuantizationAware aware = QuantizationAware.of(full, bits);
      EmbeddingTable low = new LowRank(QuantizationAware.of(wa, bits), wb);
      EmbeddingTable coded = low.withWeights(w -> FakeQuantizedWeight.of(w, Math.max(bits, 2)));
      forms.addAll(List.of(aware, aware.packed(), low, low.packed(), coded, coded.packed()));
      for (Granularity granularity : Granularity.values()) {
        forms.add(new FixedPoint(PackedCodes.quantize(full, bits, granularity)));
        forms.add(new LowRank(new FixedPoint(PackedCodes.quantize(wa, bits, granularity)), wb));
      }
    }
    for (Codewords codewords : CodewordsTest.tables()) {
      EmbeddingTable aware = codewords.withRows(words -> QuantizationAware.of(words, 8));
      forms.addAll(List.of(codewords, aware, aware.packed()));
    }
    forms.add(LearnedCodes.of(full, 4, 3));
    Matrix mix = new Matrix(D, D, Eval.random(D * D, 12));
    for (Through gradient : Through.values()) {
      forms.add(new TruncatedTable(full, mix, 4, gradient, Penalty.NUCLEAR_NORM, 0.1));
      forms.add(new TruncatedTable(full, mix, 4, gradient, Penalty.NONE, 0));
    }
    return forms;
  }

  @ParameterizedTest
  @MethodSource("forms")
  void looksUpTheRowsThatItStandsFor(EmbeddingTable table) {
    List<float[]> out =
        Eval.floats(
            b -> {
              EmbeddingLayer layer = table.layer(b.tf, b.variables, "embedding");
              b.initializers.add(
                  s -> {
                    try (Variables.Assignment assignment = b.variables.assignment(s)) {
                      layer.initialize(assignment);
                      assignment.run();
                    }
                    List<Variable> trained = new ArrayList<>(layer.tables());
                    layer.parameters().forEach(p -> trained.add(p.variable()));
                    assertThat(layer.with(b.variables.floats(s, trained)).toMatrix().values())
                        .containsExactly(table.toMatrix().values());
                  });
              Operand<TInt32> ids = b.tf.constant(IDS);
              return List.of(layer.rows(b.tf, ids), layer.bag(b.tf, ids, b.tf.constant(WEIGHTS)));
            });
    Matrix expected = table.toMatrix();
    for (int i = 0; i < 2; i++) {
      for (int c = 0; c < D; c++) {
        double sum = 0;
        for (int l = 0; l < 4; l++) {
          float row = expected.get(IDS[i][l], c);
          assertThat(out.get(0)[(i * 4 + l) * D + c]).isCloseTo(row, within(1e-4f));
          sum += WEIGHTS[i][l] * row;
        }
        assertThat((double) out.get(1)[i * D + c]).isCloseTo(sum, within(1e-4));
      }
    }
  }
}
