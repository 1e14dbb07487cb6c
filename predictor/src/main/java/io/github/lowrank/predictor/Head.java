package io.github.lowrank.predictor;

import io.github.lowrank.predictor.CompactFormat.HeadKind;
import java.util.List;
import java.util.Optional;

/** From the encoder's vector to probabilities. */
interface Head {
  /** Number of classes. */
  int classes();

  /** Memory for the scores of a text. */
  float[] memory();

  /**
   * The probabilities of a text.
   *
   * @param vector the encoder's
   * @param scores {@link #memory}
   * @param probabilities receives them
   * @return whether the text may have one of the labels at all
   */
  boolean answer(float[] vector, float[] scores, float[] probabilities);

  /** Probability from which on a label is an answer; negative if a text has one label. */
  default float threshold() {
    return -1;
  }

  /** Whether a text without a known word has the most frequent label, for want of a better one. */
  default boolean guesses() {
    return true;
  }

  /** The classes, if they are prototypes, which come and go; else empty. */
  default Optional<ClassMeans> means() {
    return Optional.empty();
  }

  /** This head with other classes. Only for heads that have {@link #means}. */
  default Head with(ClassMeans others) {
    throw new IllegalStateException("expected a model of prototypes");
  }

  /** Writes the head to a compact file. Only for heads that have {@link #means}. */
  default void write(CompactOutput out) {
    throw new IllegalStateException("expected a model of prototypes");
  }

  /** The point of a vector. Only for heads that have {@link #means}. */
  default float[] point(float[] vector) {
    throw new IllegalStateException("expected a model of prototypes");
  }

  /**
   * Reads a head.
   *
   * @param labels of the model
   * @param width length of the encoder's vector
   */
  static Head read(Input in, List<String> labels, int width) throws FormatException {
    return switch (in.kind(HeadKind.values(), "the kind of the head")) {
      case SOFTMAX -> new LinearHead(Layer.read(in, "the head", width, false), -1);
      case SIGMOID -> LinearHead.sigmoid(in, width);
      case PROTOTYPES -> PrototypeHead.read(in, labels, width);
    };
  }

  /** The softmax of the scores. */
  static void softmax(float[] scores, float[] probabilities, int classes) {
    float largest = scores[0];
    for (int c = 1; c < classes; c++) {
      largest = Math.max(largest, scores[c]);
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      float power = (float) Math.exp(scores[c] - largest);
      probabilities[c] = power;
      sum += power;
    }
    float scale = (float) (1 / sum);
    for (int c = 0; c < classes; c++) {
      probabilities[c] *= scale;
    }
  }
}
