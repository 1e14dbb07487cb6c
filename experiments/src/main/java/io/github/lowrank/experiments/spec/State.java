package io.github.lowrank.experiments.spec;

import io.github.lowrank.model.Classifier;
import io.github.lowrank.train.Evaluation;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A classifier after some steps.
 *
 * @param classifier the best on dev since the last step that changed its form
 * @param devAccuracy its dev accuracy
 * @param trainings number of trainings of the method so far
 * @param steps number of batches so far
 * @param seconds training time so far
 * @param history evaluations so far, with batches counted from the first training on
 * @param measured measurements of the steps, by name; numbers and strings become columns of the row
 * @param teacher whose probabilities later trainings learn beside the labels; null if there is none
 */
public record State(
    Classifier classifier,
    double devAccuracy,
    int trainings,
    long steps,
    double seconds,
    List<Evaluation> history,
    Map<String, Object> measured,
    Teacher teacher) {
  public State {
    history = List.copyOf(history);
    measured = Collections.unmodifiableMap(new LinkedHashMap<>(measured));
  }

  /** Before the first step. */
  public static State initial(Classifier classifier) {
    return new State(classifier, Double.NaN, 0, 0, 0, List.of(), Map.of(), null);
  }

  /** This state with one more measurement. */
  public State measured(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(measured);
    more.put(name, value);
    return new State(classifier, devAccuracy, trainings, steps, seconds, history, more, teacher);
  }

  /** This state with another classifier of the given dev accuracy. */
  public State with(Classifier changed, double accuracy) {
    return new State(changed, accuracy, trainings, steps, seconds, history, measured, teacher);
  }

  /** This state with a teacher for later trainings. */
  public State taughtBy(Teacher other) {
    return new State(classifier, devAccuracy, trainings, steps, seconds, history, measured, other);
  }

  /** The same with a classifier that was trained from this state; what it measured stays. */
  public State taughtBy(State trained) {
    return new State(
        classifier,
        devAccuracy,
        trainings,
        steps,
        seconds,
        history,
        trained.measured,
        new Teacher.Trained(trained.classifier));
  }
}
