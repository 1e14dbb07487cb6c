package io.github.lowrank.experiments.run;

import io.github.lowrank.export.TextClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Time from raw strings to probabilities, for several SavedModels side by side in one process:
 * every round asks each of them once with the same texts, so that a busy machine slows them all
 * alike.
 */
final class Latency {
  private static final int WARM_UP = 30;

  /**
   * Medians in microseconds per sentence.
   *
   * @param batch1 at batch 1
   * @param batch64 at batch 64
   */
  record Medians(double batch1, double batch64) {}

  private Latency() {}

  static List<Medians> measure(List<Path> models, List<String> texts) throws IOException {
    List<TextClassifier> classifiers = new ArrayList<>();
    try {
      for (Path model : models) {
        classifiers.add(TextClassifier.load(model));
      }
      double[] one = medians(classifiers, texts, 1, 400);
      double[] many = medians(classifiers, texts, 64, 60);
      List<Medians> medians = new ArrayList<>();
      for (int i = 0; i < one.length; i++) {
        medians.add(new Medians(one[i], many[i]));
      }
      return medians;
    } finally {
      classifiers.forEach(TextClassifier::close);
    }
  }

  private static double[] medians(
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
        .mapToDouble(
            t -> {
              Arrays.sort(t);
              return t[t.length / 2];
            })
        .toArray();
  }
}
