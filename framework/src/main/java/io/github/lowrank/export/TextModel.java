package io.github.lowrank.export;

import io.github.lowrank.model.Classifier;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import java.util.List;

/**
 * A classifier with everything needed to get from a raw string to a label.
 *
 * @param classifier the trained classifier
 * @param tokenizer how texts become words
 * @param vocabulary how words become rows, and pairs of neighbouring words if it has any
 * @param labels names of the classes, by class number
 * @param prior probabilities of the classes for a text without a known word, by class number
 * @param maxLength number of words read from a text; the rest is ignored
 */
public record TextModel(
    Classifier classifier,
    Tokenizer tokenizer,
    Vocabulary vocabulary,
    List<String> labels,
    List<Double> prior,
    int maxLength) {
  public TextModel {
    labels = List.copyOf(labels);
    prior = List.copyOf(prior);
    if (labels.size() != classifier.classes() || prior.size() != classifier.classes()) {
      throw new IllegalArgumentException(
          "%d classes need as many labels and prior probabilities, but there are %d and %d"
              .formatted(classifier.classes(), labels.size(), prior.size()));
    }
    if (vocabulary.ngrams() > 1 && !classifier.encoder().pools()) {
      throw new IllegalArgumentException(
          "pairs of words need an encoder that pools them, but there is %s"
              .formatted(classifier.encoder().name()));
    }
    if (vocabulary.size() != classifier.table().vocabulary()) {
      throw new IllegalArgumentException(
          "the vocabulary has %d rows, but the table %d"
              .formatted(vocabulary.size(), classifier.table().vocabulary()));
    }
  }
}
