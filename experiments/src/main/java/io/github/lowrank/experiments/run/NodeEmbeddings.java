package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.graph.EdgeListFile;
import io.github.lowrank.graph.Network;
import io.github.lowrank.graph.NodeEmbedding;
import io.github.lowrank.graph.NodeLabels;
import io.github.lowrank.graph.StoppingProbabilities;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Embeddings of a network's nodes by fixed and by learned proximities, and what it costs to store
 * them in low rank and few bits: links that were removed, and classes of nodes. After Zhang et al.,
 * <a href="https://arxiv.org/abs/2106.05476">Learning Based Proximity Matrix Factorization for Node
 * Embedding</a> (2021).
 *
 * @param name of the network
 * @param edges file of the data root
 * @param labels file of the data root
 * @param delta of the push
 * @param dimension of the embeddings
 * @param seeds number of splits
 */
public record NodeEmbeddings(
    String name, String edges, String labels, double delta, int dimension, int seeds) {
  private static final List<Double> SHARES = List.of(0.1, 0.5, 0.9);

  /** Ranks and bits that are tried; those of the embedding itself are the first. */
  private static final List<Integer> BITS = List.of(32, 8, 4, 2);

  /** How stopping probabilities are chosen. */
  public enum Choice {
    /** Each of the fixed ones. */
    FIXED,
    /** Of the fixed ones and those learned by the loss of links, the best on held-out edges. */
    LEARNED,
    /** Of the fixed ones and those learned by the loss of classes, the best on held-out labels. */
    LEARNED_CLASSES;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * A result.
   *
   * @param choice how the stopping probabilities were chosen
   * @param proximity name of the stopping probabilities
   * @param heldOut by what they were chosen, AUC or micro-F1; NaN if nothing was chosen
   * @param rank of both tables
   * @param bits of a number
   * @param bytes of both tables
   * @param links scores of links that were removed
   * @param f1 micro-F1 with 10, 50 and 90 % of the nodes to learn from
   * @param alpha stopping probabilities
   */
  public record Row(
      String network,
      int seed,
      Choice choice,
      String proximity,
      double heldOut,
      int rank,
      int bits,
      long bytes,
      LinkPrediction.Scores links,
      double[] f1,
      double[] alpha) {
    /** Names of the columns. */
    public static final String HEADING =
        "network\tseed\tchoice\tproximity\theld_out\trank\tbits\tbytes\tauc\tprecision\tone_auc\tone_precision\tf1_10\tf1_50\tf1_90\talpha";

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s\t%d\t%s\t%s\t%s\t%d\t%d\t%d\t%.4f\t%.4f\t%.4f\t%.4f\t%s\t%s",
          network,
          seed,
          choice,
          proximity,
          Double.isNaN(heldOut) ? "" : String.format(Locale.ROOT, "%.4f", heldOut),
          rank,
          bits,
          bytes,
          links.auc(),
          links.precision(),
          links.oneAuc(),
          links.onePrecision(),
          Arrays.stream(f1)
              .mapToObj(x -> String.format(Locale.ROOT, "%.4f", x))
              .collect(Collectors.joining("\t")),
          Arrays.stream(alpha)
              .mapToObj(x -> String.format(Locale.ROOT, "%.3f", x))
              .collect(Collectors.joining(" ")));
    }
  }

  /** A table in a form. */
  private record Form(int rank, int bits) {
    EmbeddingTable of(Matrix vectors) {
      EmbeddingTable table =
          rank == vectors.columns()
              ? new Dense(vectors)
              : LowRank.of(TruncatedSvd.of(vectors, rank).factors(TruncatedSvd.Split.BALANCED));
      return bits == Float.SIZE
          ? table
          : table.withRows(
              rows ->
                  new FixedPoint(
                      PackedCodes.quantize(rows, bits, PackedCodes.Granularity.PER_ROW)));
    }
  }

  /**
   * Runs some of it; each row is told when it is there.
   *
   * @param splits seeds of the splits
   */
  public void run(
      DataRoot root,
      List<Choice> choices,
      List<Integer> splits,
      RunListener listener,
      Consumer<Row> rows)
      throws IOException {
    Network network = EdgeListFile.read(root.folder().resolve(edges), false, line -> {});
    Path labelFile = root.folder().resolve(labels);
    NodeLabels classes = NodeLabels.read(labelFile, NodeLabels.Layout.of(labelFile), network);
    for (int seed : splits) {
      Split split = new Split(network, classes, seed, listener, rows);
      choices.forEach(split::run);
    }
  }

  /** One draw of removed edges and of nodes to learn from. */
  private final class Split {
    private final Network network;
    private final NodeLabels classes;
    private final int seed;
    private final RunListener listener;
    private final Consumer<Row> rows;
    private final LinkPrediction links;
    private final ProximitySearch search;

    private Split(
        Network network, NodeLabels classes, int seed, RunListener listener, Consumer<Row> rows) {
      this.network = network;
      this.classes = classes;
      this.seed = seed;
      this.listener = listener;
      this.rows = rows;
      this.links = LinkPrediction.of(network, LinkPrediction.SHARE, seed);
      this.search = new ProximitySearch(delta, dimension, seed);
    }

    private void run(Choice choice) {
      if (choice == Choice.FIXED) {
        for (StoppingProbabilities fixed : ProximitySearch.fixed()) {
          row(new Pair(fixed), new Form(dimension, Float.SIZE), choice, Double.NaN);
        }
        return;
      }
      // Labels choose on the whole network, whose classes are scored; those of test nodes do not.
      HeldOut held =
          choice == Choice.LEARNED
              ? HeldOut.edges(links.train(), seed)
              : HeldOut.labels(
                  network, NodeClassification.known(classes, SHARES.get(0), seed), seed);
      ProximitySearch.Tried best = search.learned(held, listener).get(0);
      Pair pair = new Pair(best.stopping());
      row(pair, new Form(dimension, Float.SIZE), choice, best.score());
      if (choice == Choice.LEARNED) {
        for (int rank = dimension; rank >= dimension / 4; rank /= 2) {
          for (int bits : BITS) {
            if (rank < dimension || bits < Float.SIZE) {
              row(pair, new Form(rank, bits), choice, best.score());
            }
          }
        }
      }
    }

    /** Embeddings of the network without the removed edges, and of the whole one. */
    private final class Pair {
      private final StoppingProbabilities stopping;
      private final NodeEmbedding forLinks;
      private final NodeEmbedding forClasses;

      private Pair(StoppingProbabilities stopping) {
        this.stopping = stopping;
        this.forLinks = search.embedding(links.train(), stopping, listener);
        this.forClasses = search.embedding(network, stopping, listener);
      }
    }

    private void row(Pair pair, Form form, Choice choice, double heldOut) {
      EmbeddingTable source = form.of(pair.forClasses.source());
      EmbeddingTable target = form.of(pair.forClasses.target());
      Matrix features = new NodeEmbedding(source.toMatrix(), target.toMatrix()).features();
      NodeEmbedding stored =
          new NodeEmbedding(
              form.of(pair.forLinks.source()).toMatrix(),
              form.of(pair.forLinks.target()).toMatrix());
      rows.accept(
          new Row(
              name,
              seed,
              choice,
              pair.stopping.name(),
              heldOut,
              form.rank,
              form.bits,
              source.bytes() + target.bytes(),
              links.scores(stored),
              SHARES.stream()
                  .mapToDouble(share -> NodeClassification.microF1(features, classes, share, seed))
                  .toArray(),
              pair.stopping.alpha()));
    }
  }
}
