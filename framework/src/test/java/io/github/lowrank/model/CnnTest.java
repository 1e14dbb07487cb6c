package io.github.lowrank.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.train.Predictor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CnnTest extends OrderedEncoderTest {
  private static final Cnn CNN = new Cnn(List.of(1, 2, 4), 3, 0.5, 0.2);

  @Override
  Encoder encoder() {
    return CNN;
  }

  @Override
  double[] vector(int[] ids, Matrix words, Map<String, Matrix> w) {
    Matrix filters = w.get("cnn_filters");
    double[] vector = new double[CNN.widths().size() * CNN.filters()];
    int at = 0;
    for (int i = 0; i < CNN.widths().size(); i++) {
      int width = CNN.widths().get(i);
      for (int f = 0; f < CNN.filters(); f++) {
        double most = 0;
        for (int start = 1 - width; start < ids.length; start++) {
          double sum = 0;
          for (int j = 0; j < width; j++) {
            for (int d = 0; d < D && start + j >= 0 && start + j < ids.length; d++) {
              sum += words.get(ids[start + j], d) * filters.get(d, at + j * CNN.filters() + f);
            }
          }
          most = Math.max(most, sum);
        }
        int place = i * CNN.filters() + f;
        vector[place] = Math.max(0, most + w.get("cnn_bias").get(0, place));
      }
      at += width * CNN.filters();
    }
    return vector;
  }

  @Test
  void paddingChangesNothing() {
    EncodedTexts alone = EncodedTexts.of(new int[][] {{3, 1}}, new int[1]);
    EncodedTexts beside =
        EncodedTexts.of(new int[][] {{3, 1, 0, 0, 0, 0}, {1, 2, 3, 4, 5, 6}}, new int[2]);
    assertThat(Predictor.scores(lowRank(), beside)[0])
        .usingComparatorWithPrecision(1e-6f)
        .containsExactly(Predictor.scores(lowRank(), alone)[0]);
  }

  @Test
  void refusesNonsense() {
    assertThatThrownBy(() -> new Cnn(List.of(), 3, 0, 0)).hasMessageContaining("different widths");
    assertThatThrownBy(() -> new Cnn(List.of(2, 1), 3, 0, 0)).hasMessageContaining("[2, 1]");
    assertThatThrownBy(() -> new Cnn(List.of(1, 17), 3, 0, 0)).hasMessageContaining("1 to 16");
    assertThatThrownBy(() -> new Cnn(List.of(1), 0, 0, 0)).hasMessageContaining("needs filters");
    assertThatThrownBy(() -> new Cnn(List.of(1), 1, 0, 1)).hasMessageContaining("but is 1.0");
  }
}
