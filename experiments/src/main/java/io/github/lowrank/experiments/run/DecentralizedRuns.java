package io.github.lowrank.experiments.run;

import io.github.lowrank.distributed.Algorithm;
import io.github.lowrank.distributed.DgdLocal;
import io.github.lowrank.distributed.GramGossip;
import io.github.lowrank.distributed.GraphSimulation;
import io.github.lowrank.distributed.Network;
import io.github.lowrank.distributed.Quality;
import io.github.lowrank.distributed.Simulation;
import io.github.lowrank.linalg.DoubleMatrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;

/** What DGD+LOCAL and gossip of the Gram matrix reach, and for how many numbers sent. */
public final class DecentralizedRuns {
  private static final int NODES = 10;
  private static final int RANK = 5;
  private static final Network RING = Network.ring(NODES);

  private DecentralizedRuns() {}

  /**
   * A point of the demo's figure.
   *
   * @param error {@code sum_j ||U^j V_j^T - Y_j||^2}
   * @param disagreement {@code sum_j ||U^j - mean U||^2}
   */
  public record DemoRow(String network, long round, double error, double disagreement) {
    /** Names of the columns. */
    public static final String HEADING = "network\tround\terror\tdisagreement";

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%s\t%d\t%.3e\t%.3e", network, round, error, disagreement);
    }
  }

  /** The authors' demo on three random networks and a ring; ours are the seeds. */
  public static List<DemoRow> demo() {
    List<DemoRow> rows = new ArrayList<>();
    for (int seed = 1; seed <= 4; seed++) {
      String name = seed == 4 ? "ring" : "random-" + seed;
      Network network = seed == 4 ? RING : Network.random(NODES, 0.3, new Random(seed));
      List<DoubleMatrix> table = GossipTables.split(GossipTables.demo(seed), NODES);
      Quality quality = new Quality(table, GossipTables.DEMO_RANK);
      DgdLocal local = DgdLocal.constant(GossipTables.DEMO_RANK, 1e-3, 1, seed);
      try (Simulation simulation = new GraphSimulation(network, local, table)) {
        for (int round = 0; round <= 3000; round += 20) {
          simulation.run(round - simulation.round());
          List<List<DoubleMatrix>> states = simulation.states();
          rows.add(
              new DemoRow(name, round, quality.ownError(states), Quality.disagreement(states)));
        }
      }
    }
    return rows;
  }

  /** Five random tables of exactly rank 5, 200 x 100, spectral norm 1. */
  public static void exact(Consumer<String> rows) {
    rows.accept("seed\tstep\tfifth_singular_value\t" + GossipRow.HEADING);
    for (int seed = 1; seed <= 5; seed++) {
      DoubleMatrix table = unit(GossipTables.product(100, 200, RANK, new Random(seed)));
      double fifth = Math.sqrt(table.transposedTimes(table).eigen().values()[RANK - 1]);
      for (double step : new double[] {0.05, 0.1, 0.2}) {
        DgdLocal local = DgdLocal.constant(RANK, step, 0.1, seed);
        String label = String.format(Locale.ROOT, "%d\t%s\t%.3f\t", seed, step, fifth);
        measured(label, RING, local, table, RANK, new long[] {1000}, rows);
      }
    }
  }

  private static DoubleMatrix unit(DoubleMatrix table) {
    double norm = Math.sqrt(table.transposedTimes(table).eigen().values()[0]);
    return table.map(x -> x / norm);
  }

  /** A table of rank 5 and noise: constant steps, decreasing ones, and tracking. */
  public static void drift(Consumer<String> rows) {
    rows.accept("algorithm\tu_squares\tv_squares\tpolished_excess\t" + GossipRow.HEADING);
    Random random = new Random(1);
    DoubleMatrix table =
        unit(GossipTables.product(100, 200, RANK, random))
            .plus(1, DoubleMatrix.gaussian(100, 200, 0.005, random));
    List<DoubleMatrix> parts = GossipTables.split(table, NODES);
    Quality quality = new Quality(parts, RANK);
    DgdLocal constant = DgdLocal.constant(RANK, 0.1, 0.1, 1);
    DgdLocal decreasing = DgdLocal.constant(RANK, 0.2, 0.1, 1).decreasing(300);
    List<String> names = List.of("constant 0.1", "decreasing 0.2", "tracking 0.05", "tracking 0.1");
    List<DgdLocal> algorithms =
        List.of(
            constant,
            decreasing,
            DgdLocal.constant(RANK, 0.05, 0.1, 1).tracked(),
            constant.tracked());
    for (int i = 0; i < names.size(); i++) {
      DgdLocal local = algorithms.get(i);
      try (Simulation simulation = new GraphSimulation(RING, local, parts)) {
        for (long stop : new long[] {300, 1000, 5000, 20000}) {
          simulation.run(stop - simulation.round());
          List<List<DoubleMatrix>> states = simulation.states();
          rows.accept(
              String.format(
                  Locale.ROOT,
                  "%s\t%.4f\t%.4f\t%.3e\t%s",
                  names.get(i),
                  squares(states, 0),
                  squares(states, 1),
                  quality.excess(Quality.mean(states).orthonormal()),
                  GossipRow.of(local, quality, states, stop, simulation.numbersSent())));
        }
      }
    }
  }

  private static double squares(List<List<DoubleMatrix>> states, int part) {
    return states.stream().mapToDouble(s -> s.get(part).squares()).sum() / states.size();
  }

  /**
   * The first 10,000 words of a file of vectors, rank 29.
   *
   * @param vectors file
   */
  public static void words(Path vectors, Consumer<String> rows) throws IOException {
    rows.accept("algorithm\t" + GossipRow.HEADING);
    DoubleMatrix table = unit(GossipTables.read(vectors, 10_000, count -> {}));
    long[] few = {1, 2, 5, 10, 20, 50, 100};
    measured("gram\t", RING, new GramGossip(29), table, 29, few, rows);
    DgdLocal local = DgdLocal.constant(29, 0.1, 0, 1);
    long[] many = {100, 200, 400};
    measured("dgd 0.1\t", RING, local, table, 29, many, rows);
    measured("dgd-tracking 0.1\t", RING, local.tracked(), table, 29, many, rows);
  }

  private static void measured(
      String label,
      Network network,
      Algorithm algorithm,
      DoubleMatrix table,
      int rank,
      long[] stops,
      Consumer<String> rows) {
    List<DoubleMatrix> parts = GossipTables.split(table, NODES);
    measured(label, network, algorithm, parts, new Quality(parts, rank), stops, rows);
  }

  private static void measured(
      String label,
      Network network,
      Algorithm algorithm,
      List<DoubleMatrix> parts,
      Quality quality,
      long[] stops,
      Consumer<String> rows) {
    try (Simulation simulation = new GraphSimulation(network, algorithm, parts)) {
      for (long stop : stops) {
        simulation.run(stop - simulation.round());
        rows.accept(
            label
                + GossipRow.of(
                    algorithm, quality, simulation.states(), stop, simulation.numbersSent()));
      }
    }
  }

  /**
   * Numbers sent against excess error for tables of d columns whose i-th singular value is {@code 1
   * / sqrt(i)}.
   *
   * @param tableRows number of rows of the table
   * @param rounds of DGD+LOCAL with tracking, step 0.1
   */
  public static void crossing(
      int tableRows, int d, List<Integer> ranks, List<Long> rounds, Consumer<String> rows) {
    int most = ranks.stream().mapToInt(k -> k).max().orElseThrow();
    GossipTables.Known known = GossipTables.slowlyFalling(tableRows, d, most, new Random(d));
    List<DoubleMatrix> parts = GossipTables.split(known.table(), NODES);
    List<Quality> qualities =
        ranks.stream().map(k -> new Quality(parts, known.best().columns(k))).toList();
    DoubleMatrix power = RING.mixing();
    for (int t = 1; t <= 100; t++, power = power.times(RING.mixing())) {
      if (t == 1 || t == 3 || t == 10 || t == 30 || t == 100) {
        DoubleMatrix basis = gossiped(parts, power.rows(0, 1), most);
        for (int i = 0; i < ranks.size(); i++) {
          long sent = (long) t * RING.messages() * d * (d + 1) / 2;
          rows.accept(
              row("gram", d, ranks.get(i))
                  + GossipRow.of(
                      qualities.get(i),
                      List.of(basis.columns(ranks.get(i))),
                      t,
                      sent,
                      Double.NaN,
                      Double.NaN));
        }
      }
    }
    for (int i = 0; i < ranks.size(); i++) {
      DgdLocal local = DgdLocal.constant(ranks.get(i), 0.1, 0, 1).tracked();
      measured(
          row("dgd-tracking", d, ranks.get(i)),
          RING,
          local,
          parts,
          qualities.get(i),
          GossipTables.stops(rounds.get(i)),
          rows);
    }
  }

  /** Names of the columns of {@link #crossing}. */
  public static final String CROSSING_HEADING = "algorithm\td\trank\t" + GossipRow.HEADING;

  private static String row(String algorithm, int d, int rank) {
    return "%s\t%d\t%d\t".formatted(algorithm, d, rank);
  }

  /**
   * The basis of node 0 after gossip of the Gram matrices, without moving d d numbers: its estimate
   * is {@code sum_i w_i E_i^T E_i}, the Gram matrix of the rows times {@code sqrt(w_i)}, whose
   * eigenvectors follow from the smaller of both products.
   *
   * @param weights of the nodes, a row of a power of W
   */
  private static DoubleMatrix gossiped(List<DoubleMatrix> parts, DoubleMatrix weights, int rank) {
    int d = parts.get(0).columns();
    List<DoubleMatrix> scaled = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      double factor = Math.sqrt(weights.values()[i]);
      scaled.add(parts.get(i).map(x -> factor * x));
    }
    DoubleMatrix table = GossipTables.joined(scaled);
    if (table.rows() >= d) {
      return table.transposedTimes(table).eigen().vectors().columns(rank);
    }
    DoubleMatrix left = table.times(table.transposed()).eigen().vectors().columns(rank);
    return table.transposedTimes(left).orthonormal();
  }
}
