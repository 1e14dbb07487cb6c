package io.github.lowrank.experiments.run;

import io.github.lowrank.graph.ClassLoss;
import io.github.lowrank.graph.LinkLoss;
import io.github.lowrank.graph.Network;
import io.github.lowrank.graph.NodeEmbedding;
import io.github.lowrank.graph.NodeLabels;
import io.github.lowrank.graph.ProximityLoss;
import java.util.stream.IntStream;

/** What is held out of a network to choose stopping probabilities by, and the loss beside it. */
public interface HeldOut {
  /** The network that is embedded to choose. */
  Network network();

  /** The loss by which stopping probabilities are learned. */
  ProximityLoss loss();

  /** How well an embedding of {@link #network} does; more is better. */
  double score(NodeEmbedding embedding);

  /** What {@link #score} is, such as {@code AUC on held-out edges}. */
  String metric();

  /**
   * A tenth of the edges.
   *
   * @throws IllegalArgumentException if there are too few
   */
  static HeldOut edges(Network network, long seed) {
    LinkPrediction held = LinkPrediction.of(network, 0.1, seed);
    return new HeldOut() {
      @Override
      public Network network() {
        return held.train();
      }

      @Override
      public ProximityLoss loss() {
        return LinkLoss.standard();
      }

      @Override
      public double score(NodeEmbedding embedding) {
        return held.scores(embedding).auc(held.train());
      }

      @Override
      public String metric() {
        return "AUC on held-out edges";
      }
    };
  }

  /**
   * Half of the nodes with labels at a time, ten times; the other half is learned from.
   *
   * @param known the labels that may be used: those of no test node
   * @throws IllegalArgumentException if fewer than {@value #LEAST_KNOWN} nodes have labels
   */
  static HeldOut labels(Network network, NodeLabels known, long seed) {
    long nodes = IntStream.range(0, network.nodes()).filter(known::has).count();
    if (nodes < LEAST_KNOWN) {
      throw new IllegalArgumentException(
          "expected at least %d nodes with labels to choose by, found %d"
              .formatted(LEAST_KNOWN, nodes));
    }
    return new HeldOut() {
      @Override
      public Network network() {
        return network;
      }

      @Override
      public ProximityLoss loss() {
        return ClassLoss.standard(known);
      }

      @Override
      public double score(NodeEmbedding embedding) {
        return IntStream.range(0, HALVES)
            .mapToDouble(
                half -> NodeClassification.microF1(embedding.features(), known, 0.5, seed + half))
            .average()
            .orElseThrow();
      }

      @Override
      public String metric() {
        return "micro-F1 on held-out labels";
      }
    };
  }

  /** With fewer labels a choice is chance. */
  int LEAST_KNOWN = 20;

  /** Number of times that labels are held out. */
  int HALVES = 10;
}
