package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.InputFiles;
import io.github.lowrank.experiments.report.Scores;
import io.github.lowrank.experiments.report.Table;
import io.github.lowrank.experiments.run.HeldOut;
import io.github.lowrank.experiments.run.LinkPrediction;
import io.github.lowrank.experiments.run.NodeClassification;
import io.github.lowrank.experiments.run.ProximitySearch;
import io.github.lowrank.graph.EdgeListFile;
import io.github.lowrank.graph.Network;
import io.github.lowrank.graph.NodeEmbedding;
import io.github.lowrank.graph.NodeLabels;
import io.github.lowrank.graph.StoppingProbabilities;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.text.VectorWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "embed",
    mixinStandardHelpOptions = true,
    description = {
      "Embeds the nodes of a graph: two vectors for each, whose products are the logarithms of proximities.",
      "Writes nodes and contexts as word2vec text (.txt) and binary (.bin), proximity.json, and a card with scores of links and classes."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank embed --graph edges.txt --out vectors",
      "  lowrank embed --graph edges.txt.gz --dim 64 --labels labels.txt --out vectors",
      "  lowrank embed --graph edges.txt --labels labels.txt --loss classes --out vectors",
      "  lowrank embed --graph follows.tsv --directed --proximity learned --out vectors",
      "  lowrank embed --graph large.txt --proximity poisson:1 --delta 5e-3 --no-scores --out vectors"
    })
final class EmbedCommand implements Callable<Integer> {
  private static final String BEST = "best";
  private static final String LEARNED = "learned";
  private static final double LEAST_DELTA = 1e-5;
  private static final int MOST_THREADS = 1024;

  /** Up to ten thousand nodes the least delta; beyond, a source is pushed less far. */
  private static final double DELTA_PER_NODE = 1e-9;

  private static final List<Double> SHARES = List.of(0.1, 0.5, 0.9);

  @Spec private CommandSpec spec;

  @Option(
      names = "--graph",
      required = true,
      paramLabel = "FILE",
      description =
          "Edges, one per line: two nodes and perhaps a weight, separated by tabs or blanks; # and %% begin comments; plain or gzip.")
  private Path graph;

  @Option(names = "--directed", description = "An edge leads from its first node to its second.")
  private boolean directed;

  @Option(
      names = "--dim",
      paramLabel = "N",
      defaultValue = "128",
      description = "Numbers of a vector (default: ${DEFAULT-VALUE}).")
  private int dimension;

  @Option(
      names = "--proximity",
      paramLabel = "NAME",
      description =
          "poisson:T, geometric:A or ppr:A; best: of poisson:1, poisson:5, geometric:.5 and ppr:.15 the one that finds held-out edges best; "
              + "learned: also those learned from the best two (default: best; with --loss, learned).")
  private String proximity;

  private enum Loss {
    LINKS,
    CLASSES
  }

  @Option(
      names = "--loss",
      paramLabel = "links|classes",
      description =
          "What a proximity is learned for, and what is held out to choose by: edges, or the classes of a tenth of "
              + "the nodes in --labels (all of them with --no-scores) (default: links, also with --labels).")
  private Loss loss;

