package io.github.lowrank.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.BlockLstm;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LstmTest extends OrderedEncoderTest {
  private static final Lstm LSTM = new Lstm(4, 0.5);

  @Override
  Encoder encoder() {
    return LSTM;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Override
  double[] vector(int[] ids, Matrix words, Map<String, Matrix> w) {
    int n = LSTM.units();
    double[] h = new double[n];
    double[] cell = new double[n];
    double[] mean = new double[n];
    int known = 0;
    for (int id : ids) {
      double[] z = new double[4 * n];
      for (int j = 0; j < 4 * n; j++) {
        z[j] = w.get("lstm_bias").get(0, j);
        for (int i = 0; i < D; i++) {
          z[j] += words.get(id, i) * w.get("lstm_input").get(i, j);
        }
        for (int i = 0; i < n; i++) {
          z[j] += h[i] * w.get("lstm_recurrent").get(i, j);
        }
      }
      double[] next = new double[n];
      for (int i = 0; i < n; i++) {
        double in = sigmoid(z[i] + w.get("lstm_peephole_i").get(0, i) * cell[i]);
        double forget = sigmoid(z[n + i] + w.get("lstm_peephole_f").get(0, i) * cell[i]);
        next[i] = forget * cell[i] + in * Math.tanh(z[2 * n + i]);
        double out = sigmoid(z[3 * n + i] + w.get("lstm_peephole_o").get(0, i) * next[i]);
        h[i] = out * Math.tanh(next[i]);
      }
      cell = next;
      if (id > 0) {
        known++;
        for (int i = 0; i < n; i++) {
          mean[i] += h[i];
        }
      }
    }
    for (int i = 0; i < n; i++) {
      mean[i] /= Math.max(1, known);
    }
    return mean;
  }

  @Test
  void theFusedGradientMatchesFiniteDifferences() {
    Lstm fused = new Lstm(LSTM.units(), LSTM.dropout(), BlockLstm.Backward.FUSED);
    Classifier c = dense();
    compareAll(new Classifier(fused, c.head(), c.table(), c.weights(), c.classes()));
  }

  @Test
  void refusesNonsense() {
    assertThatThrownBy(() -> new Lstm(0, 0)).hasMessageContaining("needs units");
    assertThatThrownBy(() -> new Lstm(3, -1)).hasMessageContaining("but is -1.0");
  }
}
