package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.experiments.cli.ExperimentMain;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where words without a pretrained vector start: at random vectors of the others' variance, or at
 * such vectors of a quarter of the length. In {@link PaperComparison}, which the rest is taken
 * from, they start at zero.
 */
public final class UnknownWords {
  private static final List<String> METHODS =
      List.of(Method.baseline().label(), Method.online(0.9).label());

  private UnknownWords() {}

  /** All of them. */
  public static List<Experiment> experiments() {
    return PaperComparison.experiments().stream()
        .filter(e -> List.of("claims-sst2-dan", "claims-trec-dan").contains(e.name()))
        .flatMap(e -> Stream.of(starting(e, "quarter", 0.75), starting(e, "random", 0)))
        .toList();
  }

  private static Experiment starting(Experiment zero, String start, double shrunk) {
    return new Experiment(
            zero.name().replace("claims", "unknown-words") + "-" + start,
            "how words without a vector start, " + start + ": " + zero.dataset().name() + ", DAN",
            zero.dataset(),
            zero.vectors(),
            zero.encoder(),
            zero.head(),
            zero.methods().stream().filter(m -> METHODS.contains(m.label())).toList(),
            zero.plan(),
            zero.seeds())
        .set("shrunk=" + shrunk);
  }

  /** Runs the experiment that the first argument names. */
  public static void main(String[] args) {
    ExperimentMain.run(experiments(), args);
  }
}
