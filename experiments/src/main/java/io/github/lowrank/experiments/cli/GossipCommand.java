package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.InputFiles;
import io.github.lowrank.distributed.Algorithm;
import io.github.lowrank.distributed.DgdLocal;
import io.github.lowrank.distributed.GramGossip;
import io.github.lowrank.distributed.GraphSimulation;
import io.github.lowrank.distributed.Network;
import io.github.lowrank.distributed.NodeFolder;
import io.github.lowrank.distributed.NodePlan;
import io.github.lowrank.distributed.Quality;
import io.github.lowrank.distributed.Simulation;
import io.github.lowrank.embedding.Rank;
import io.github.lowrank.experiments.run.GossipProcesses;
import io.github.lowrank.experiments.run.GossipRow;
import io.github.lowrank.experiments.run.GossipTables;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.linalg.DoubleMatrix;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "gossip",
    mixinStandardHelpOptions = true,
    description = {
      "Factorizes word vectors whose rows lie at the nodes of a network without a centre.",
      "All nodes are simulated in this process or, with --processes, are processes of this computer that talk to "
          + "their neighbours alone; one that is killed goes on from its last round. With a centre, lowrank factorize "
          + "needs no rounds."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank gossip --table vectors.txt --nodes 10 --rank 29 --out factors",
      "  lowrank gossip --table vectors.txt --algorithm dgd-tracking --step 0.1 --rounds 1000 --out factors",
      "  lowrank gossip --table vectors.txt --processes --out factors",
      "  lowrank gossip --table vectors.txt --processes --out factors --resume",
      "  lowrank gossip --demo --algorithm dgd --network random --out demo"
    })
final class GossipCommand implements Callable<Integer> {
  private static final String HOST = "127.0.0.1";
  private static final double REMOVED = 0.9;

  @Spec private CommandSpec spec;

  @Option(
      names = "--table",
      paramLabel = "FILE",
      description = "File of word vectors, in any layout that lowrank train reads.")
  private Path table;

  @Option(
      names = "--demo",
      description =
          "In the place of --table: the demo of DGD+LOCAL, a random table of rank 10, 200 rows of 50 numbers.")
  private boolean demo;

  @Option(names = "--words", paramLabel = "N", description = "The first N words only.")
  private Integer words;

  @Option(
      names = "--nodes",
      paramLabel = "J",
      defaultValue = "10",
      description = "Number of nodes (default: ${DEFAULT-VALUE}).")
  private int nodes;

  @Option(
      names = "--rank",
      paramLabel = "K",
      description =
          "Numbers per word of the factors (default: as many as remove 90 %% of the table's numbers; --demo: 10).")
  private Integer rank;

  private enum Topology {
    RING,
    RANDOM
  }

  @Option(
      names = "--network",
      paramLabel = "ring|random",
      defaultValue = "ring",
      description = "Who talks to whom (default: ${DEFAULT-VALUE}).")
  private Topology topology;

  @Option(
      names = "--links",
      paramLabel = "P",
      defaultValue = "0.3",
      description =
          "With --network random: probability of a link between two nodes (default: ${DEFAULT-VALUE}).")
  private double links;

  private enum Kind {
    GRAM("gram"),
    DGD("dgd"),
    DGD_TRACKING("dgd-tracking");

    private final String name;

