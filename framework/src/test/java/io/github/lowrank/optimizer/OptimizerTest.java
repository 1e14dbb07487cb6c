package io.github.lowrank.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** Several steps, dense and sparse, against the published equations in plain Java. */
class OptimizerTest {
  private static final int ROWS = 5;
  private static final int COLUMNS = 3;
  private static final float RATE = 0.05f;
  private static final int STEPS = 6;
  // Rows with a gradient, step by step.
  private static final int[][] TOUCHED = {{0, 1}, {1, 4}, {2, 1}, {0, 4}, {3, 2}, {1, 0}};

  static List<Optimizer> all() {
    return List.of(
        Optimizer.sgd(),
        Optimizer.momentum(),
        Optimizer.adaGrad(),
        Optimizer.rmsProp(),
        Optimizer.adam());
  }

  /** One number with its slots. */
  private static final class Cell {
    double x;
    double a;
    double b;

    void update(Optimizer optimizer, double g, int t) {
      if (optimizer instanceof Optimizer.Sgd) {
        x -= RATE * g;
      } else if (optimizer instanceof Optimizer.Momentum m) {
        a = m.momentum() * a + g;
        x -= RATE * a;
      } else if (optimizer instanceof Optimizer.AdaGrad) {
        a += g * g;
        x -= RATE * g / (Math.sqrt(a) + 1e-7);
      } else if (optimizer instanceof Optimizer.RmsProp r) {
        a = r.decay() * a + (1 - r.decay()) * g * g;
        x -= RATE * g / Math.sqrt(a + r.epsilon());
      } else if (optimizer instanceof Optimizer.Adam adam) {
        a = adam.beta1() * a + (1 - adam.beta1()) * g;
        b = adam.beta2() * b + (1 - adam.beta2()) * g * g;
        double mean = a / (1 - Math.pow(adam.beta1(), t));
        double scale = Math.sqrt(1 - Math.pow(adam.beta2(), t));
        x -= RATE * mean * scale / (Math.sqrt(b) + adam.epsilon());
      }
    }
  }

  private static Cell[] cells(Optimizer optimizer, float[] initial) {
    Cell[] cells = new Cell[initial.length];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = new Cell();
      cells[i].x = initial[i];
      cells[i].a = optimizer instanceof Optimizer.AdaGrad g ? g.initialAccumulator() : 0;
    }
    return cells;
  }

  @ParameterizedTest
  @MethodSource("all")
  void denseStepsFollowTheEquations(Optimizer optimizer) {
    float[] initial = Eval.random(ROWS * COLUMNS, 1);
    Cell[] expected = cells(optimizer, initial);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variables variables = new Variables(tf);
      Variable x = variables.create("x", Shape.of(ROWS, COLUMNS), TFloat32.class);
      Placeholder<TFloat32> g =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(ROWS, COLUMNS)));
      Placeholder<TInt64> step = tf.placeholder(TInt64.class);
      Op update =
          optimizer.dense(tf, new Optimizer.Update(variables, x, tf.constant(RATE), step), g);
      try (Session session = new Session(graph)) {
        try (Variables.Assignment first = variables.assignment(session)) {
          first.slots().set(x, initial).run();
        }
        for (int t = 1; t <= STEPS; t++) {
          float[] gradient = Eval.random(ROWS * COLUMNS, 100 + t);
          try (TFloat32 value =
                  TFloat32.tensorOf(Shape.of(ROWS, COLUMNS), DataBuffers.of(gradient));
              TInt64 before = TInt64.scalarOf(t - 1)) {
            session.runner().feed(g, value).feed(step, before).addTarget(update).run().close();
          }
          for (int i = 0; i < gradient.length; i++) {
            expected[i].update(optimizer, gradient[i], t);
          }
          compare(variables.floats(session, x), expected, optimizer);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void sparseStepsFollowTheEquationsInTheTouchedRowsAlone(Optimizer optimizer) {
    float[] initial = Eval.random(ROWS * COLUMNS, 2);
    Cell[] expected = cells(optimizer, initial);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variables variables = new Variables(tf);
      Variable x = variables.create("x", Shape.of(ROWS, COLUMNS), TFloat32.class);
      Placeholder<TFloat32> g = tf.placeholder(TFloat32.class);
      Placeholder<TInt32> ids = tf.placeholder(TInt32.class);
      Placeholder<TInt64> step = tf.placeholder(TInt64.class);
      Operand<TFloat32> rate = tf.constant(RATE);
      Op update =
          optimizer.sparse(
              tf, new Optimizer.Update(variables, x, rate, step), new SparseRows(ids, g));
      try (Session session = new Session(graph)) {
        try (Variables.Assignment first = variables.assignment(session)) {
          first.slots().set(x, initial).run();
        }
        for (int t = 1; t <= STEPS; t++) {
          int[] touched = TOUCHED[t - 1];
          float[] gradient = Eval.random(touched.length * COLUMNS, 200 + t);
          try (TFloat32 value =
                  TFloat32.tensorOf(Shape.of(touched.length, COLUMNS), DataBuffers.of(gradient));
              TInt32 rows = TInt32.vectorOf(touched);
              TInt64 before = TInt64.scalarOf(t - 1)) {
            session
                .runner()
                .feed(g, value)
                .feed(ids, rows)
                .feed(step, before)
                .addTarget(update)
                .run()
                .close();
          }
          for (int i = 0; i < gradient.length; i++) {
            expected[touched[i / COLUMNS] * COLUMNS + i % COLUMNS].update(
                optimizer, gradient[i], t);
          }
          compare(variables.floats(session, x), expected, optimizer);
        }
      }
    }
  }

  private static void compare(float[] found, Cell[] expected, Optimizer optimizer) {
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i])
          .as("%s, number %d", optimizer, i)
          .isCloseTo(expected[i].x, within(2e-5));
    }
  }
}
