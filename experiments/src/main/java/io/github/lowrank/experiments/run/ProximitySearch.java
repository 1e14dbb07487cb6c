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
 * Chooses stopping probabilities by what is held out of a network, edges or labels: fixed ones, or
 * those learned from the best fixed ones. The loss of learning does not choose, for it is not the
 * metric.
 *
 * @param delta of the push
 * @param dimension of the embeddings that are compared
 * @param seed of the samples and the embeddings
 */
public record ProximitySearch(double delta, int dimension, long seed) {
  private static final int STARTS = 2;
  private static final int STEPS = 20;
  private static final List<Integer> COMPARED = List.of(5, 10, STEPS);

  /**
   * What was compared.
   *
   * @param score on what was held out
   */
  public record Tried(StoppingProbabilities stopping, double score) {}

  /** The fixed stopping probabilities that are tried. */
  public static List<StoppingProbabilities> fixed() {
    return List.of(
        StoppingProbabilities.poisson(1),
        StoppingProbabilities.poisson(5),
        StoppingProbabilities.geometric(0.5),
        StoppingProbabilities.pageRank(0.15));
  }

  /** The fixed ones, the best first. */
  public List<Tried> best(HeldOut held, RunListener listener) {
    return sorted(fixed().stream().map(stopping -> tried(held, stopping, listener)));
  }

  /** The fixed ones and those that are learned from the best of them, the best of all first. */
  public List<Tried> learned(HeldOut held, RunListener listener) {
    List<Tried> all = new ArrayList<>(best(held, listener));
    ProximityLearning.Settings settings = ProximityLearning.Settings.standard();
    for (Tried start : List.copyOf(all.subList(0, STARTS))) {
      listener.log("learning from " + start.stopping().name());
      listener.begin(STEPS + " steps from " + start.stopping().name());
      List<StoppingProbabilities> learned =
          ProximityLearning.learn(
              held.network(), held.loss(), start.stopping(), settings, STEPS, seed);
      COMPARED.forEach(step -> all.add(tried(held, learned.get(step), listener)));
    }
    return sorted(all.stream());
  }

  private static List<Tried> sorted(Stream<Tried> tried) {
    return tried.sorted(Comparator.comparingDouble(t -> -t.score())).toList();
  }

  private Tried tried(HeldOut held, StoppingProbabilities stopping, RunListener listener) {
    NodeEmbedding embedding = embedding(held.network(), stopping, listener);
    listener.begin(stopping.name() + ", " + held.metric());
    Tried tried = new Tried(stopping, held.score(embedding));
    listener.log("%s: %s %.4f".formatted(stopping.name(), held.metric(), tried.score()));
    return tried;
  }

  /** The embedding of a network, of this delta, dimension and seed. */
  public NodeEmbedding embedding(
      Network network, StoppingProbabilities stopping, RunListener listener) {
    int pushes = network.nodes() * (network.directed() ? 2 : 1);
    return NodeEmbedding.of(
        network,
        stopping,
        delta,
        dimension,
        seed,
        done -> {
          if (done % 256 == 0 || done == pushes) {
            synchronized (listener) {
              listener.count(stopping.name() + ", push", done, "nodes");
              if (done == pushes) {
                listener.begin(stopping.name() + ", factorization");
              }
            }
          }
        });
  }
}
