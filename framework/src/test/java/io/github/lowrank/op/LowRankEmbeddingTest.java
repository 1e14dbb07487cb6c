package io.github.lowrank.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

class LowRankEmbeddingTest {
  private static final int V = 7;
  private static final int K = 3;
  private static final int D = 4;
  private static final int[][] IDS = {{1, 2, 1}, {0, 6, 4}};
  private static final float[][] WEIGHTS = {{0.5f, 0.25f, 0.25f}, {0f, 0.5f, 1.5f}};
  private static final float[] WA = Eval.random(V * K, 1);
  private static final float[] WB = Eval.random(K * D, 2);
  // The loss is sum(G * output): G is the upstream gradient.
  private static final float[] G_ROWS = Eval.random(2 * 3 * D, 3);
  private static final float[] G_BAG = Eval.random(2 * D, 4);

  private record Out(float[] value, float[] wb, float[] weights, float[] ids, float[] rows) {}

  private static Out run(boolean bag, float[] wa, float[] wb, float[][] weights) {
    List<float[]> out =
        Eval.floats(
            b -> {
              Ops tf = b.tf;
              Variable a = b.variables.create("wa", Shape.of(V, K), TFloat32.class);
              Variable w = b.variables.create("wb", Shape.of(K, D), TFloat32.class);
              b.initializers.add(s -> b.variables.assign(s, a, wa));
              b.initializers.add(s -> b.variables.assign(s, w, wb));
              Operand<TInt32> ids = tf.constant(IDS);
              Operand<TFloat32> weight = tf.constant(weights);
              Operand<TFloat32> read = w.read(tf);
              Operand<TFloat32> value =
                  bag
                      ? LowRankEmbedding.bag(tf, a, read, ids, weight)
                      : LowRankEmbedding.lookup(tf, a, read, ids);
              Operand<TFloat32> upstream =
                  bag
                      ? tf.reshape(tf.constant(G_BAG), tf.array(2, D))
                      : tf.reshape(tf.constant(G_ROWS), tf.array(2, 3, D));
              Operand<TFloat32> loss =
                  tf.reduceSum(
                      tf.math.mul(value, upstream), bag ? tf.array(0, 1) : tf.array(0, 1, 2));
              List<Operand<?>> by = new ArrayList<>(List.of(a.handle(), read));
              if (bag) {
                by.add(weight);
              }
              Gradients g = tf.gradients(loss, by);
              SparseRows rows = SparseRows.of(g.dy(0));
              Operand<TFloat32> none = tf.constant(new float[0]);
              return List.of(
                  value,
                  g.<TFloat32>dy(1),
                  bag ? g.<TFloat32>dy(2) : none,
                  tf.dtypes.cast(rows.ids(), TFloat32.class),
                  rows.rows());
            });
    return new Out(out.get(0), out.get(1), out.get(2), out.get(3), out.get(4));
  }

  private static double[] row(int id, float[] wa, float[] wb) {
    double[] row = new double[D];
    for (int k = 0; k < K; k++) {
      for (int d = 0; d < D; d++) {
        row[d] += wa[id * K + k] * (double) wb[k * D + d];
      }
    }
    return row;
  }

  private static double loss(boolean bag, float[] wa, float[] wb, float[][] weights) {
    double loss = 0;
    for (int i = 0; i < 2; i++) {
      for (int l = 0; l < 3; l++) {
        double[] row = row(IDS[i][l], wa, wb);
        for (int d = 0; d < D; d++) {
          loss +=
              bag
                  ? weights[i][l] * row[d] * G_BAG[i * D + d]
                  : row[d] * G_ROWS[(i * 3 + l) * D + d];
        }
      }
    }
    return loss;
  }

  @Test
  void lookupIsTheProductOfGatheredRows() {
    float[] value = run(false, WA, WB, WEIGHTS).value();
    for (int i = 0; i < 6; i++) {
      double[] expected = row(IDS[i / 3][i % 3], WA, WB);
      for (int d = 0; d < D; d++) {
        assertThat((double) value[i * D + d]).isCloseTo(expected[d], within(1e-5));
      }
    }
  }

