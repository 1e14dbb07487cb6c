package io.github.lowrank.experiments.run;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import de.bwaldvogel.liblinear.Linear;
import de.bwaldvogel.liblinear.Model;
import de.bwaldvogel.liblinear.Parameter;
import de.bwaldvogel.liblinear.Problem;
import de.bwaldvogel.liblinear.SolverType;
import io.github.lowrank.graph.NodeLabels;
import io.github.lowrank.linalg.Matrix;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Classes of nodes from their vectors: one logistic regression for each class against the rest. As
 * in the literature on embeddings of nodes, the number of labels of a test node is given, and as
 * many of the most likely classes are its prediction.
 */
public final class NodeClassification {
  private static final double COST = 1;
  private static final double TOLERANCE = 0.01;

  private NodeClassification() {}

  /**
   * Micro-averaged F1 on the nodes that are not learned from. As many classes are predicted as are
   * right, so it is also precision and recall.
   *
   * @param features {@code [nodes, n]}
   * @param share of the nodes with labels to learn from, in (0, 1)
   */
  public static double microF1(Matrix features, NodeLabels labels, double share, long seed) {
    List<Integer> nodes = order(labels, seed);
    int count = (int) Math.round(share * nodes.size());
    if (count < 1 || count == nodes.size()) {
      throw new IllegalArgumentException(
          "expected enough nodes with labels to learn from %s of them, found %d"
              .formatted(share, nodes.size()));
    }
    Feature[][] x = new Feature[features.rows()][];
    nodes.forEach(i -> x[i] = features(features, i));
    List<Integer> train = nodes.subList(0, count);
    List<Integer> test = nodes.subList(count, nodes.size());
    Linear.disableDebugOutput();
    double[][] scores =
        IntStream.range(0, labels.classes().size())
            .parallel()
            .mapToObj(c -> scores(x, features.columns(), labels, c, train, test))
            .toArray(double[][]::new);
    long right = 0;
    long all = 0;
    for (int t = 0; t < test.size(); t++) {
      int[] own = labels.labels()[test.get(t)];
      int place = t;
      List<Integer> best =
          IntStream.range(0, scores.length)
              .boxed()
              .sorted((a, b) -> Double.compare(scores[b][place], scores[a][place]))
              .limit(own.length)
              .toList();
      right += Arrays.stream(own).filter(best::contains).count();
      all += own.length;
    }
    return right / (double) all;
  }

  /**
   * The labels of the nodes that {@link #microF1} with this share and seed learns from. A larger
   * share learns from them too.
   */
  public static NodeLabels known(NodeLabels labels, double share, long seed) {
    List<Integer> nodes = order(labels, seed);
    return labels.of(nodes.subList(0, (int) Math.round(share * nodes.size())));
  }

  /** The nodes with labels, in random order. */
  private static List<Integer> order(NodeLabels labels, long seed) {
    List<Integer> nodes =
        IntStream.range(0, labels.labels().length)
            .filter(labels::has)
            .boxed()
            .collect(Collectors.toList());
    Collections.shuffle(nodes, new Random(seed));
    return nodes;
  }

  /** The logits of a class for all test nodes. */
  private static double[] scores(
      Feature[][] x,
      int columns,
      NodeLabels labels,
      int own,
      List<Integer> train,
      List<Integer> test) {
    Problem problem = new Problem();
    problem.l = train.size();
    problem.n = columns + 1;
    problem.bias = 1;
    problem.x = train.stream().map(i -> x[i]).toArray(Feature[][]::new);
    problem.y =
        train.stream()
            .mapToDouble(i -> Arrays.binarySearch(labels.labels()[i], own) >= 0 ? 1 : 0)
            .toArray();
    double positive = Arrays.stream(problem.y).sum();
    if (positive == 0 || positive == problem.l) { // nothing to learn
      double[] same = new double[test.size()];
      Arrays.fill(same, positive == 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
      return same;
    }
    Model model = Linear.train(problem, new Parameter(SolverType.L2R_LR, COST, TOLERANCE));
    double sign = model.getLabels()[0] == 1 ? 1 : -1;
    double[] value = new double[2];
    return test.stream()
        .mapToDouble(
            i -> {
              Linear.predictValues(model, x[i], value);
              return sign * value[0];
            })
        .toArray();
  }

  private static Feature[] features(Matrix vectors, int row) {
    Feature[] features = new Feature[vectors.columns() + 1];
    for (int k = 0; k < vectors.columns(); k++) {
      features[k] = new FeatureNode(k + 1, vectors.get(row, k));
    }
    features[vectors.columns()] = new FeatureNode(vectors.columns() + 1, 1);
    return features;
  }
}
