package io.github.lowrank.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.FloatWeight;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.train.Predictor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** What holds for every encoder that reads words in their order. */
abstract class OrderedEncoderTest {
  static final int D = 5;
  private static final int V = 7;
  private static final int CLASSES = 3;
  private static final int[][] IDS = {{1, 2, 3, 4}, {4, 0, 6, 0}, {0, 0, 0, 0}};
  private static final EncodedTexts TEXTS = EncodedTexts.of(IDS, new int[3]);
  private static final float[] UPSTREAM = Eval.random(9, 9);

  Classifier dense() {
    Classifier c =
        Classifier.initial(
            encoder(),
            new Softmax(),
            new Dense(new Matrix(V, D, Eval.random(V * D, 1))),
            CLASSES,
            1);
    Map<String, Matrix> weights = new LinkedHashMap<>();
    int[] seed = {2};
    c.matrices()
        .forEach(
            (name, m) -> {
              float[] values = Eval.random(m.values().length, seed[0]++);
              for (int i = 0; i < values.length; i++) {
                values[i] *= 0.5f;
              }
              weights.put(name, new Matrix(m.rows(), m.columns(), values));
            });
    return new Classifier(encoder(), new Softmax(), c.table(), FloatWeight.all(weights), CLASSES);
  }

  Classifier lowRank() {
    return dense()
        .withTable(
            new LowRank(
                new Dense(new Matrix(V, 2, Eval.random(V * 2, 3))),
                new Matrix(2, D, Eval.random(2 * D, 4))));
  }

  /** The encoder. */
  abstract Encoder encoder();

  /**
   * The published equations, one text at a time.
   *
   * @param words word vectors; that of an unknown word is zero
   * @param weights of the encoder
   */
  abstract double[] vector(int[] ids, Matrix words, Map<String, Matrix> weights);

  private double[] oracle(Classifier c, int[] ids) {
    Matrix words = Matrix.zeros(V, D);
    System.arraycopy(
        c.table().toMatrix().values(), D, words.values(), D, (V - 1) * D); // row 0 is zero
    Map<String, Matrix> w = c.matrices();
    double[] vector = vector(ids, words, w);
    double[] scores = new double[CLASSES];
    for (int j = 0; j < CLASSES; j++) {
      scores[j] = w.get("output_bias").get(0, j);
      for (int i = 0; i < vector.length; i++) {
        scores[j] += vector[i] * w.get("output").get(i, j);
      }
    }
    return scores;
  }

  private double loss(Classifier c) {
    double loss = 0;
    for (int i = 0; i < IDS.length; i++) {
      double[] scores = oracle(c, IDS[i]);
      for (int j = 0; j < CLASSES; j++) {
        loss += UPSTREAM[i * CLASSES + j] * scores[j];
      }
    }
    return loss;
  }

  @Test
  void scoresAreThoseOfTheEquationsWithPaddingMasked() {
    for (Classifier c : List.of(dense(), lowRank(), lowRank().folded())) {
      Classifier reference =
          c.weights().containsKey(encoder().inputWeight().orElseThrow()) ? c : lowRank();
      float[][] scores = Predictor.scores(c, TEXTS);
      for (int i = 0; i < IDS.length; i++) {
        double[] expected = oracle(reference, IDS[i]);
        for (int j = 0; j < CLASSES; j++) {
          assertThat((double) scores[i][j]).isCloseTo(expected[j], within(1e-5));
        }
      }
    }
    EmbeddingTable codes =
        new LowRank(
            new FixedPoint(
                PackedCodes.quantize(
                    ((LowRank) lowRank().table()).wa().toMatrix(),
                    4,
                    PackedCodes.Granularity.PER_ROW)),
            ((LowRank) lowRank().table()).wb());
    Classifier quantized = dense().withTable(codes);
    float[][] scores = Predictor.scores(quantized.folded(), TEXTS);
    assertThat((double) scores[0][0]).isCloseTo(oracle(quantized, IDS[0])[0], within(1e-4));
  }

  @Test
  void everyGradientMatchesFiniteDifferences() {
    for (Classifier c : List.of(dense(), lowRank())) {
      compareAll(c);
    }
  }

  void compareAll(Classifier c) {
    List<String> names = new ArrayList<>();
    List<float[]> gradients =
        Eval.floats(
            b -> {
              ClassifierGraph graph = ClassifierGraph.create(b.tf, b.variables, c);
              b.initializers.add(graph::initialize);
              Operand<TInt32> ids = b.tf.constant(IDS);
              Operand<TFloat32> loss =
                  b.tf.reduceSum(
                      b.tf.math.mul(
                          graph.scores(b.tf, graph.vectors(b.tf, ids, Dropout.NONE)),
                          b.tf.reshape(b.tf.constant(UPSTREAM), b.tf.array(3, CLASSES))),
                      b.tf.array(0, 1));
              List<Operand<?>> by = new ArrayList<>();
              for (Variable table : graph.tables()) {
                by.add(table.handle());
              }
              for (Parameter p : graph.parameters()) {
                by.add(p.value());
                names.add(p.variable().name());
              }
              Gradients g = b.tf.gradients(loss, by);
              SparseRows rows = SparseRows.of(g.dy(0));
              List<Operand<TFloat32>> out = new ArrayList<>();
              out.add(b.tf.dtypes.cast(rows.ids(), TFloat32.class));
              out.add(rows.rows());
              for (int i = 1; i < by.size(); i++) {
                out.add(g.dy(i));
              }
              return out;
            });
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      float[] values =
          name.equals("embedding_wb")
              ? ((LowRank) c.table()).wb().toMatrix().values()
              : c.weights().get(name).toMatrix().values();
      compare(c, name, values, gradients.get(2 + i));
    }
    float[] table =
        c.table() instanceof LowRank l ? l.wa().toMatrix().values() : c.table().toMatrix().values();
    int columns = table.length / V;
    float[] whole = new float[table.length];
    for (int u = 0; u < gradients.get(0).length; u++) {
      System.arraycopy(
          gradients.get(1), u * columns, whole, (int) gradients.get(0)[u] * columns, columns);
    }
    compare(c, "table", table, whole);
  }

  /** The arrays are those of the classifier itself, so changing them in place changes its loss. */
  private void compare(Classifier c, String name, float[] values, float[] gradient) {
    assertThat(gradient).hasSameSizeAs(values);
    for (int i = 0; i < values.length; i++) {
      float was = values[i];
      values[i] = was + 1e-3f;
      double up = loss(c);
      double top = values[i];
      values[i] = was - 1e-3f;
      double down = loss(c);
      double numeric = (up - down) / (top - values[i]);
      values[i] = was;
      assertThat((double) gradient[i]).as("%s[%d]", name, i).isCloseTo(numeric, within(2e-4));
    }
  }
}
