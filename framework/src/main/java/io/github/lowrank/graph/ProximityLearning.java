package io.github.lowrank.graph;

import io.github.lowrank.op.Sessions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.math.Cumsum;
import org.tensorflow.types.TFloat64;

/**
 * Learns stopping probabilities on connected samples of a network, after <a
 * href="https://arxiv.org/abs/2106.05476">Zhang, Xie, Wang and Huang (2021)</a>:
 *
 * <pre>
 * alpha = sigmoid(theta),   X = ln max((Pi + Pi'^T) / delta, 1)
 * </pre>
 *
 * <p>and a loss of the factorization of {@code X}: of links ({@link LinkLoss}) or of classes
 * ({@link ClassLoss}). All of it is one graph in float64; the gradient goes through the truncated
 * decomposition itself, not through a sketch of it, and {@code theta} keeps the probabilities in
 * (0, 1), where the authors' code aborts. Adam, a new sample at every step. <em>The loss is not the
 * metric</em>: choose among the results on held-out edges or labels.
 */
public final class ProximityLearning implements AutoCloseable {
  private static final double FIRST = 0.9;
  private static final double SECOND = 0.999;
  private static final double EPSILON = 1e-8;
  private static final double LEAST = 1e-3;

  private final int nodes;
  private final Graph graph;
  private final Session session;
  private final Placeholder<TFloat64> theta;
  private final Placeholder<TFloat64> forward;
  private final Placeholder<TFloat64> backward;
  private final ProximityLoss.Term loss;
  private final Operand<TFloat64> gradient;

  /**
   * How to learn.
   *
   * @param nodes number of nodes of a sample, at most
   * @param rank k
   * @param delta proximities below it count as none
   * @param rate of Adam
   */
  public record Settings(int nodes, int rank, double delta, double rate) {
    /** Samples of 500 nodes. */
    public static Settings standard() {
      return new Settings(500, 32, 1e-5, 0.1);
    }
  }

  /**
   * A loss and its gradient.
   *
   * @param gradient with respect to {@code theta}, {@code [hops]}
   */
  record Step(double loss, double[] gradient) {}

