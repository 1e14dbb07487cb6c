package io.github.lowrank.experiments.run;

import io.github.lowrank.experiments.spec.State;
import io.github.lowrank.experiments.spec.Teacher;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.train.Evaluation;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The stored form of a {@link State}; the architecture is in the specification. */
record StoredState(
    Classifier.Numbers numbers,
    double devAccuracy,
    int trainings,
    long steps,
    double seconds,
    List<Evaluation> history,
    Map<String, Object> measured,
    List<Teacher> teacher) {

  static StoredState of(State s) {
    return new StoredState(
        s.classifier().numbers(),
        s.devAccuracy(),
        s.trainings(),
        s.steps(),
        s.seconds(),
        s.history(),
        s.measured(),
        Stream.ofNullable(s.teacher()).toList());
  }

  State state(Classifier architecture) {
    return new State(
        architecture.with(numbers),
        devAccuracy,
        trainings,
        steps,
        seconds,
        history,
        measured,
        teacher.isEmpty() ? null : teacher.get(0));
  }
}