    Kind(String name) {
      this.name = name;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  @Option(
      names = "--algorithm",
      paramLabel = "gram|dgd|dgd-tracking",
      defaultValue = "gram",
      converter = KindConverter.class,
      description = {
        "gram: gossip of the Gram matrix; dgd: DGD+LOCAL (Zhu et al., 2019), for tables of exactly that rank; "
            + "dgd-tracking: with gradient tracking, ours, for all tables (default: ${DEFAULT-VALUE})."
      })
  private Kind kind;

  static final class KindConverter implements picocli.CommandLine.ITypeConverter<Kind> {
    @Override
    public Kind convert(String text) {
      for (Kind one : Kind.values()) {
        if (one.name.equalsIgnoreCase(text)) {
          return one;
        }
      }
      throw new picocli.CommandLine.TypeConversionException(
          "expected gram, dgd or dgd-tracking, found '" + text + "'");
    }
  }

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Number of rounds (default: gram 100, dgd 1000, --demo 3000).")
  private Long rounds;

  @Option(
      names = "--step",
      paramLabel = "MU",
      description =
          "Step of dgd on the table divided by its largest singular value (default: 0.05; --demo: 0.001, undivided).")
  private Double step;

  @Option(
      names = "--average",
      paramLabel = "N",
      defaultValue = "0",
      description = "dgd: the last N rounds only average the copies (default: ${DEFAULT-VALUE}).")
  private long average;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of random tables, networks and starts (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--processes", description = "Each node is a process of its own.")
  private boolean processes;

  @Option(
      names = "--port",
      paramLabel = "N",
      description =
          "With --processes: node j listens at port N + j of 127.0.0.1 (default: any free ports).")
  private Integer port;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "With --processes: how long a neighbour may be silent (default: ${DEFAULT-VALUE}).")
  private int patience;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder that must not exist, unless --resume is given.")
  private Path out;

  @Option(
      names = "--resume",
      description =
          "With --processes: go on with a run of the same command that was stopped, each node from its last round.")
  private boolean resume;

  private void check() throws IOException {
    if ((table == null) != demo) {
      throw new UsageException("expected either --table or --demo");
    }
    boolean begun = Files.exists(plan(out));
    if (resume && !processes) {
      throw new UsageException("--resume: expected --processes beside it");
    }
    if (resume && !begun) {
      throw new UsageException(
          "--resume: expected a run that was stopped in %s, found no %s".formatted(out, plan(out)));
    }
    if (!resume && Files.exists(out)) {
      throw new UsageException(
          "--out %s: expected a folder that does not exist yet%s"
              .formatted(out, begun && processes ? "; --resume goes on with what it holds" : ""));
    }
    UsageException.checkFolderAbove(out);
    atLeast("--nodes", nodes, 2);
    atLeast("--words", words == null ? 1 : words, 1);
    atLeast("--rank", rank == null ? 1 : rank, 1);
    atLeast("--rounds", rounds == null ? 1 : rounds, 1);
    atLeast("--average", average, 0);
    atLeast("--patience", patience, 1);
    if (!(links > 0 && links <= 1)) {
      throw new UsageException("--links: expected a number in (0, 1], found " + links);
    }
    if (kind == Kind.GRAM && (step != null || average > 0)) {
      throw new UsageException("--step and --average: expected --algorithm dgd or dgd-tracking");
    }
    if (average > rounds()) {
      throw new UsageException(
          "--average: expected at most --rounds, %d, found %d".formatted(rounds(), average));
    }
    if (step != null && !(step > 0 && step < Double.POSITIVE_INFINITY)) {
      throw new UsageException("--step: expected a number above 0, found " + step);
    }
    if (port != null && !processes) {
      throw new UsageException("--port: expected --processes beside it");
    }
    if (port != null && (port < 1 || port + nodes > 65_536)) {
      throw new UsageException(
          "--port: expected a port with %d more above it, found %d".formatted(nodes - 1, port));
    }
  }

  private static Path plan(Path out) {
    return out.resolve("node-0").resolve("node.json");
  }

  private static void atLeast(String option, long value, long least) {
    if (value < least) {
      throw new UsageException(
          "%s: expected a number of at least %d, found %d".formatted(option, least, value));
    }
  }

  private long rounds() {
    return rounds != null ? rounds : kind == Kind.GRAM ? 100 : demo ? 3000 : 1000;
  }

  private Algorithm algorithm(int rank) {
    if (kind == Kind.GRAM) {
      return new GramGossip(rank);
    }
    double mu = step != null ? step : demo ? 1e-3 : 0.05;
    DgdLocal local =
        DgdLocal.constant(rank, mu, demo ? 1 : 0, seed).averagingAfter(rounds() - average);
    return kind == Kind.DGD ? local : local.tracked();
  }

  @Override
  public Integer call() throws IOException {
    check();
    try (FactorizationProgress progress = new FactorizationProgress(System.err)) {
      DoubleMatrix whole =
          demo
              ? GossipTables.demo(seed)
              : GossipTables.read(
                  InputFiles.readable(table, "a file of word vectors"),
                  words == null ? Integer.MAX_VALUE : words,
                  count -> progress.report("rows read", count, 0));
      if (whole.rows() < nodes) {
        throw new UsageException(
            "--nodes: expected at most one node per row, %d, found %d"
                .formatted(whole.rows(), nodes));
      }
      int k =
          rank != null
              ? rank
              : demo ? GossipTables.DEMO_RANK : Rank.of(whole.rows(), whole.columns(), REMOVED);
      if (k > Math.min(whole.rows(), whole.columns())) {
        throw new UsageException(
            "--rank: expected at most %d for a table of %d x %d, found %d"
                .formatted(
                    Math.min(whole.rows(), whole.columns()), whole.rows(), whole.columns(), k));
      }
      run(GossipTables.split(whole, nodes), k, progress);
    }
    return 0;
  }

  private void run(List<DoubleMatrix> rows, int k, FactorizationProgress progress)
      throws IOException {
    Network network =
        topology == Topology.RING
            ? Network.ring(nodes)
            : Network.random(nodes, links, new Random(seed));
    Algorithm algorithm = algorithm(k);
    progress.begin("singular values of the whole table, to compare with");
    Quality quality = new Quality(rows, k);
    progress.begin("the first round");
    Optional<NodePlan> before =
        resume ? Optional.of(new NodeFolder(out.resolve("node-0")).plan()) : Optional.empty();
    double scale =
        kind == Kind.GRAM || demo
            ? 1
            : before.isPresent() ? before.get().scale() : quality.largestSingularValue();
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%,d rows x %d at %d nodes, %d links, rank %d (least relative error %.6f), %s%n%s%n",
            rows.stream().mapToInt(DoubleMatrix::rows).sum(),
            rows.get(0).columns(),
            nodes,
            network.messages() / 2,
            k,
            quality.relativeError(quality.best()),
            kind,
            GossipRow.HEADING);
    spec.commandLine().getOut().flush();
    List<NodePlan> plans =
        NodePlan.of(
            before.map(NodePlan::run).orElseGet(() -> UUID.randomUUID().toString()),
            network,
            algorithm,
            rounds(),
            rows.get(0).columns(),
            scale,
            HOST,
            processes ? ports() : IntStream.range(0, nodes).mapToObj(j -> 0).toList(),
            Duration.ofSeconds(patience));
    List<String> lines = new ArrayList<>(List.of(GossipRow.HEADING));
    if (processes) {
      // In place: nodes that are killed come back to their folders.
      List<NodeFolder> folders = resume ? reopen(plans, rows) : create(out, plans, rows);
      try {
        new GossipProcesses(folders)
            .run(
                round -> progress.report("rounds", round, rounds()),
                event -> System.err.println(event));
      } catch (IOException e) {
        throw new IOException(
            "%s%nThe nodes stay in %s, each with its last round: the same command with --resume goes on from there"
                .formatted(e.getMessage(), out),
            e);
      }
      long sent = 0;
      List<DoubleMatrix> bases = new ArrayList<>();
      List<List<DoubleMatrix>> states = new ArrayList<>();
      for (NodeFolder folder : folders) {
        sent += folder.result().orElseThrow().numbersSent();
        bases.add(folder.basis());
        states.add(folder.state());
      }
      print(
          GossipRow.of(
              quality,
              bases,
              rounds(),
              sent,
              ownError(rows, scale, states),
              Quality.disagreement(states)),
          lines);
      AtomicFiles.write(out.resolve("rounds.tsv"), String.join("\n", lines) + "\n");
    } else {
      AtomicFiles.folder(
          out,
          folder -> {
            simulate(
                network,
                algorithm,
                rows,
                scale,
                quality,
                lines,
                progress,
                create(folder, plans, rows));
            AtomicFiles.write(folder.resolve("rounds.tsv"), String.join("\n", lines) + "\n");
          });
    }
    spec.commandLine()
        .getOut()
        .printf("%s: basis.f64 and factor.f64 of each node, rounds.tsv%n", out);
    spec.commandLine().getOut().flush();
  }

