package io.github.lowrank.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** Several steps against the paper's equations, in plain Java and with x itself. */
class ScheduleFreeTest {
  private static final int ROWS = 5;
  private static final int COLUMNS = 3;
  private static final int[] ALL = IntStream.range(0, ROWS).toArray();
  private static final int[][] TOUCHED = {{0, 1}, {1, 4}, {2, 1}, {0, 4}, {3, 2}, {1, 0}, {4}};

  static List<Optimizer> both() {
    return List.of(Optimizer.scheduleFreeSgd(), Optimizer.scheduleFreeAdamW());
  }

  /** A warm-up of three steps, then a rate that changes. */
  private static float rate(int t) {
    return 0.1f * Math.min(1, t / 3f) * (t > 5 ? 0.5f : 1);
  }

  /** The paper's algorithm for one number, which keeps x as it is written there. */
  private static final class Cell {
    final boolean adam;
    double x;
    double z;
    double v;

    Cell(boolean adam, double start) {
      this.adam = adam;
      x = start;
      z = start;
    }

    double y() {
      return 0.1 * z + 0.9 * x;
    }

    /** One step, of all numbers of a table: those without a gradient have {@code g} = 0. */
    void step(double g, boolean touched, double rate, double sumOfSquares, int t) {
      double direction = g;
      if (adam && touched) {
        v = 0.999 * v + 0.001 * g * g;
        direction = g / (Math.sqrt(v / (1 - Math.pow(0.999, t))) + 1e-8);
      }
      z -= rate * direction;
      double c = rate * rate / sumOfSquares;
      x = (1 - c) * x + c * z;
    }
  }

  /** A variable in a graph of its own. */
  private static final class Trained implements AutoCloseable {
    private final Graph graph = new Graph();
    private final Session session;
    private final Variables variables;
    private final Variable x;
    private final Placeholder<TFloat32> gradient;
    private final Placeholder<TFloat32> rate;
    private final Placeholder<TInt32> ids;
    private final Placeholder<TInt64> step;
    private final Op update;
    private final Optimizer.Points points;

    Trained(Optimizer optimizer, boolean sparse, float[] initial) {
      Ops tf = Ops.create(graph);
      variables = new Variables(tf);
      x = variables.create("x", Shape.of(ROWS, COLUMNS), TFloat32.class);
      gradient = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, COLUMNS)));
      rate = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
      ids = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
      step = tf.placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
      Optimizer.Update u = new Optimizer.Update(variables, x, rate, step);
      update =
          sparse
              ? optimizer.sparse(tf, u, new SparseRows(ids, gradient))
              : optimizer.dense(tf, u, gradient);
      points = optimizer.points(tf, u, sparse ? Optional.of(ids) : Optional.empty()).orElseThrow();
      session = new Session(graph);
      try (Variables.Assignment first = variables.assignment(session)) {
        first.slots().set(x, initial).run();
      }
      variables.copy(session);
    }

    /** The values after {@code op}. */
    float[] moved(Op op, int... rows) {
      try (TInt32 some = TInt32.vectorOf(rows)) {
        session.runner().feed(ids, some).addTarget(op).run().close();
      }
      return variables.floats(session, x);
    }

    void step(int t, float r, int[] rows, float[] g) {
      try (TFloat32 value = TFloat32.tensorOf(Shape.of(rows.length, COLUMNS), DataBuffers.of(g));
          TFloat32 rateValue = TFloat32.scalarOf(r);
          TInt32 some = TInt32.vectorOf(rows);
          TInt64 before = TInt64.scalarOf(t - 1)) {
        session
            .runner()
            .feed(gradient, value)
            .feed(rate, rateValue)
            .feed(ids, some)
            .feed(step, before)
            .addTarget(update)
            .run()
            .close();
      }
    }

    @Override
    public void close() {
      session.close();
      graph.close();
    }
  }

  private static void follows(Optimizer optimizer, boolean sparse) {
    float[] initial = Eval.random(ROWS * COLUMNS, 3);
    Cell[] cells = new Cell[initial.length];
    Arrays.setAll(cells, i -> new Cell(optimizer instanceof ScheduleFree.AdamW, initial[i]));
    try (Trained trained = new Trained(optimizer, sparse, initial)) {
      assertThat(trained.moved(trained.points.evaluated(), ALL)).containsExactly(initial);
      double sumOfSquares = 0;
      for (int t = 1; t <= 3 * TOUCHED.length; t++) {
        int[] rows = sparse ? TOUCHED[t % TOUCHED.length] : ALL;
        float[] y = trained.moved(trained.points.trained(), rows);
        float[] g = Eval.random(rows.length * COLUMNS, 300 + t);
        trained.step(t, rate(t), rows, g);
        sumOfSquares += (double) rate(t) * rate(t);
        double[] whole = new double[initial.length];
        for (int i = 0; i < g.length; i++) {
          int cell = rows[i / COLUMNS] * COLUMNS + i % COLUMNS;
          whole[cell] = g[i];
          assertThat((double) y[cell])
              .as("y of %d before step %d", cell, t)
              .isCloseTo(cells[cell].y(), within(2e-5));
        }
        for (int i = 0; i < cells.length; i++) {
          int row = i / COLUMNS;
          boolean touched = Arrays.stream(rows).anyMatch(r -> r == row);
          cells[i].step(whole[i], touched, rate(t), sumOfSquares, t);
        }
        float[] x = trained.moved(trained.points.evaluated(), ALL);
        for (int i = 0; i < cells.length; i++) {
          assertThat((double) x[i])
              .as("x of %d after step %d", i, t)
              .isCloseTo(cells[i].x, within(2e-5));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("both")
  void denseStepsFollowTheEquations(Optimizer optimizer) {
    follows(optimizer, false);
  }

  @ParameterizedTest
  @MethodSource("both")
  void sparseStepsFollowTheEquationsInAllRows(Optimizer optimizer) {
    follows(optimizer, true);
  }

  @ParameterizedTest
  @MethodSource("both")
  void theAverageFindsTheMinimumOfANoisyParabola(Optimizer optimizer) {
    float[] target = Eval.random(ROWS * COLUMNS, 5);
    try (Trained trained = new Trained(optimizer, false, new float[ROWS * COLUMNS])) {
      int steps = 2000;
      Random noise = new Random(7);
      for (int t = 1; t <= steps; t++) {
        float[] g = trained.moved(trained.points.trained(), ALL);
        for (int i = 0; i < g.length; i++) {
          g[i] += (float) (0.3 * noise.nextGaussian()) - target[i];
        }
        trained.step(t, 0.05f * Math.min(1, t / 100f), ALL, g);
      }
      float[] x = trained.moved(trained.points.evaluated(), ALL);
      for (int i = 0; i < x.length; i++) {
        assertThat(x[i]).as("number %d", i).isCloseTo(target[i], within(0.1f));
      }
    }
  }

  @Test
  void otherOptimizersAreEvaluatedWhereTheyAreTrained() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variables variables = new Variables(tf);
      Variable x = variables.create("x", Shape.of(1), TFloat32.class);
      Optimizer.Update u = new Optimizer.Update(variables, x, tf.constant(0.1f), tf.constant(0L));
      for (Optimizer o : OptimizerTest.all()) {
        assertThat(o.points(tf, u, Optional.empty())).as("%s", o).isEmpty();
      }
    }
  }
}