  /** For samples of {@code nodes} nodes. */
  ProximityLearning(ProximityLoss of, Settings settings, int nodes) {
    this.nodes = nodes;
    graph = new Graph();
    Ops tf = Ops.create(graph);
    Shape square = Shape.of(nodes, nodes);
    int hops = StoppingProbabilities.HOPS;
    theta = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(hops)));
    forward = tf.placeholder(TFloat64.class, Placeholder.shape(square));
    backward = tf.placeholder(TFloat64.class, Placeholder.shape(square));
    Operand<TFloat64> proximity = proximity(tf, coefficients(tf));
    Operand<TFloat64> x =
        tf.math.log(
            tf.math.maximum(
                tf.math.mul(proximity, tf.constant(1 / settings.delta)), tf.constant(1.0)));
    loss = of.of(tf, x, Math.min(settings.rank, nodes));
    gradient = tf.gradients(loss.value(), List.of(theta)).dy(0);
    session = Sessions.open(graph);
  }

  /** {@code c_i = exp(ln alpha_i + sum_{j < i} ln(1 - alpha_j))}, {@code [hops]}. */
  private Operand<TFloat64> coefficients(Ops tf) {
    Operand<TFloat64> stop = tf.math.neg(tf.math.softplus(tf.math.neg(theta)));
    Operand<TFloat64> go = tf.math.neg(tf.math.softplus(theta));
    return tf.math.exp(
        tf.math.add(stop, tf.math.cumsum(go, tf.constant(0), Cumsum.exclusive(true))));
  }

  /** {@code Pi + Pi'^T}, {@code [nodes, nodes]}. */
  private Operand<TFloat64> proximity(Ops tf, Operand<TFloat64> c) {
    double[] identity = new double[nodes * nodes];
    for (int i = 0; i < nodes; i++) {
      identity[i * nodes + i] = 1;
    }
    Operand<TFloat64> one = tf.reshape(tf.constant(identity), tf.array(nodes, nodes));
    Operand<TFloat64> there = one;
    Operand<TFloat64> back = one;
    List<Operand<TFloat64>> powers = new ArrayList<>();
    for (int i = 0; i < StoppingProbabilities.HOPS; i++) {
      powers.add(tf.math.add(there, back));
      there = tf.linalg.matMul(there, forward);
      back = tf.linalg.matMul(backward, back, MatMul.transposeA(true));
    }
    Operand<TFloat64> rows =
        tf.stopGradient(tf.reshape(tf.stack(powers), tf.array(powers.size(), nodes * nodes)));
    return tf.reshape(
        tf.linalg.matMul(tf.reshape(c, tf.array(1, powers.size())), rows), tf.array(nodes, nodes));
  }

  /** The loss on a sample, and its gradient. */
  Step step(Sample sample, double[] at) {
    double[] there = transitions(sample.network());
    Map<Placeholder<TFloat64>, double[]> feeds = new LinkedHashMap<>(loss.feeds(sample));
    feeds.put(theta, at);
    feeds.put(forward, there);
    feeds.put(
        backward, sample.network().directed() ? transitions(sample.network().reversed()) : there);
    List<TFloat64> fed = new ArrayList<>();
    try {
      Session.Runner runner = session.runner().fetch(loss.value()).fetch(gradient);
      feeds.forEach(
          (placeholder, values) -> {
            fed.add(TFloat64.tensorOf(placeholder.shape(), DataBuffers.of(values)));
            runner.feed(placeholder, fed.get(fed.size() - 1));
          });
      try (Result result = runner.run()) {
        double[] slope = new double[at.length];
        ((TFloat64) result.get(1)).copyTo(DataBuffers.of(slope));
        return new Step(((TFloat64) result.get(0)).getDouble(), slope);
      }
    } finally {
      fed.forEach(TFloat64::close);
    }
  }

  /** {@code T}, {@code [nodes, nodes]}. */
  private double[] transitions(Network sample) {
    double[] t = new double[nodes * nodes];
    for (int i = 0; i < nodes; i++) {
      double sum = 0;
      for (int arc = sample.offsets()[i]; arc < sample.offsets()[i + 1]; arc++) {
        sum += sample.weight(arc);
      }
      for (int arc = sample.offsets()[i]; arc < sample.offsets()[i + 1]; arc++) {
        t[i * nodes + sample.targets()[arc]] = sample.weight(arc) / sum;
      }
      if (sample.degree(i) == 0) {
        t[i * nodes + i] = 1;
      }
    }
    return t;
  }

  /**
   * Learns from a start.
   *
   * @param steps number of steps, each on a sample of its own
   * @return the stopping probabilities after each step, the start first: {@code steps + 1}
   */
  public static List<StoppingProbabilities> learn(
      Network network,
      ProximityLoss loss,
      StoppingProbabilities start,
      Settings settings,
      int steps,
      long seed) {
    if (start.hops() != StoppingProbabilities.HOPS) {
      throw new IllegalArgumentException(
          "expected %d stopping probabilities to begin with, found %d"
              .formatted(StoppingProbabilities.HOPS, start.hops()));
    }
    int size = Math.min(settings.nodes, network.nodes());
    double[] theta =
        Arrays.stream(start.alpha())
            .map(a -> Math.min(1 - LEAST, Math.max(LEAST, a)))
            .map(a -> Math.log(a / (1 - a)))
            .toArray();
    double[] mean = new double[theta.length];
    double[] square = new double[theta.length];
    List<StoppingProbabilities> all = new ArrayList<>(List.of(start));
    Random random = new Random(seed);
    try (ProximityLearning learning = new ProximityLearning(loss, settings, size)) {
      for (int step = 1; step <= steps; step++) {
        Sample sample = sample(network, size, random, seed + step);
        double[] slope = learning.step(sample, theta).gradient();
        for (int i = 0; i < theta.length; i++) {
          mean[i] += (1 - FIRST) * (slope[i] - mean[i]);
          square[i] += (1 - SECOND) * (slope[i] * slope[i] - square[i]);
          theta[i] -=
              settings.rate
                  * (mean[i] / (1 - Math.pow(FIRST, step)))
                  / (Math.sqrt(square[i] / (1 - Math.pow(SECOND, step))) + EPSILON);
        }
        all.add(
            new StoppingProbabilities(
                "learned from " + start.name() + ", step " + step,
                Arrays.stream(theta).map(t -> 1 / (1 + Math.exp(-t))).toArray()));
      }
    }
    return all;
  }

  /**
   * The nodes nearest to a random one, breadth first, and the edges between them; from another one
   * where a component ends. Nodes without edges are the last to be drawn.
   */
  static Sample sample(Network network, int size, Random random, long seed) {
    boolean[] seen = new boolean[network.nodes()];
    int[] starts = IntStream.range(0, seen.length).toArray();
    for (int i = starts.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int other = starts[i];
      starts[i] = starts[j];
      starts[j] = other;
    }
    int[] nodes = new int[size];
    int count = 0;
    for (int pass = 0; pass < 2 && count < size; pass++) {
      for (int i = 0; i < starts.length && count < size; i++) {
        if (!seen[starts[i]] && (pass == 1 || network.degree(starts[i]) > 0)) {
          count = fill(network, starts[i], seen, nodes, count);
        }
      }
    }
    return new Sample(network.induced(nodes), nodes, seed);
  }

  private static int fill(Network network, int start, boolean[] seen, int[] nodes, int before) {
    int count = before;
    Deque<Integer> queue = new ArrayDeque<>(List.of(start));
    seen[start] = true;
    while (!queue.isEmpty() && count < nodes.length) {
      int node = queue.remove();
      nodes[count++] = node;
      for (int arc = network.offsets()[node]; arc < network.offsets()[node + 1]; arc++) {
        int other = network.targets()[arc];
        if (!seen[other]) {
          seen[other] = true;
          queue.add(other);
        }
      }
    }
    return count;
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
