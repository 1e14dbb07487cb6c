package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;

/**
 * Lets a sentence encoder teach the trainings that follow, as {@link Teach} lets a classifier: a
 * logistic regression on the encoder's vectors of the training texts gives their probabilities,
 * each text's by one that has not seen it.
 *
 * @param encoder name of its word vectors in the catalogue, such as {@code bge-small}
 */
@JsonTypeName("teach-by-encoder")
public record TeachByEncoder(String encoder) implements Step {
  @Override
  public State apply(State before, Workbench bench) {
    return before.taughtBy(new Teacher.Encoder(encoder));
  }
}
