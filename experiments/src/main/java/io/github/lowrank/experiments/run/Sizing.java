package io.github.lowrank.experiments.run;

import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.experiments.spec.State;
import io.github.lowrank.experiments.spec.Step;
import io.github.lowrank.experiments.spec.TrialSpec;
import io.github.lowrank.experiments.spec.Workbench;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import io.github.lowrank.text.EncodedTexts;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The size of a model before it is trained: the bytes of a SavedModel follow from the shapes of its
 * arrays, its words and its labels, so the steps are executed without training.
 *
 * @param trial the trial
 * @param data its data
 */
record Sizing(TrialSpec trial, Prepared data) implements Workbench {
  /** The size of a SavedModel in some form. */
  interface Measure {
    long bytes(Path savedModel) throws IOException;
  }

  /** Bytes of the model, which is written below {@code folder} for this purpose. */
  long bytes(Path folder, Measure measure) throws IOException {
    State state =
        State.initial(
            Classifier.initial(
                trial.encoder(), trial.head(), data.table(), data.labels().size(), trial.seed()));
    for (Step step : trial.method().steps()) {
      state = step.apply(state, this);
    }
    Path model = folder.resolve("sizing");
    SavedModelWriter.write(
        new TextModel(
            state.classifier(),
            data.tokenizer(),
            data.vocabulary(),
            data.labels(),
            data.prior(),
            trial.plan().maxLength()),
        model);
    try {
      return measure.bytes(model);
    } finally {
      AtomicFiles.delete(model);
    }
  }

  @Override
  public Plan plan() {
    return trial.plan();
  }

  @Override
  public int seed() {
    return trial.seed();
  }

  @Override
  public EncodedTexts train() {
    return data.train();
  }

  @Override
  public EncodedTexts taught() {
    return data.taught();
  }

  @Override
  public EncodedTexts dev() {
    return data.dev();
  }

  @Override
  public float[][] encoderScores(String encoder) {
    throw new UnsupportedOperationException("sizes need no teacher");
  }

  @Override
  public State train(State before, double share, Optimizer optimizer, Shape shape) {
    return before;
  }

  @Override
  public State changed(State before, Classifier changed) {
    return before.with(changed, before.devAccuracy());
  }
}
