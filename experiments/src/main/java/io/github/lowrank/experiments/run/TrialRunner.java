package io.github.lowrank.experiments.run;

import io.github.lowrank.experiments.record.TrialResult;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.experiments.spec.State;
import io.github.lowrank.experiments.spec.Step;
import io.github.lowrank.experiments.spec.TrialSpec;
import io.github.lowrank.experiments.spec.Workbench;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.train.Checkpointing;
import io.github.lowrank.train.Classification;
import io.github.lowrank.train.DivergedException;
import io.github.lowrank.train.Episodes;
import io.github.lowrank.train.Evaluation;
import io.github.lowrank.train.Predictor;
import io.github.lowrank.train.TrainingConfig;
import io.github.lowrank.train.TrainingListener;
import io.github.lowrank.train.TrainingResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Runs the steps of one trial. The state after every training is stored under the identity of the
 * steps so far, so trials (and resumed runs) that begin with the same steps compute them once.
 */
final class TrialRunner implements Workbench {
  private static final Episodes.Size EPISODE = new Episodes.Size(30, 4, 128);

  private final TrialSpec trial;
  private final Prepared data;
  private final Store store;
  private final RunListener listener;
  private int step;

  TrialRunner(TrialSpec trial, Prepared data, Store store, RunListener listener) {
    this.trial = trial;
    this.data = data;
    this.store = store;
    this.listener = listener;
  }

  /** Runs all steps from the pretrained table, or from the last stored state. */
  State run() throws IOException {
    List<Step> steps = trial.method().steps();
    State state =
        State.initial(
            Classifier.initial(
                trial.encoder(), trial.head(), data.table(), data.labels().size(), trial.seed()));
    step = 0;
    for (int i = steps.size(); i > 0 && step == 0; i--) {
      if (steps.get(i - 1).trains()) {
        Optional<StoredState> stored = store.state(trial.id(i), listener);
        if (stored.isPresent()) {
          state = stored.get().state(state.classifier());
          step = i;
        }
      }
    }
    for (; step < steps.size(); step++) {
      state = steps.get(step).apply(state, this);
      if (steps.get(step).trains()) {
        store.store(trial.id(step + 1), StoredState.of(state));
        AtomicFiles.delete(store.checkpoint(trial.id(step + 1)));
      }
    }
    return state;
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
  public float[][] encoderScores(String encoder) throws IOException {
    return data.teachers().scores(encoder);
  }

  @Override
  public State train(State before, double share, Optimizer optimizer, Shape shape)
      throws IOException {
    Plan plan = trial.plan();
    long steps = plan.steps(share);
    int number = before.trainings() + 1;
    TrainingConfig config =
        new TrainingConfig(
            optimizer,
            shape.schedule(trial.rate(), steps),
            steps,
            plan.batch(),
            plan.evaluateEvery(),
            0,
            trial.seed() * 1000L + number);
    long start = System.nanoTime();
    Optional<float[][]> teacher =
        before.teacher() == null ? Optional.empty() : Optional.of(before.teacher().scores(this));
    Surviving progress =
        new Surviving(
            listener.training(
                "%s seed %d, training %d".formatted(trial.method().id(), trial.seed(), number)));
    TrainingResult<Classifier> result;
    try {
      result = train(before, teacher, config, progress);
    } catch (Checkpointing.UnusableException e) {
      store.setAside(e.file(), e.getMessage(), listener);
      result = train(before, teacher, config, progress);
    }
    List<Evaluation> history = new ArrayList<>(before.history());
    result.history().forEach(e -> history.add(e.after(before.steps())));
    long done = progress.divergence == null ? steps : progress.divergence.step();
    State after =
        new State(
            result.best(),
            result.metric(),
            number,
            before.steps() + done,
            before.seconds() + (System.nanoTime() - start) / 1e9,
            history,
            before.measured(),
            before.teacher());
    if (teacher.isPresent()) {
      after = after.measured(TrialResult.TEACHER, accuracy(teacher.get()));
    }
    return progress.divergence == null
        ? after
        : after.measured(TrialResult.DIVERGED, after.steps());
  }

  /** Passes on what it is told, and accepts it if the training diverges. */
  private static final class Surviving implements TrainingListener {
    private final TrainingListener listener;
    private DivergedException divergence; // null as long as there is none

    private Surviving(TrainingListener listener) {
      this.listener = listener;
    }

    @Override
    public void started(long step, long steps) {
      listener.started(step, steps);
    }

    @Override
    public void stepped(long step, float loss, float rate, int examples) {
      listener.stepped(step, loss, rate, examples);
    }

    @Override
    public void evaluated(Evaluation evaluation, boolean best) {
      listener.evaluated(evaluation, best);
    }

    @Override
    public void diverged(DivergedException e) {
      divergence = e;
    }

    @Override
    public void finished() {
      listener.finished();
    }
  }

  /** The teacher's, on the texts with labels. */
  private double accuracy(float[][] teacher) {
    return Predictor.accuracy(
        Predictor.classes(Arrays.copyOf(teacher, data.train().size())), data.train());
  }

  private TrainingResult<Classifier> train(
      State before, Optional<float[][]> teacher, TrainingConfig config, TrainingListener progress)
      throws IOException {
    Optional<Checkpointing> checkpointing =
        Optional.of(Checkpointing.in(store.checkpoint(trial.id(step + 1))));
    if (before.classifier().head().space().isPresent()) {
      return Episodes.train(
          before.classifier(),
          data.train(),
          data.dev(),
          episode(),
          config,
          progress,
          checkpointing);
    }
    return Classification.train(
        before.classifier(),
        teacher.isPresent() ? data.taught() : data.train(),
        data.dev(),
        teacher,
        config,
        progress,
        checkpointing);
  }

  /** Less support where even the second largest class has no more texts. */
  private Episodes.Size episode() {
    long[] counts = new long[data.labels().size()];
    for (int label : data.train().labels()) {
      counts[label]++;
    }
    Arrays.sort(counts);
    long others = counts[counts.length - 2] - 1; // at least one text is asked for
    return new Episodes.Size(
        EPISODE.classes(),
        (int) Math.max(1, Math.min(EPISODE.support(), others)),
        EPISODE.queries());
  }

  @Override
  public State changed(State before, Classifier changed) {
    Classifier classifier = Classification.withState(changed, data.train());
    return before.with(
        classifier, Predictor.quality(Predictor.scores(classifier, data.dev()), data.dev()));
  }
}
