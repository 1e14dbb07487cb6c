package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.cli.ExperimentMain;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Softmax;
import java.util.ArrayList;
import java.util.List;

/**
 * The paper's first comparison, compression against accuracy: every fraction, every method, several
 * data sets and both models. The number of steps is about ten epochs per training. Each method has
 * its own search on dev, over the same three learning rates, with seed 1.
 */
public final class PaperGrid {
  private static final List<Double> REMOVED = List.of(0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99);
  private static final List<Integer> BITS = List.of(16, 8, 4, 3, 2, 1);
  private static final List<Double> RATES = List.of(3e-4, 1e-3, 3e-3);
  // 25 units are too few for 77 and 150 classes: the last layer must be wide enough for them.
  private static final Encoder WIDE_DAN = new Dan(List.of(128), 0.3);

  private PaperGrid() {}

  /** All of them. */
  public static List<Experiment> experiments() {
    return List.of(
        dan("grid-sst2-dan", Catalogue.sst2(), Dan.ofPaper(), 2800),
        dan("grid-trec-dan", Catalogue.trec(), Dan.ofPaper(), 2000),
        dan("grid-snips-dan", Catalogue.snips(), Dan.ofPaper(), 4000),
        dan("grid-clinc150-dan", Catalogue.clinc150(), WIDE_DAN, 6000),
        dan("grid-sst2-phrases-dan", Catalogue.sst2Phrases(), Dan.ofPaper(), 8000),
        lstm("grid-sst2-lstm", Catalogue.sst2(), 1400),
        lstm("grid-trec-lstm", Catalogue.trec(), 1400),
        lstm("grid-snips-lstm", Catalogue.snips(), 2000),
        lstm("grid-clinc150-lstm", Catalogue.clinc150(), 2800));
  }

  private static Experiment dan(String name, DatasetSource data, Encoder encoder, int steps) {
    return experiment(name, data, encoder, steps, methods(REMOVED, BITS));
  }

  private static Experiment lstm(String name, DatasetSource data, int steps) {
    return experiment(
        name, data, Lstm.ofPaper(), steps, methods(List.of(0.5, 0.8, 0.9, 0.95, 0.98), BITS));
  }

  private static Experiment experiment(
      String name, DatasetSource data, Encoder encoder, int steps, List<Method> methods) {
    return new Experiment(
        name,
        "the paper's grid: %s, %s"
            .formatted(data.name(), encoder.name().toUpperCase(java.util.Locale.ROOT)),
        data,
        VectorSource.sgns300d(),
        encoder,
        new Softmax(),
        methods,
        Plan.of(steps, steps / 40, RATES),
        5);
  }

  private static List<Method> methods(List<Double> removed, List<Integer> bits) {
    List<Method> methods = new ArrayList<>(List.of(Method.baseline()));
    removed.forEach(r -> methods.add(Method.online(r)));
    removed.forEach(r -> methods.add(Method.onlineBeforeRetraining(r)));
    removed.forEach(r -> methods.add(Method.offline(r)));
    removed.forEach(r -> methods.add(Method.offlineRows(r)));
    bits.forEach(b -> methods.add(Method.fixedPoint(b)));
    bits.forEach(b -> methods.add(Method.fixedPointRows(b)));
    methods.add(Method.onlineFixedPoint(0.9, 8));
    methods.add(Method.onlineFixedPoint(0.9, 4));
    return methods.stream().map(m -> m.withRates(RATES)).toList();
  }

  /** Runs the experiment that the first argument names. */
  public static void main(String[] args) {
    ExperimentMain.run(experiments(), args);
  }
}
