package io.github.lowrank.experiments.report;

import io.github.lowrank.experiments.record.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The compressed methods of a run, as accuracy against bytes. Every choice between methods is made
 * on dev: the test accuracy of the one with the best test accuracy would be too high by chance.
 *
 * @param run what it shows
 */
record Panel(Run run) {
  /** Bytes of the table. */
  static final ToDoubleFunction<Row> TABLE = Row::embeddingBytes;

  /** Bytes of the SavedModel folder. */
  static final ToDoubleFunction<Row> MODEL = Row::savedModelBytes;

  private static final List<String> ALIKE = List.of("removed", "kept_bytes", "bits", "code_bits");

  // Rounding to whole bytes and to doubles puts nothing over its budget.
  private static final double ROUNDING = 1e-9;

  /**
   * The best methods within a budget.
   *
   * @param run of both
   * @param best on dev
   * @param next the best on dev of another family; nothing if there is no other
   */
  record Choice(Run run, Summary best, Optional<Summary> next) {
    /** {@link Panel#loss} of the best. */
    Summary.Interval loss() {
      return new Panel(run).loss(best);
    }

    /** Accuracy on test gained over {@link #next}. */
    Optional<Summary.Interval> lead() {
      return next.map(n -> run.gain(best, n).interval());
    }
  }

  String dataset() {
    return run.id().dataset();
  }

  String model() {
    return run.id().model();
  }

  String title() {
    return dataset() + ", " + model().toUpperCase(Locale.ROOT);
  }

  /** All methods but the baseline. */
  List<Summary> methods() {
    return run.summaries().subList(1, run.summaries().size());
  }

  /** Accuracy of a method on test lost to the baseline: below zero for a loss. */
  Summary.Interval loss(Summary s) {
    return run.gain(s, run.baseline()).interval();
  }

  /** Bytes of a method as a share of the uncompressed ones. */
  double share(Summary s, ToDoubleFunction<Row> bytes) {
    return s.mean(bytes) / run.baseline().mean(bytes);
  }

  /**
   * The Pareto front of bytes and dev accuracy, from few bytes to many: methods that beat all those
   * of as many bytes or fewer.
   */
  List<Summary> front(ToDoubleFunction<Row> bytes) {
    return front(methods(), bytes);
  }

  /** The same of some of the methods. */
  static List<Summary> front(List<Summary> methods, ToDoubleFunction<Row> bytes) {
    List<Summary> front = new ArrayList<>();
    double most = Double.NEGATIVE_INFINITY;
    for (Summary s :
        methods.stream()
            .sorted(Comparator.comparingDouble((Summary s) -> s.mean(bytes)).thenComparing(BEST))
            .toList()) {
      if (s.devAccuracy() > most) {
        most = s.devAccuracy();
        front.add(s);
      }
    }
    return front;
  }

  // The most accurate on dev, of equal ones the smallest table.
  private static final Comparator<Summary> BEST =
      Comparator.comparingDouble((Summary s) -> -s.devAccuracy())
          .thenComparingDouble(s -> s.mean(TABLE));

  /** The choice among tables of at most that share of the bytes; nothing if none is so small. */
  Optional<Choice> within(double budget) {
    List<Summary> fit =
        methods().stream()
            .filter(s -> share(s, TABLE) <= budget * (1 + ROUNDING))
            .sorted(BEST)
            .toList();
    return fit.stream()
        .findFirst()
        .map(
            best ->
                new Choice(
                    run,
                    best,
                    fit.stream().filter(s -> !family(s).equals(family(best))).findFirst()));
  }

  /** The method that is called like {@code s}, at the same share of bytes and with equal bits. */
  Optional<Summary> like(Summary s) {
    return methods().stream()
        .filter(o -> o.method().equals(s.method()))
        .filter(o -> ALIKE.stream().allMatch(p -> o.parameter(p).equals(s.parameter(p))))
        .findFirst();
  }

  /**
   * Name of the method without numbers and teacher, for example {@code rounds} for {@code
   * rounds-3}.
   */
  static String family(Summary s) {
    String family = s.method().replaceAll("[-_ ]*\\d+(\\.\\d+)?|-taught$", "");
    return family.isBlank() ? s.method() : family;
  }

  /**
   * What a line joins: methods of one name, and of the same bits unless the bits alone tell them
   * apart, with the same parameters that are text, and with those numbers alike that differ at
   * equal bytes.
   */
  String series(Summary s) {
    StringBuilder name = new StringBuilder(s.method());
    List<Summary> same = methods().stream().filter(o -> o.method().equals(s.method())).toList();
    long bits = same.stream().map(o -> o.parameter("bits")).distinct().count();
    if (bits < same.size() && !s.parameter("bits").isEmpty()) {
      name.append(", ").append(s.parameter("bits")).append(" bit");
    }
    s.parameters()
        .forEach(
            (parameter, value) -> {
              boolean differs =
                  same.stream()
                      .filter(o -> value instanceof String || o.mean(TABLE) == s.mean(TABLE))
                      .anyMatch(o -> !value.equals(o.parameters().get(parameter)));
              if (differs && !Run.SIZES.contains(parameter)) {
                name.append(", ").append(parameter).append(' ').append(value);
              }
            });
    return name.toString();
  }
}
