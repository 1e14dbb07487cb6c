package io.github.lowrank.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.FloatWeight;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.train.Predictor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClassifierTest {
  private static final EncodedTexts TEXTS =
      EncodedTexts.of(
          new int[][] {{1, 2, 3}, {4}, {}, {0, 5, 0, 2}, {6, 6}}, new int[] {0, 1, 2, 0, 1});
  private static final Dan DAN = new Dan(List.of(4, 3), 0.5);

  private static Classifier dense() {
    Classifier c =
        Classifier.initial(
            DAN, new Softmax(), new Dense(new Matrix(7, 5, Eval.random(35, 1))), 3, 1);
    Map<String, Matrix> weights = c.matrices();
    weights.replaceAll(
        (name, m) -> new Matrix(m.rows(), m.columns(), Eval.random(m.values().length, 2)));
    return new Classifier(DAN, new Softmax(), c.table(), FloatWeight.all(weights), 3);
  }

  private static Classifier lowRank() {
    return dense()
        .withTable(
            new LowRank(
                new Dense(new Matrix(7, 2, Eval.random(14, 3))),
                new Matrix(2, 5, Eval.random(10, 4))));
  }

  /** The mean of the known words, hidden ReLU layers, scores. */
  private static double[] oracle(Classifier c, int[] ids) {
    Matrix table = c.table().toMatrix();
    double[] x = new double[table.columns()];
    int known = 0;
    for (int id : ids) {
      if (id > 0) {
        known++;
        for (int i = 0; i < x.length; i++) {
          x[i] += table.get(id, i);
        }
      }
    }
    for (int i = 0; i < x.length; i++) {
      x[i] /= Math.max(1, known);
    }
    for (String layer : List.of("hidden0", "hidden1", "output")) {
      Matrix w = c.weights().get(layer).toMatrix();
      Matrix bias = c.weights().get(layer + "_bias").toMatrix();
      double[] y = new double[w.columns()];
      for (int j = 0; j < y.length; j++) {
        y[j] = bias.get(0, j);
        for (int i = 0; i < x.length; i++) {
          y[j] += x[i] * w.get(i, j);
        }
        if (!layer.equals("output")) {
          y[j] = Math.max(0, y[j]);
        }
      }
      x = y;
    }
    return x;
  }

  @Test
  void scoresAreThoseOfTheEquationsWithPaddingMasked() {
    for (Classifier c : List.of(dense(), lowRank())) {
      float[][] scores = Predictor.scores(c, TEXTS);
      for (int i = 0; i < TEXTS.size(); i++) {
        double[] expected = oracle(c, TEXTS.ids(i));
        for (int j = 0; j < 3; j++) {
          assertThat((double) scores[i][j]).isCloseTo(expected[j], within(1e-4));
        }
      }
    }
  }

  @Test
  void foldingChangesNoAnswerAndDropsAWeight() {
    Classifier folded = lowRank().folded();
    assertThat(folded.weights()).doesNotContainKey("hidden0");
    assertThat(folded.table().dimension()).isEqualTo(4);
    float[][] before = Predictor.scores(lowRank(), TEXTS);
    float[][] after = Predictor.scores(folded, TEXTS);
    for (int i = 0; i < before.length; i++) {
      for (int j = 0; j < 3; j++) {
        assertThat(after[i][j]).isCloseTo(before[i][j], within(1e-5f));
      }
    }
    Classifier unfoldable = dense();
    assertThat(unfoldable.folded()).isSameAs(unfoldable);
    assertThat(folded.folded()).isSameAs(folded);
  }

  @Test
  void refusesNonsense() {
    assertThatThrownBy(() -> new Dan(List.of(0), 0)).hasMessageContaining("hidden layer");
    assertThatThrownBy(() -> new Dan(List.of(3), 1)).hasMessageContaining("but is 1.0");
  }
}
