package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.report.Calibration;
import io.github.lowrank.experiments.report.ClassReport;
import io.github.lowrank.export.TextClassifier;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Scores a classifier on labelled texts while they are read. */
final class Scoring {
  private static final int BATCH = 256;

  private final Function<List<String>, List<TextClassifier.Prediction>> classifier;
  private final String what;
  private final ConsoleListener listener;
  private final ClassReport.Counter counter;
  private final List<String> texts = new ArrayList<>();
  private final List<String> truth = new ArrayList<>();
  private final Calibration calibration = new Calibration();
  private long scored;

  /**
   * Scores what {@code classifier} answers.
   *
   * @param labels all that it may answer
   * @param what is done, for the progress line
   */
  Scoring(
      List<String> labels,
      Function<List<String>, List<TextClassifier.Prediction>> classifier,
      String what,
      ConsoleListener listener) {
    this.classifier = classifier;
    this.what = what;
    this.listener = listener;
    this.counter = new ClassReport.Counter(labels);
  }

  void add(String text, String label) {
    texts.add(text);
    truth.add(label);
    if (texts.size() == BATCH) {
      flush();
    }
  }

  private void flush() {
    List<TextClassifier.Prediction> answers = classifier.apply(texts);
    for (int i = 0; i < answers.size(); i++) {
      String label = answers.get(i).label();
      calibration.count(answers.get(i).probability(), label.equals(truth.get(i)));
      counter.count(truth.get(i), answers.get(i).label());
    }
    scored += texts.size();
    listener.texts(what, scored);
    texts.clear();
    truth.clear();
  }

  /** Expected calibration error of what was reported, in [0, 1]. */
  double calibrationError() {
    return calibration.error();
  }

  ClassReport report() {
    if (!texts.isEmpty()) {
      flush();
    }
    listener.close();
    return counter.report();
  }
}