  private static double ownError(
      List<DoubleMatrix> rows, double scale, List<List<DoubleMatrix>> states) {
    if (states.get(0).size() < 2) {
      return Double.NaN;
    }
    double error = 0;
    double squares = 0;
    for (int j = 0; j < rows.size(); j++) {
      DoubleMatrix own = rows.get(j).map(x -> x / scale);
      squares += own.squares();
      error +=
          states.get(j).get(1).times(states.get(j).get(0).transposed()).plus(-1, own).squares();
    }
    return error / squares;
  }

  private void print(GossipRow row, List<String> lines) {
    lines.add(row.toString());
    spec.commandLine().getOut().println(row.line("-"));
    spec.commandLine().getOut().flush();
  }

  private void simulate(
      Network network,
      Algorithm algorithm,
      List<DoubleMatrix> rows,
      double scale,
      Quality quality,
      List<String> lines,
      FactorizationProgress progress,
      List<NodeFolder> folders)
      throws IOException {
    List<DoubleMatrix> scaled = rows.stream().map(own -> own.map(x -> x / scale)).toList();
    try (Simulation simulation = new GraphSimulation(network, algorithm, scaled)) {
      long[] before = new long[nodes];
      for (long stop : GossipTables.stops(rounds())) {
        while (simulation.round() < stop) {
          simulation.run(1);
          progress.report("rounds", simulation.round(), rounds());
        }
        List<List<DoubleMatrix>> states = simulation.states();
        List<DoubleMatrix> bases = states.stream().map(algorithm::basis).toList();
        double own = ownError(rows, scale, states);
        if (Double.isInfinite(Quality.disagreement(states))
            || Double.isNaN(Quality.disagreement(states))) {
          throw new IOException(
              "the numbers have grown without bound by round %,d: expected a smaller --step"
                  .formatted(simulation.round()));
        }
        print(
            GossipRow.of(
                quality,
                bases,
                simulation.round(),
                simulation.numbersSent(),
                own,
                Quality.disagreement(states)),
            lines);
      }
      List<List<DoubleMatrix>> states = simulation.states();
      for (int j = 0; j < nodes; j++) {
        DoubleMatrix basis = algorithm.basis(states.get(j));
        long sent =
            simulation.numbersSent() * network.neighbours().get(j).size() / network.messages();
        folders
            .get(j)
            .finish(basis, rows.get(j).times(basis), new NodeFolder.Result(rounds(), sent));
      }
    }
  }

