package io.github.lowrank.experiments.run;

import io.github.lowrank.graph.Network;
import io.github.lowrank.graph.NodeEmbedding;
import io.github.lowrank.graph.ProximityLearning;
import io.github.lowrank.graph.StoppingProbabilities;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Chooses stopping probabilities on edges that are held out of a network: fixed ones, or those
 * learned from the best fixed ones. The loss of learning does not choose, for it is not the metric.
 *
 * @param delta of the push
 * @param dimension of the embeddings that are compared
 * @param seed of the held-out edges, the samples and the embeddings
 */
public record ProximitySearch(double delta, int dimension, long seed) {
  /** Share of the edges that are held out. */
  private static final double HELD_OUT = 0.1;

  private static final int STARTS = 2;
  private static final int STEPS = 20;
  private static final List<Integer> COMPARED = List.of(5, 10, STEPS);

  /**
   * What was compared.
   *
   * @param auc on the held-out edges
   */
  public record Tried(StoppingProbabilities stopping, double auc) {}

  /** The fixed stopping probabilities that are tried. */
  public static List<StoppingProbabilities> fixed() {
    return List.of(
        StoppingProbabilities.poisson(1),
        StoppingProbabilities.poisson(5),
        StoppingProbabilities.geometric(0.5),
        StoppingProbabilities.pageRank(0.15));
  }

  /** The fixed ones, the best first. */
  public List<Tried> best(Network network, RunListener listener) {
    LinkPrediction held = LinkPrediction.of(network, HELD_OUT, seed);
    return sorted(fixed().stream().map(stopping -> tried(held, stopping, listener)));
  }

  /** The fixed ones and those that are learned from the best of them, the best of all first. */
  public List<Tried> learned(Network network, RunListener listener) {
    List<Tried> all = new ArrayList<>(best(network, listener));
    LinkPrediction held = LinkPrediction.of(network, HELD_OUT, seed);
    ProximityLearning.Settings settings = ProximityLearning.Settings.standard();
    for (Tried start : List.copyOf(all.subList(0, STARTS))) {
      listener.log("learning from " + start.stopping().name());
      List<StoppingProbabilities> learned =
          ProximityLearning.learn(held.train(), start.stopping(), settings, STEPS, seed);
      COMPARED.forEach(step -> all.add(tried(held, learned.get(step), listener)));
    }
    return sorted(all.stream());
  }

  private static List<Tried> sorted(Stream<Tried> tried) {
    return tried.sorted(Comparator.comparingDouble(t -> -t.auc())).toList();
  }

  private Tried tried(LinkPrediction held, StoppingProbabilities stopping, RunListener listener) {
    Tried tried =
        new Tried(
            stopping, held.scores(embedding(held.train(), stopping, listener)).auc(held.train()));
    listener.log("%s: AUC %.4f on held-out edges".formatted(stopping.name(), tried.auc()));
    return tried;
  }

  /** The embedding of a network, of this delta, dimension and seed. */
  public NodeEmbedding embedding(
      Network network, StoppingProbabilities stopping, RunListener listener) {
    return NodeEmbedding.of(
        network,
        stopping,
        delta,
        dimension,
        seed,
        done -> {
          if (done % 256 == 0) {
            synchronized (listener) {
              listener.count(stopping.name() + ", push", done, "nodes");
            }
          }
        });
  }
}