  @Option(
      names = "--delta",
      paramLabel = "X",
      description =
          "Proximities below it count as none: smaller is more exact and slower (default: 1e-5; 1e-9 times the number of nodes above 10,000).")
  private Double delta;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "Classes of nodes, to score the vectors by, and with --loss classes to learn from.")
  private Path labels;

  @Option(
      names = "--label-lines",
      paramLabel = "nodes|classes",
      description =
          "What a line of --labels is: a node and its classes, or a class's nodes (default: classes in files *.cmty, else nodes).")
  private NodeLabels.Layout lines;

  @Option(
      names = "--no-scores",
      description =
          "Do not embed the graph without 30 %% of its edges to score how they are found; with --loss classes, "
              + "learn from all labels and score no classes.")
  private boolean unscored;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Number of threads; it does not change the result (default: all cores).")
  private Integer threads;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Of edges that are held out and of the factorization (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder that must not exist.")
  private Path out;

  /** How an embedding did, figure by figure. */
  private record Figures(Map<String, Object> facts) implements Scores {
    @Override
    public String headline() {
      return facts.isEmpty() ? "no scores" : facts.size() + " figures";
    }

    @Override
    public Table table() {
      Table table = new Table(List.of("figure", "value"));
      facts.forEach(
          (name, value) ->
              table.line(List.of(name, String.format(Locale.ROOT, "%.4f", (double) value))));
      return table;
    }

    @Override
    public double accuracy() {
      return Double.NaN;
    }
  }

  @Override
  public Integer call() throws IOException {
    ConsoleListener listener = new ConsoleListener(System.err);
    try {
      return embed(listener);
    } catch (NodeEmbedding.NothingNear e) {
      throw new UsageException("--delta: " + e.getMessage());
    } finally {
      listener.close();
    }
  }

  private int embed(ConsoleListener listener) throws IOException {
    Optional<StoppingProbabilities> given = given();
    check();
    if (threads != null) {
      System.setProperty(Sessions.THREADS, threads.toString());
    }
    Path edges = InputFiles.readable(graph, "a file of edges (--graph)");
    Network network =
        EdgeListFile.read(
            edges, directed, line -> listener.count("reading " + graph, line, "lines"));
    if (dimension > network.nodes()) {
      throw new UsageException(
          "--dim: expected at most the %d nodes of %s, found %d"
              .formatted(network.nodes(), graph, dimension));
    }
    Optional<NodeLabels> classes =
        labels == null
            ? Optional.empty()
            : Optional.of(
                NodeLabels.read(
                    InputFiles.readable(labels, "a file of labels (--labels)"),
                    lines == null ? NodeLabels.Layout.of(labels) : lines,
                    network));
    double least = delta != null ? delta : Math.max(LEAST_DELTA, DELTA_PER_NODE * network.nodes());
    terminal()
        .printf(
            Locale.ROOT,
            "%,d nodes, %,d %s edges%s%n",
            network.nodes(),
            network.size(),
            (directed ? "directed" : "undirected")
                + (network.weights().length == 0 ? "" : " weighted"),
            classes.map(c -> ", " + c.classes().size() + " classes").orElse(""));
    if (EdgeListFile.headed(network)) {
      listener.warn(
          "%s: the first line, '%s %s', is taken as an edge, though all other nodes are numbers; if it names columns, begin it with #"
              .formatted(graph, network.names().get(0), network.names().get(1)));
    }
    classes
        .filter(c -> c.unknown() > 0)
        .ifPresent(
            c ->
                terminal()
                    .printf(
                        Locale.ROOT,
                        "%s: %,d labels of nodes that have no edge are not used%n",
                        labels,
                        c.unknown()));
    terminal().flush();
    ProximitySearch search = new ProximitySearch(least, dimension, seed);
    Map<String, Object> scores = new LinkedHashMap<>();
    // The removed edges choose nothing: what is chosen is chosen on others, held out of the rest.
    Optional<LinkPrediction> links =
        unscored
            ? Optional.empty()
            : Optional.of(
                scored(
                    graph,
                    "--no-scores does without",
                    () -> LinkPrediction.of(network, LinkPrediction.SHARE, seed)));
    Map<String, Object> choice = new LinkedHashMap<>();
    StoppingProbabilities stopping =
        given.isPresent()
            ? given.get()
            : scored(
                loss == Loss.CLASSES ? labels : graph,
                (loss == Loss.CLASSES && !unscored ? "--no-scores uses all labels, " : "")
                    + "a fixed --proximity such as ppr:.15 does without",
                () ->
                    chosen(
                        search,
                        loss == Loss.CLASSES
                            ? HeldOut.labels(network, learnedFrom(classes.orElseThrow()), seed)
                            : HeldOut.edges(links.map(LinkPrediction::train).orElse(network), seed),
                        choice,
                        listener));
    links.ifPresent(
        removed -> {
          LinkPrediction.Scores found =
              removed.scores(search.embedding(removed.train(), stopping, listener));
          scores.put("link_auc_both_directions", found.auc());
          scores.put("link_precision_at_m_both_directions", found.precision());
          scores.put("link_auc", found.oneAuc());
          scores.put("link_precision_at_m", found.onePrecision());
        });
    NodeEmbedding embedding = search.embedding(network, stopping, listener);
    if (classes.isPresent() && !(unscored && loss == Loss.CLASSES)) {
      for (double share : SHARES) {
        scores.put(
            "micro_f1_at_%.0f_percent".formatted(100 * share),
            scored(
                labels,
                "without --labels there is no score of classes",
                () ->
                    NodeClassification.microF1(embedding.features(), classes.get(), share, seed)));
      }
    }
    if (embedding.empty() > 0) {
      listener.warn(
          "%,d of %,d nodes have vectors of zeros: no proximity of theirs is above %s (--delta), or among the first %d components (--dim)"
              .formatted(embedding.empty(), network.nodes(), least, dimension));
    }
    listener.begin("writing " + out);
    AtomicFiles.folder(
        out, folder -> write(folder, network, embedding, stopping, least, choice, scores));
    listener.close();
    terminal().println(stopping);
    if (!scores.isEmpty()) {
      terminal().print(new Figures(scores).table().text());
    }
    terminal()
        .printf(
            Locale.ROOT,
            "%s: %,d bytes, two vectors of %d numbers for each of %,d nodes%n",
            out,
            AtomicFiles.size(out),
            dimension,
            network.nodes());
    terminal().flush();
    return 0;
  }

  /** A graph or labels may be too few for a score. */
  private static <T> T scored(Path file, String remedy, Supplier<T> score) throws IOException {
    try {
      return score.get();
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage() + "; " + remedy, e);
    }
  }

  private PrintWriter terminal() {
    return spec.commandLine().getOut();
  }

  private void check() throws IOException {
    UsageException.checkFolderAbove(out);
    if (Files.exists(out)) {
      throw new UsageException("--out " + out + ": expected a folder that does not exist yet");
    }
    InputFiles.check(graph, "a file of edges (--graph)");
    if (labels != null) {
      InputFiles.check(labels, "a file of labels (--labels)");
    }
    if (loss == Loss.CLASSES && labels == null) {
      throw new UsageException("--loss classes: expected --labels beside it");
    }
    if (labels == null && lines != null) {
      throw new UsageException("--label-lines: expected --labels beside it");
    }
    if (dimension < 1) {
      throw new UsageException("--dim: expected a number of at least 1, found " + dimension);
    }
    if (threads != null && (threads < 1 || threads > MOST_THREADS)) {
      throw new UsageException(
          "--threads: expected a number in 1 .. %d, found %d".formatted(MOST_THREADS, threads));
    }
    if (delta != null && !(delta > 0 && delta < 1)) {
      throw new UsageException("--delta: expected a number in (0, 1), found " + delta);
    }
  }

  /**
   * The stopping probabilities that {@code --proximity} names, or none if they are to be chosen.
   */
  private Optional<StoppingProbabilities> given() {
    if (proximity().equals(BEST) || proximity().equals(LEARNED)) {
      return Optional.empty();
    }
    if (loss != null) {
      throw new UsageException("--loss: expected --proximity learned or best beside it");
    }
    String[] parts = proximity.split(":", -1);
    try {
      if (parts.length == 2) {
        double x = Double.parseDouble(parts[1]);
        switch (parts[0]) {
          case "poisson":
            return Optional.of(StoppingProbabilities.poisson(x));
          case "geometric":
            return Optional.of(StoppingProbabilities.geometric(x));
          case "ppr":
            return Optional.of(StoppingProbabilities.pageRank(x));
          default:
        }
      }
    } catch (NumberFormatException e) {
      // told below
    } catch (IllegalArgumentException e) {
      throw new UsageException("--proximity: " + e.getMessage());
    }
    throw new UsageException(
        "--proximity: expected best, learned, poisson:T, geometric:A or ppr:A, found '%s'"
            .formatted(proximity));
  }

  /**
   * The labels that choose: those that every score of classes learns from, or all if there is none.
   */
  private NodeLabels learnedFrom(NodeLabels all) {
    return unscored ? all : NodeClassification.known(all, SHARES.get(0), seed);
  }

  private StoppingProbabilities chosen(
      ProximitySearch search, HeldOut held, Map<String, Object> choice, ConsoleListener listener) {
    ProximitySearch.Tried best =
        (proximity().equals(LEARNED) ? search.learned(held, listener) : search.best(held, listener))
            .get(0);
    choice.put("chosen_by", held.metric() + (loss == Loss.CLASSES ? labelsUsed() : ""));
    choice.put("chosen_at", best.score());
    return best.stopping();
  }

  private String labelsUsed() {
    return unscored
        ? ", of all nodes with labels"
        : ", of %.0f %% of the nodes with labels, which no score of classes tests"
            .formatted(100 * SHARES.get(0));
  }

  private String proximity() {
    return proximity != null ? proximity : loss == null ? BEST : LEARNED;
  }

  private void write(
      Path folder,
      Network network,
      NodeEmbedding embedding,
      StoppingProbabilities stopping,
      double least,
      Map<String, Object> choice,
      Map<String, Object> scores)
      throws IOException {
    for (VectorWriter.Layout layout : VectorWriter.Layout.values()) {
      Path nodes = folder.resolve("nodes" + layout.suffix());
      Path contexts = folder.resolve("contexts" + layout.suffix());
      VectorWriter.write(nodes, layout, network.names(), embedding.source());
      VectorWriter.write(contexts, layout, network.names(), embedding.target());
    }
    Map<String, Object> proximities = new LinkedHashMap<>();
    proximities.put("name", stopping.name());
    proximities.put("delta", least);
    proximities.put("stopping_probabilities", stopping.alpha());
    Files.writeString(folder.resolve("proximity.json"), Json.pretty(proximities));
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put(
        "made_by", "lowrank embed, commit " + System.getProperty("lowrank.commit", "unknown"));
    facts.put("graph", graph.getFileName().toString());
    facts.put("sha256", AtomicFiles.checksum(InputFiles.readable(graph, "a file of edges")));
    facts.put("nodes", network.nodes());
    facts.put("edges", network.size());
    facts.put("directed", directed);
    facts.put("weighted", network.weights().length > 0);
    facts.put("dimension", dimension);
    facts.put("proximity", stopping.name());
    facts.putAll(choice);
    facts.put("delta", least);
    facts.put("seed", seed);
    facts.putAll(scores);
    Files.writeString(folder.resolve("card.json"), Json.pretty(facts));
    Files.writeString(folder.resolve("card.md"), markdown(facts, scores));
  }

  private static String markdown(Map<String, Object> facts, Map<String, Object> scores) {
    Table table = new Table(List.of("", ""));
    facts.forEach(
        (name, fact) -> {
          if (!scores.containsKey(name)) {
            table.line(List.of(name, fact.toString()));
          }
        });
    return """
        # Embedding of the nodes of a graph

        `nodes` holds U sqrt(S), `contexts` V sqrt(S): U S V^T is nearly the logarithm of the proximities.

        """
        + table.markdown()
        + (scores.isEmpty()
            ? "\nNot scored.\n"
            : """

            Links: 30 % of the edges are removed and told from as many other pairs of nodes, by the score
            U_i V_j + U_j V_i (both directions) or U_i V_j. Classes: logistic regressions on both vectors, the
            number of a node's classes given; the rest of the nodes is test.

            """
                + new Figures(scores).table().markdown());
  }
}
