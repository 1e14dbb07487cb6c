package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.experiments.record.Bits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole families of comparisons of methods that are equal: how often is any difference claimed?
 * Each text has its difficulty, for each method another one; each training has its own level; the
 * two methods with the same seed share part of what is left to chance.
 */
class EqualMethodsTest {
  private static final int[] SEEDS = {5, 5, 5, 10, 10, 20};
  private static final int[] TEXTS = {100, 200, 300, 100, 200, 100};
  private static final double SHARED = 0.5;
  private static final int DRAWS = 2000;

  private final SplittableRandom random = new SplittableRandom(16);

  /**
   * How often, as shares of the repetitions, a difference is claimed.
   *
   * @param twoFactors in any cell of a family, corrected
   * @param overDatasets over all cells, as data sets
   * @param formerly in any cell, by the corrected pooled McNemar and an interval over seeds
   * @param mcNemar in any cell, by the corrected pooled McNemar alone
   * @param mcNemarOne in one cell, by the pooled McNemar without correction
   */
  private record Rates(
      double twoFactors, double overDatasets, double formerly, double mcNemar, double mcNemarOne) {}

  /** Factors of the odds to be wrong, of {@code n} trainings or texts: their logits vary. */
  private double[] odds(int n, double mean, double scale) {
    double[] odds = new double[n];
    for (int i = 0; i < n; i++) {
      double u = random.nextDouble();
      odds[i] = Math.exp(-mean) * Math.pow(1 / u - 1, scale); // of a logistic distribution
    }
    return odds;
  }

  /** Differences {@code [seeds, texts]} in -1, 0, 1 of a better method and another. */
  private double[][] differences(int seeds, int texts, double better) {
    double[] difficulty = odds(texts, 1.8, 0.8);
    double[][] ofText = {odds(texts, better, 0.1), odds(texts, 0, 0.1)};
    double[][] ofSeed = {odds(seeds, 0, 0.08), odds(seeds, 0, 0.08)};
    double[][] d = new double[seeds][texts];
    for (int s = 0; s < seeds; s++) {
      for (int t = 0; t < texts; t++) {
        double u = random.nextDouble();
        double v = random.nextDouble() < SHARED ? u : random.nextDouble();
        boolean first = u * (1 + difficulty[t] * ofText[0][t] * ofSeed[0][s]) < 1;
        boolean second = v * (1 + difficulty[t] * ofText[1][t] * ofSeed[1][s]) < 1;
        d[s][t] = (first ? 1 : 0) - (second ? 1 : 0);
      }
    }
    return d;
  }

  /** The exact test of McNemar on the texts of all seeds together, as if these were other texts. */
  private static double mcNemar(double[][] d) {
    int more = 0;
    int less = 0;
    for (double[] seed : d) {
      for (double difference : seed) {
        more += difference > 0 ? 1 : 0;
        less += difference < 0 ? 1 : 0;
      }
    }
    return Math.min(
        1,
        2
            * BinomialDistribution.of(more + less, 0.5)
                .survivalProbability(Math.max(more, less) - 1));
  }

  private Rates rates(double better, int repetitions) {
    int twoFactors = 0;
    int overDatasets = 0;
    int formerly = 0;
    int mcNemar = 0;
    int mcNemarOne = 0;
    for (int r = 0; r < repetitions; r++) {
      Map<Integer, Double> p = new LinkedHashMap<>();
      Map<Integer, Double> pooled = new LinkedHashMap<>();
      List<Double> effects = new ArrayList<>();
      Map<Integer, Double> unlessTheIntervalHasZero = new LinkedHashMap<>();
      for (int i = 0; i < SEEDS.length; i++) {
        double[][] d = differences(SEEDS[i], TEXTS[i], better);
        Effect effect = Effect.of(d);
        p.put(i, effect.p(0));
        effects.add(effect.mean());
        pooled.put(i, mcNemar(d));
        double[] seeds = Arrays.stream(d).mapToDouble(row -> Arrays.stream(row).sum()).toArray();
        unlessTheIntervalHasZero.put(i, Effect.of(seeds).p(0));
      }
      twoFactors += rejects(Holm.adjusted(p));
      Map<Integer, Double> corrected = Holm.adjusted(pooled);
      mcNemar += rejects(corrected);
      unlessTheIntervalHasZero.replaceAll((i, seeds) -> Math.max(seeds, corrected.get(i)));
      formerly += rejects(unlessTheIntervalHasZero);
      mcNemarOne += pooled.get(r % SEEDS.length) < Effect.LEVEL ? 1 : 0;
      Datasets datasets = new Datasets(effects.stream().mapToDouble(e -> e).toArray());
      double[] ends = datasets.interval();
      overDatasets += datasets.effect().p(0) < Effect.LEVEL && (ends[0] > 0 || ends[1] < 0) ? 1 : 0;
    }
    double n = repetitions;
    return new Rates(twoFactors / n, overDatasets / n, formerly / n, mcNemar / n, mcNemarOne / n);
  }

  private static int rejects(Map<Integer, Double> adjusted) {
    return adjusted.values().stream().anyMatch(p -> p < Effect.LEVEL) ? 1 : 0;
  }

  @Test
  void equalMethodsAreRarelyToldApart() {
    Rates rates = rates(0, 2000);
    System.out.println("equal methods: " + rates);
    assertThat(rates.twoFactors()).isLessThanOrEqualTo(0.05);
    assertThat(rates.overDatasets()).isLessThanOrEqualTo(0.05);
    // What reports did before: pooled texts are not independent.
    assertThat(rates.mcNemarOne()).isGreaterThan(0.1);
    assertThat(rates.mcNemar()).isGreaterThan(0.2);
  }

  /** The baseline of 40 trainings: two disjoint groups of them, as if these were two methods. */
  @ParameterizedTest
  @ValueSource(strings = {"equal-trec-dan", "equal-sst2-dan"})
  void aBaselineIsRarelyToldApartFromItself(String run) throws IOException {
    List<Bits> trainings =
        new ArrayList<>(
            Bits.read(Path.of("../results/protocol/equal-methods").resolve(run)).values());
    assertThat(trainings).hasSize(40);
    Random shuffles = new Random(3);
    for (int seeds : new int[] {5, 10, 20}) {
      int twoFactors = 0;
      int mcNemar = 0;
      for (int r = 0; r < DRAWS; r++) {
        Collections.shuffle(trainings, shuffles);
        double[][] d = new double[seeds][trainings.get(0).texts()];
        for (int s = 0; s < seeds; s++) {
          for (int t = 0; t < d[s].length; t++) {
            d[s][t] =
                (trainings.get(s).correct().get(t) ? 1 : 0)
                    - (trainings.get(seeds + s).correct().get(t) ? 1 : 0);
          }
        }
        Summary.Interval interval = Effect.of(d).interval();
        twoFactors += Math.abs(interval.mean()) > interval.halfWidth() ? 1 : 0;
        mcNemar += mcNemar(d) < Effect.LEVEL ? 1 : 0;
      }
      System.out.printf(
          Locale.ROOT,
          "%s against itself, %d seeds: two factors %.1f %%, pooled McNemar %.1f %%%n",
          run,
          seeds,
          100.0 * twoFactors / DRAWS,
          100.0 * mcNemar / DRAWS);
      assertThat(twoFactors).isLessThan((int) (0.06 * DRAWS));
      assertThat(mcNemar).isGreaterThan((int) (0.1 * DRAWS));
    }
  }

  @Test
  void aBetterMethodIsFound() {
    assertThat(rates(0.8, 100).twoFactors()).isGreaterThan(0.8);
  }
}
