package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.embedding.TruncatedTable.Penalty;
import io.github.lowrank.embedding.TruncatedTable.Through;
import io.github.lowrank.experiments.cli.ExperimentMain;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Softmax;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Training through the factorization against factorizing a trained table. Every method has its own
 * search for a rate and for the schedule of its second half.
 */
public final class ThroughTheFactorization {
  private static final List<Double> RATES = List.of(3e-3, 1e-2);

  private static final Plan PLAN = Plan.of(600, 30, RATES).choosing().wordsOfTrain();

  private ThroughTheFactorization() {}

  /** All of them: the comparison by the fraction removed, and the variants of the method. */
  public static List<Experiment> experiments() {
    List<Experiment> all = new ArrayList<>();
    Encoder dan = Dan.ofPaper();
    Encoder wide = PaperComparison.WIDE_DAN;
    for (double removed : new double[] {0.9, 0.95, 0.98}) {
      all.add(experiment("trec", Catalogue.trec(), dan, removed));
      all.add(experiment("sst2", Catalogue.sst2(), dan, removed));
      all.add(experiment("snips", Catalogue.snips(), dan, removed));
      all.add(experiment("clinc150", Catalogue.clinc150(), wide, removed));
      all.add(experiment("banking77", Catalogue.banking77(), wide, removed));
    }
    all.add(variants());
    return all;
  }

  private static Experiment experiment(
      String data, DatasetSource source, Encoder encoder, double removed) {
    long percent = Math.round(100 * removed);
    return new Experiment(
        "through-" + data + "-dan-" + percent,
        "training through the factorization: %s, DAN, %d %% removed"
            .formatted(source.name(), percent),
        source,
        VectorSource.sgns300d(),
        encoder,
        new Softmax(),
        Stream.of(
                Method.baseline(),
                Method.online(removed),
                Method.through("through", removed, Through.TRUNCATION, Penalty.NONE, 0))
            .map(m -> m.withRates(RATES))
            .toList(),
        PLAN,
        5);
  }

  /** Penalties, and the projector as a constant. */
  private static Experiment variants() {
    double removed = 0.98;
    Experiment plain = experiment("trec", Catalogue.trec(), Dan.ofPaper(), removed);
    List<Method> methods = new ArrayList<>(plain.methods());
    methods.add(Method.through("through-rows", removed, Through.ROWS, Penalty.NONE, 0));
    methods.add(
        Method.through(
            "through-nuclear-norm", removed, Through.TRUNCATION, Penalty.NUCLEAR_NORM, 0.1));
    methods.add(Method.through("through-omitted", removed, Through.TRUNCATION, Penalty.OMITTED, 1));
    return plain
        .withName("through-variants-trec-dan")
        .withMethods(methods.stream().map(m -> m.withRates(RATES)).toList());
  }

  /** Runs the experiment that the first argument names. */
  public static void main(String[] args) {
    ExperimentMain.run(experiments(), args);
  }
}