  private static List<NodeFolder> create(Path folder, List<NodePlan> plans, List<DoubleMatrix> rows)
      throws IOException {
    List<NodeFolder> folders = new ArrayList<>();
    for (int j = 0; j < plans.size(); j++) {
      folders.add(new NodeFolder(folder.resolve("node-" + j)));
      folders.get(j).create(plans.get(j), rows.get(j));
    }
    return folders;
  }

  private List<NodeFolder> reopen(List<NodePlan> plans, List<DoubleMatrix> rows)
      throws IOException {
    List<NodeFolder> folders = new ArrayList<>();
    for (int j = 0; j < plans.size(); j++) {
      folders.add(new NodeFolder(out.resolve("node-" + j)));
      folders.get(j).reopen(plans.get(j), rows.get(j));
    }
    return folders;
  }

  private List<Integer> ports() throws IOException {
    List<ServerSocket> open = new ArrayList<>();
    try {
      for (int j = 0; j < nodes; j++) {
        int wanted = port == null ? 0 : port + j;
        try {
          open.add(new ServerSocket(wanted, 1, InetAddress.getByName(HOST)));
        } catch (BindException e) {
          throw new IOException(
              "--port: expected %d free ports from %d on, but %d is in use"
                  .formatted(nodes, port, wanted),
              e);
        }
      }
      return open.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : open) {
        socket.close();
      }
    }
  }
}
