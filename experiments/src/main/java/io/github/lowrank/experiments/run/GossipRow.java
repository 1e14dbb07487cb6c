package io.github.lowrank.experiments.run;

import io.github.lowrank.distributed.Algorithm;
import io.github.lowrank.distributed.Quality;
import io.github.lowrank.linalg.DoubleMatrix;
import java.util.List;
import java.util.Locale;

/**
 * How far the nodes are after a round.
 *
 * @param round rounds done
 * @param numbersSent by all nodes together
 * @param ownError {@code sum_j ||U^j V_j^T - Y_j||^2 / ||Y||^2}; NaN if the state has no V
 * @param disagreement {@code sum_j ||M^j - mean M||^2} of what the nodes mix
 * @param relativeError of the whole table with the basis of the worst node
 * @param excess squared error with that basis above the least, as a fraction of it; NaN if the
 *     table is of that rank
 */
public record GossipRow(
    long round,
    long numbersSent,
    double ownError,
    double disagreement,
    double relativeError,
    double excess) {
  /** Names of the columns. */
  public static final String HEADING =
      "round\tnumbers_sent\town_error\tdisagreement\trelative_error\texcess";

  /** A smaller part of the squares than this is rounding. */
  private static final double NOTHING = 1e-12;

  /** Measures what the nodes have. */
  public static GossipRow of(
      Algorithm algorithm,
      Quality quality,
      List<List<DoubleMatrix>> states,
      long round,
      long numbersSent) {
    return of(
        quality,
        states.stream().map(algorithm::basis).toList(),
        round,
        numbersSent,
        states.get(0).size() < 2 ? Double.NaN : quality.ownError(states) / quality.squares(),
        Quality.disagreement(states));
  }

  /** With bases that the nodes have already found. */
  public static GossipRow of(
      Quality quality,
      List<DoubleMatrix> bases,
      long round,
      long numbersSent,
      double ownError,
      double disagreement) {
    boolean exact = quality.optimum() < NOTHING * quality.squares();
    return new GossipRow(
        round,
        numbersSent,
        ownError,
        disagreement,
        bases.stream().mapToDouble(quality::relativeError).max().orElseThrow(),
        exact ? Double.NaN : bases.stream().mapToDouble(quality::excess).max().orElseThrow());
  }

  /** For files: what does not apply is empty. */
  @Override
  public String toString() {
    return line("");
  }

  /**
   * With tabs between the figures.
   *
   * @param missing in the place of figures that do not apply
   */
  public String line(String missing) {
    return String.format(
        Locale.ROOT,
        "%d\t%d\t%s\t%s\t%.9f\t%s",
        round,
        numbersSent,
        figure(ownError, missing),
        figure(disagreement, missing),
        relativeError,
        figure(excess, missing));
  }

  private static String figure(double value, String missing) {
    return Double.isNaN(value) ? missing : String.format(Locale.ROOT, "%.3e", value);
  }
}
