package io.github.lowrank.experiments.run;

import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.export.TextClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.descriptive.Quantile;

/**
 * Time from raw strings to probabilities, for several SavedModels in one process: every round runs
 * each of them once on the same texts, so that a busy machine slows all of them equally.
 */
final class Latency {
  private static final int WARM_UP = 20;

  private Latency() {}

  static List<Row.LatencyQuantiles> measure(List<Path> models, List<String> texts)
      throws IOException {
    List<TextClassifier> classifiers = new ArrayList<>();
    try {
      for (Path model : models) {
        classifiers.add(TextClassifier.load(model));
      }
      List<Row.Quantiles> one = quantiles(classifiers, texts, 1, 400);
      List<Row.Quantiles> eight = quantiles(classifiers, texts, 8, 100);
      List<Row.Quantiles> many = quantiles(classifiers, texts, 64, 50);
      List<Row.LatencyQuantiles> all = new ArrayList<>();
      for (int i = 0; i < models.size(); i++) {
        all.add(new Row.LatencyQuantiles(one.get(i), eight.get(i), many.get(i)));
      }
      return all;
    } finally {
      classifiers.forEach(TextClassifier::close);
    }
  }

  private static List<Row.Quantiles> quantiles(
      List<TextClassifier> classifiers, List<String> texts, int batch, int rounds) {
    double[][] times = new double[classifiers.size()][rounds];
    for (int round = -WARM_UP; round < rounds; round++) {
      List<String> sentences = new ArrayList<>();
      for (int i = 0; i < batch; i++) {
        sentences.add(texts.get(Math.floorMod(round * batch + i, texts.size())));
      }
      for (int c = 0; c < classifiers.size(); c++) {
        long start = System.nanoTime();
        classifiers.get(c).predict(sentences);
        if (round >= 0) {
          times[c][round] = (System.nanoTime() - start) / 1e3 / batch;
        }
      }
    }
    return Arrays.stream(times)
        .map(t -> Quantile.withDefaults().evaluate(t, 0.5, 0.9, 0.99))
        .map(q -> new Row.Quantiles(q[0], q[1], q[2]))
        .toList();
  }
}
