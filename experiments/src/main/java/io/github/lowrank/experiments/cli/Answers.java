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

  /**
   * An answer.
   *
   * @param probabilities of all labels
   * @param rejected whether the text is too far from all of them
   */
  record Answer(float[] probabilities, boolean rejected) {}

  /** Whether texts may be rejected. */
  boolean rejects();

  /** The answer to each text. */
  List<Answer> answer(List<String> texts);

  /** Probabilities of all labels of each text. */
  default List<float[]> probabilities(List<String> texts) {
    return answer(texts).stream().map(Answer::probabilities).toList();
  }

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
      public boolean rejects() {
        return classifier.rejects();
      }

      @Override
      public List<Answer> answer(List<String> texts) {
        return classifier.predict(texts).stream()
            .map(found -> new Answer(found.probabilities(), found.rejected()))
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
      public boolean rejects() {
        return predictor.rejects();
      }

      @Override
      public List<Answer> answer(List<String> texts) {
        return texts.stream()
            .map(predictor::predict)
            .map(found -> new Answer(found.probabilities(), found.rejected()))
            .toList();
      }
    };
  }
}
