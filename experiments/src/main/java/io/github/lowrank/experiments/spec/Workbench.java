package io.github.lowrank.experiments.spec;

import io.github.lowrank.model.Classifier;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import io.github.lowrank.text.EncodedTexts;
import java.io.IOException;

/** What a {@link Step} works with. Test texts are not here: no step sees them. */
public interface Workbench {
  /** How the trial trains. */
  Plan plan();

  /** Seed of the trial. */
  int seed();

  /** Texts to learn from. */
  EncodedTexts train();

  /** Texts to select by. */
  EncodedTexts dev();

  /**
   * Trains for a share of the step budget with a fresh optimizer and schedule, and goes on with the
   * best on dev.
   */
  State train(State before, double share, Optimizer optimizer, Shape shape) throws IOException;

  /**
   * {@code before} with a changed classifier, whose dev accuracy is taken; if its head has a state,
   * after that is computed anew.
   */
  State changed(State before, Classifier classifier);
}
