package io.github.lowrank.distributed;

import io.github.lowrank.linalg.DoubleMatrix;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;

/**
 * All nodes at once in a TensorFlow graph in double precision: every matrix of the state is a
 * variable with the nodes as its first dimension, {@code U [J, n, r]}; mixing is {@code W
 * reshape(U, [J, n r])}, the rest are products of batches of matrices; a round is one run of the
 * session.
 *
 * <p>Sums are not taken in the order of {@link NodeSimulation}, so the last bits differ. Nodes with
 * fewer rows than others get rows of zeros with zeros in V_j, where gradients vanish.
 */
public final class GraphSimulation implements Simulation {
  private final Network network;
  private final Algorithm algorithm;
  private final List<List<DoubleMatrix>> first = new ArrayList<>();
  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);
  private final Variables variables = new Variables(tf);
  private final List<Variable> state = new ArrayList<>();
  private final Variable table;
  private final Placeholder<TFloat64> rate;
  private final Operand<TFloat64> mixing;
  private final Map<Round, Op> steps = new HashMap<>();
  private final Session session;
  private long round;
  private long sent;

  /**
   * All nodes before their first round.
   *
   * @param rows of each node, {@code [m_j, n]}
   */
  public GraphSimulation(Network network, Algorithm algorithm, List<DoubleMatrix> rows) {
    this.network = network;
    this.algorithm = algorithm;
    for (int j = 0; j < network.nodes(); j++) {
      first.add(algorithm.start(rows.get(j), j));
    }
    table = variable("rows", rows);
    for (int i = 0; i < first.get(0).size(); i++) {
      int part = i;
      state.add(variable("state" + i, first.stream().map(s -> s.get(part)).toList()));
    }
    rate = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.scalar()));
    DoubleMatrix w = network.mixing();
    mixing = tf.reshape(tf.constant(w.values()), tf.constant(new int[] {w.rows(), w.columns()}));
    session = Sessions.open(graph);
    try (Variables.Assignment assignment = variables.assignment(session)) {
      assignment.set(table, stacked(rows));
      for (int i = 0; i < state.size(); i++) {
        int part = i;
        assignment.set(state.get(i), stacked(first.stream().map(s -> s.get(part)).toList()));
      }
      assignment.run();
    }
  }

  private Variable variable(String name, List<DoubleMatrix> parts) {
    return variables.create(
        name, Shape.of(parts.size(), height(parts), parts.get(0).columns()), TFloat64.class);
  }

  private static int height(List<DoubleMatrix> parts) {
    return parts.stream().mapToInt(DoubleMatrix::rows).max().orElseThrow();
  }

  private static double[] stacked(List<DoubleMatrix> parts) {
    int size = height(parts) * parts.get(0).columns();
    double[] all = new double[Math.multiplyExact(parts.size(), size)];
    for (int j = 0; j < parts.size(); j++) {
      double[] values = parts.get(j).values();
      System.arraycopy(values, 0, all, j * size, values.length);
    }
    return all;
  }

  /** {@code W M} for M as one row per node. */
  private Operand<TFloat64> mix(Operand<TFloat64> stacked) {
    Operand<TFloat64> flat = tf.reshape(stacked, tf.constant(new int[] {network.nodes(), -1}));
    return tf.reshape(tf.linalg.matMul(mixing, flat), tf.constant(stacked.shape().asArray()));
  }

  private Op step(Round now) {
    List<Operand<TFloat64>> old = state.stream().map(v -> v.readDouble(tf)).toList();
    List<Operand<TFloat64>> next = now.next(tf, this::mix, table.readDouble(tf), old, rate);
    // All values must be computed before the first is assigned: both updates are from old values.
    Ops after = tf.withControlDependencies(List.<Op>copyOf(next));
    List<Op> assigned = new ArrayList<>();
    for (int i = 0; i < next.size(); i++) {
      assigned.add(state.get(i).assign(after, next.get(i)));
    }
    return tf.withControlDependencies(assigned).noOp();
  }

  @Override
  public void run(long rounds) {
    for (long i = 0; i < rounds; i++, round++) {
      Round now = algorithm.round(round);
      Op step = steps.computeIfAbsent(now, this::step);
      try (TFloat64 fed = TFloat64.scalarOf(algorithm.rate(round))) {
        session.runner().feed(rate, fed).addTarget(step).run().close();
      }
      for (int j = 0; j < network.nodes(); j++) {
        for (DoubleMatrix part : now.message(first.get(j))) { // of the same shape in each round
          sent += (long) part.values().length * network.neighbours().get(j).size();
        }
      }
    }
  }

  @Override
  public long round() {
    return round;
  }

  @Override
  public List<List<DoubleMatrix>> states() {
    List<double[]> values = state.stream().map(v -> variables.doubles(session, v)).toList();
    List<List<DoubleMatrix>> states = new ArrayList<>();
    for (int j = 0; j < network.nodes(); j++) {
      List<DoubleMatrix> parts = new ArrayList<>();
      for (int i = 0; i < state.size(); i++) {
        DoubleMatrix shape = first.get(j).get(i);
        int size = Math.toIntExact(state.get(i).size() / network.nodes());
        double[] own = new double[shape.values().length];
        System.arraycopy(values.get(i), j * size, own, 0, own.length);
        parts.add(shape.with(own));
      }
      states.add(parts);
    }
    return states;
  }

  @Override
  public long numbersSent() {
    return sent;
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