  @Test
  void bagIsTheWeightedSum() {
    float[] value = run(true, WA, WB, WEIGHTS).value();
    for (int i = 0; i < 2; i++) {
      for (int d = 0; d < D; d++) {
        double expected = 0;
        for (int l = 0; l < 3; l++) {
          expected += WEIGHTS[i][l] * row(IDS[i][l], WA, WB)[d];
        }
        assertThat((double) value[i * D + d]).isCloseTo(expected, within(1e-5));
      }
    }
  }

  @Test
  void gradientsMatchFiniteDifferences() {
    for (boolean bag : new boolean[] {false, true}) {
      Out out = run(bag, WA, WB, WEIGHTS);
      double[] dense = new double[V * K];
      assertThat(out.ids()).doesNotHaveDuplicates().containsExactlyInAnyOrder(0, 1, 2, 4, 6);
      for (int u = 0; u < out.ids().length; u++) {
        for (int k = 0; k < K; k++) {
          dense[(int) out.ids()[u] * K + k] = out.rows()[u * K + k];
        }
      }
      float h = 1e-2f; // the loss is linear in each number, so a wide step is exact
      for (int i = 0; i < WA.length; i++) {
        float[] up = WA.clone();
        float[] down = WA.clone();
        up[i] += h;
        down[i] -= h;
        double numeric =
            (loss(bag, up, WB, WEIGHTS) - loss(bag, down, WB, WEIGHTS))
                / ((double) up[i] - down[i]);
        assertThat(dense[i]).as("wa %d, bag %s", i, bag).isCloseTo(numeric, within(1e-4));
      }
      for (int i = 0; i < WB.length; i++) {
        float[] up = WB.clone();
        float[] down = WB.clone();
        up[i] += h;
        down[i] -= h;
        double numeric =
            (loss(bag, WA, up, WEIGHTS) - loss(bag, WA, down, WEIGHTS))
                / ((double) up[i] - down[i]);
        assertThat((double) out.wb()[i]).as("wb %d", i).isCloseTo(numeric, within(1e-4));
      }
    }
  }

  @Test
  void bagWeightsHaveAGradientToo() {
    Out out = run(true, WA, WB, WEIGHTS);
    for (int i = 0; i < 6; i++) {
      float[][] up = {WEIGHTS[0].clone(), WEIGHTS[1].clone()};
      up[i / 3][i % 3] += 0.5f;
      double numeric = (loss(true, WA, WB, up) - loss(true, WA, WB, WEIGHTS)) / 0.5;
      assertThat((double) out.weights()[i]).isCloseTo(numeric, within(1e-4));
    }
  }

  @Test
  void typesStandInTheGraph() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variables variables = new Variables(tf);
      Variable a = variables.create("wa", Shape.of(V, K), TFloat32.class);
      Variable w = variables.create("wb", Shape.of(K, D), TFloat32.class);
      Operand<TFloat32> read = w.read(tf);
      Operand<TFloat32> rows = LowRankEmbedding.lookup(tf, a, read, tf.constant(IDS));
      assertThat(rows.shape()).isEqualTo(Shape.of(2, 3, D));
      var unused = tf.gradients(tf.reduceSum(rows, tf.array(0, 1, 2)), List.of(a.handle(), read));
      assertThat(graph.toGraphDef().getNodeList().stream().map(NodeDef::getOp))
          .contains(LowRankEmbedding.OP, LowRankEmbedding.GRADIENT_OP);
      assertThat(unused.dy()).hasSize(2);
    }
  }

  @Test
  void gradientOfTwoLookupsIsRefused() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variables variables = new Variables(tf);
      Variable table = variables.create("table", Shape.of(V, K), TFloat32.class);
      Operand<TFloat32> sum =
          tf.math.add(
              SparseRows.gather(tf, table, tf.constant(IDS)),
              SparseRows.gather(tf, table, tf.constant(IDS)));
      Gradients g = tf.gradients(tf.reduceSum(sum, tf.array(0, 1, 2)), List.of(table.handle()));
      assertThatThrownBy(() -> SparseRows.of(g.dy(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("exactly once");
    }
  }
}
