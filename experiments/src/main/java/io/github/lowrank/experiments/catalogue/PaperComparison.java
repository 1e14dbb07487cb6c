package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.Folds;
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
import java.util.Locale;

/**
 * The paper's comparison, compression against accuracy: several data sets, both models, every
 * method at every fraction or number of bits, rivals that are retrained as well. The vocabulary is
 * that of train. Each method has its own search for a rate and for the schedule of its second half;
 * a trained model and its quantized forms share one.
 */
public final class PaperComparison {
  private static final List<Double> REMOVED = List.of(0.5, 0.8, 0.9, 0.95, 0.98, 0.99);
  private static final List<Integer> BITS = List.of(16, 8, 4, 3, 2, 1);
  private static final List<Integer> FEW_BITS = List.of(4, 3, 2, 1);
  private static final List<Double> RATES = List.of(1e-3, 3e-3, 1e-2);
  private static final int FOLDS = 10;
  private static final int DAN_SEEDS = 20;
  private static final int LSTM_SEEDS = 10;

  /** 25 units are too few for 77 and 150 classes: the last layer must be wide enough for them. */
  static final Encoder WIDE_DAN = new Dan(List.of(128), 0.3);

  private PaperComparison() {}

  /** All of them. */
  public static List<Experiment> experiments() {
    VectorSource sgns = VectorSource.sgns300d();
    Encoder dan = Dan.ofPaper();
    Encoder lstm = Lstm.ofPaper();
    DatasetSource trec = Catalogue.trec();
    DatasetSource snips = Catalogue.snips();
    return List.of(
        experiment("sst2", Catalogue.sst2(), sgns, dan, 2800),
        experiment("trec", trec, sgns, dan, 2000),
        experiment("trec-folds", new Folds(trec, FOLDS, 0), sgns, dan, 2000),
        experiment("snips", snips, sgns, dan, 4000),
        experiment("snips-folds", new Folds(snips, FOLDS, 0), sgns, dan, 4000),
        experiment("clinc150", Catalogue.clinc150(), sgns, WIDE_DAN, 6000),
        experiment("banking77", Catalogue.banking77(), sgns, WIDE_DAN, 4000),
        experiment("sst2-phrases", Catalogue.sst2Phrases(), sgns, dan, 8000),
        experiment("wordnet", Catalogue.wordNetGlosses(), VectorSource.bgeSmall(), dan, 8000),
        experiment("sst2", Catalogue.sst2(), sgns, lstm, 1400),
        experiment("trec", trec, sgns, lstm, 1400),
        experiment("snips", snips, sgns, lstm, 2000),
        experiment("clinc150", Catalogue.clinc150(), sgns, lstm, 2800),
        experiment("banking77", Catalogue.banking77(), sgns, lstm, 2800));
  }

  private static Experiment experiment(
      String data, DatasetSource source, VectorSource vectors, Encoder encoder, int steps) {
    boolean dan = !encoder.name().equals("lstm");
    return new Experiment(
        "claims-%s-%s".formatted(data, encoder.name()),
        "the paper's claims: %s, %s"
            .formatted(source.name(), encoder.name().toUpperCase(Locale.ROOT)),
        source,
        vectors,
        encoder,
        new Softmax(),
        searched(dan ? all() : few()),
        Plan.of(steps, steps / 40, RATES).choosing().wordsOfTrain(),
        dan ? DAN_SEEDS : LSTM_SEEDS);
  }

  private static List<Method> all() {
    List<Method> methods = new ArrayList<>(List.of(Method.baseline()));
    REMOVED.forEach(r -> methods.add(Method.online(r)));
    REMOVED.forEach(r -> methods.add(Method.onlineBeforeRetraining(r)));
    REMOVED.forEach(r -> methods.add(Method.offline(r)));
    REMOVED.forEach(r -> methods.add(Method.offlineRows(r)));
    BITS.forEach(b -> methods.add(Method.fixedPoint(b)));
    BITS.forEach(b -> methods.add(Method.fixedPointRows(b)));
    FEW_BITS.forEach(b -> methods.add(Method.rounded(b)));
    FEW_BITS.forEach(b -> methods.add(Method.quantizationAware(b)));
    return methods;
  }

  /** What the claims need at 90 %. */
  private static List<Method> few() {
    List<Method> methods = new ArrayList<>(List.of(Method.baseline(), Method.online(0.9)));
    methods.add(Method.offline(0.9));
    methods.add(Method.offlineRows(0.9));
    BITS.forEach(b -> methods.add(Method.fixedPoint(b)));
    FEW_BITS.forEach(b -> methods.add(Method.rounded(b)));
    methods.add(Method.quantizationAware(4));
    methods.add(Method.quantizationAware(2));
    return methods;
  }

  private static List<Method> searched(List<Method> methods) {
    return methods.stream().map(m -> m.withRates(RATES)).toList();
  }

  /** Runs the experiment that the first argument names. */
  public static void main(String[] args) {
    ExperimentMain.run(experiments(), args);
  }
}
