package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.report.ClassReport;
import io.github.lowrank.export.TextClassifier;
import java.util.ArrayList;
import java.util.List;

/** Scores a classifier on labelled texts while they are read. */
final class Scoring {
  private static final int BATCH = 256;

  private final TextClassifier classifier;
  private final String what;
  private final ConsoleListener listener;
  private final ClassReport.Counter counter;
  private final List<String> texts = new ArrayList<>();
  private final List<String> truth = new ArrayList<>();
  private long scored;

  Scoring(TextClassifier classifier, String what, ConsoleListener listener) {
    this.classifier = classifier;
    this.what = what;
    this.listener = listener;
    this.counter = new ClassReport.Counter(classifier.labels());
  }

  void add(String text, String label) {
    texts.add(text);
    truth.add(label);
    if (texts.size() == BATCH) {
      flush();
    }
  }

  private void flush() {
    List<TextClassifier.Prediction> answers = classifier.predict(texts);
    for (int i = 0; i < answers.size(); i++) {
      counter.count(truth.get(i), answers.get(i).label());
    }
    scored += texts.size();
    listener.texts(what, scored);
    texts.clear();
    truth.clear();
  }

  ClassReport report() {
    if (!texts.isEmpty()) {
      flush();
    }
    listener.close();
    return counter.report();
  }
}
