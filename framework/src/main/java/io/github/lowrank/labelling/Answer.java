package io.github.lowrank.labelling;

import java.util.List;

/**
 * What a human said of a text.
 *
 * @param text the text
 * @param verdict what was said
 * @param label the class, with {@link Verdict#LABEL}; else empty
 * @param rejected the classes that the text does not have, with {@link Verdict#NONE}; else empty
 * @param predicted the most likely class after the votes on it, before the answer; empty without a
 *     vote
 * @param check whether the text was drawn at random, to estimate how many votes are right
 */
public record Answer(
    String text,
    Verdict verdict,
    String label,
    List<String> rejected,
    String predicted,
    boolean check) {
  public Answer {
    rejected = List.copyOf(rejected);
  }

  /** Kinds of answers. */
  public enum Verdict {
    /** The text has a class. */
    LABEL,
    /** It has none of some classes. */
    NONE,
    /** Nothing is said. */
    SKIP,
    /** The answer before no longer holds; it was about the same text. */
    UNDO
  }
}
