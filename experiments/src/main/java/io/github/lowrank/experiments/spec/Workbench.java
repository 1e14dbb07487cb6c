package io.github.lowrank.experiments.spec;

import io.github.lowrank.model.Classifier;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import io.github.lowrank.text.EncodedTexts;
import java.io.IOException;

/** The data and tools of a {@link Step}. The test texts are not among them: no step sees them. */
public interface Workbench {
  /** The plan of the trial. */
  Plan plan();

  /** Seed of the trial. */
  int seed();

  /** Training texts. */
  EncodedTexts train();

  /** The training texts and then those without labels, which pupils of a teacher learn, too. */
  EncodedTexts taught();

  /** Texts for selection. */
  EncodedTexts dev();

  /**
   * Logits of {@link #taught} by a logistic regression on a sentence encoder's vectors, which has
   * not seen the text, {@code [texts, classes]}.
   *
   * @param encoder name of its word vectors in the catalogue
   */
  float[][] encoderScores(String encoder) throws IOException;

  /**
   * Trains for a share of the step budget with a new optimizer and schedule; the result is the best
   * on dev.
   */
  State train(State before, double share, Optimizer optimizer, Shape shape) throws IOException;

  /**
   * {@code before} with a changed classifier, whose dev accuracy is taken; if its head has a state,
   * after that is computed anew.
   */
  State changed(State before, Classifier classifier);
}
