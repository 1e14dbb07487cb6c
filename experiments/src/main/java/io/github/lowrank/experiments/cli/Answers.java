package io.github.lowrank.experiments.cli;

import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.predictor.Predictor;
import java.util.List;
import java.util.OptionalDouble;

/** A classifier in any form that answers texts. */
interface Answers {
  /** All labels, by number. */
  List<String> labels();

  /** Probability from which on a label is an answer; empty if texts have one label. */
  OptionalDouble threshold();

  /** Probabilities of all labels of each text. */
  List<float[]> probabilities(List<String> texts);

  /** Whether a text may have any number of labels. */
  default boolean multiLabel() {
    return threshold().isPresent();
  }

  /** The number of the most likely label, the first of equals. */
  static int best(float[] probabilities) {
    int best = 0;
    for (int c = 1; c < probabilities.length; c++) {
      if (probabilities[c] > probabilities[best]) {
        best = c;
      }
    }
    return best;
  }

  /** Those of a SavedModel. */
  static Answers of(TextClassifier classifier) {
    return new Answers() {
      @Override
      public List<String> labels() {
        return classifier.labels();
      }

      @Override
      public OptionalDouble threshold() {
        return classifier.threshold();
      }

      @Override
      public List<float[]> probabilities(List<String> texts) {
        return classifier.predict(texts).stream()
            .map(TextClassifier.Prediction::probabilities)
            .toList();
      }
    };
  }

  /** Those of a compact file. */
  static Answers of(Predictor predictor) {
    return new Answers() {
      @Override
      public List<String> labels() {
        return predictor.labels();
      }

      @Override
      public OptionalDouble threshold() {
        return predictor.multiLabel()
            ? OptionalDouble.of(predictor.threshold())
            : OptionalDouble.empty();
      }

      @Override
      public List<float[]> probabilities(List<String> texts) {
        return texts.stream().map(text -> predictor.predict(text).probabilities()).toList();
      }
    };
  }
}
