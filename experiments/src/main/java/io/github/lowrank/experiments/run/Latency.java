package io.github.lowrank.experiments.run;

import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.export.TextClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.statistics.descriptive.Quantile;

/**
 * Time from raw strings to probabilities. A few SavedModels are in memory at a time, the first, to
 * which the others are compared, always among them: with many models each would find the caches of
 * the processor filled by the others. Every round runs each of them once on the same texts, in a
 * random order, so that a busy machine slows all of them equally. Times of different groups are
 * made comparable by those of the first model.
 */
final class Latency {
  /** Number of seeds whose models are measured. */
  static final int SEEDS = 5;

  private static final int TOGETHER = 4;
  private static final int WARM_UP = 20;
  private static final int[] BATCHES = {1, 8, 64};
  private static final int[] ROUNDS = {400, 100, 50};
  private static final double[] QUANTILES = {0.5, 0.9, 0.99};

  private Latency() {}

  /**
   * Measures {@code models}.
   *
   * @param seed of the groups and of the order
   */
  static List<Row.LatencyQuantiles> measure(List<Path> models, List<String> texts, int seed)
      throws IOException {
    Random random = new Random(seed);
    List<Integer> others = new ArrayList<>(IntStream.range(1, models.size()).boxed().toList());
    Collections.shuffle(others, random);
    double[][][] measured = new double[models.size()][][];
    for (int from = 0; from == 0 || from < others.size(); from += TOGETHER - 1) {
      List<Integer> group = new ArrayList<>(List.of(0));
      group.addAll(others.subList(from, Math.min(from + TOGETHER - 1, others.size())));
      double[][][] times = group(group.stream().map(models::get).toList(), texts, random);
      for (int i = measured[0] == null ? 0 : 1; i < group.size(); i++) {
        measured[group.get(i)] = times[i];
        for (int b = 0; b < BATCHES.length; b++) {
          double speed = measured[0][b][0] / times[0][b][0];
          for (int q = 0; q < QUANTILES.length; q++) {
            measured[group.get(i)][b][q] *= i == 0 ? 1 : speed;
          }
        }
      }
    }
    return Arrays.stream(measured)
        .map(m -> new Row.LatencyQuantiles(quantiles(m[0]), quantiles(m[1]), quantiles(m[2])))
        .toList();
  }

  private static Row.Quantiles quantiles(double[] q) {
    return new Row.Quantiles(q[0], q[1], q[2]);
  }

  /** Microseconds per sentence, {@code [models, batches, quantiles]}. */
  private static double[][][] group(List<Path> models, List<String> texts, Random random)
      throws IOException {
    List<TextClassifier> classifiers = new ArrayList<>();
    try {
      for (Path model : models) {
        classifiers.add(TextClassifier.load(model));
      }
      double[][][] quantiles = new double[models.size()][BATCHES.length][];
      for (int b = 0; b < BATCHES.length; b++) {
        double[][] times = times(classifiers, texts, BATCHES[b], ROUNDS[b], random);
        for (int i = 0; i < times.length; i++) {
          quantiles[i][b] = Quantile.withDefaults().evaluate(times[i], QUANTILES);
        }
      }
      return quantiles;
    } finally {
      classifiers.forEach(TextClassifier::close);
    }
  }

  private static double[][] times(
      List<TextClassifier> classifiers, List<String> texts, int batch, int rounds, Random random) {
    double[][] times = new double[classifiers.size()][rounds];
    List<Integer> order = new ArrayList<>(IntStream.range(0, classifiers.size()).boxed().toList());
    for (int round = -WARM_UP; round < rounds; round++) {
      List<String> sentences = new ArrayList<>();
      for (int i = 0; i < batch; i++) {
        sentences.add(texts.get(Math.floorMod(round * batch + i, texts.size())));
      }
      Collections.shuffle(order, random);
      for (int c : order) {
        long start = System.nanoTime();
        classifiers.get(c).predict(sentences);
        if (round >= 0) {
          times[c][round] = (System.nanoTime() - start) / 1e3 / batch;
        }
      }
    }
    return times;
  }
}
