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
import java.util.Locale;

/**
 * Down to one percent of the table's bytes and below: low rank in codes against its rivals, all
 * taught by the uncompressed classifier. Each has its own search for a rate and for the schedule of
 * its second half, as in {@link PaperComparison}.
 */
public final class OnePercent {
  private static final List<Double> RATES = List.of(1e-3, 3e-3, 1e-2);

  private OnePercent() {}

  /** All of them. */
  public static List<Experiment> experiments() {
    Encoder wide = PaperComparison.WIDE_DAN;
    Encoder lstm = Lstm.ofPaper();
    VectorSource sgns = VectorSource.sgns300d();
    return List.of(
        experiment("sst2", Catalogue.sst2(), sgns, Dan.ofPaper(), 2800, quick()),
        experiment("trec", Catalogue.trec(), sgns, Dan.ofPaper(), 2000, all()),
        experiment("snips", Catalogue.snips(), sgns, Dan.ofPaper(), 4000, quick()),
        experiment("clinc150", Catalogue.clinc150(), sgns, wide, 6000, manyClasses(4, 3)),
        experiment("banking77", Catalogue.banking77(), sgns, wide, 4000, manyClasses(3)),
        experiment(
            "wordnet",
            Catalogue.wordNetGlosses(),
            VectorSource.bgeSmall(),
            Dan.ofPaper(),
            8000,
            few(8)),
        experiment("sst2", Catalogue.sst2(), sgns, lstm, 1400, lstmMethods()),
        experiment("trec", Catalogue.trec(), sgns, lstm, 1000, lstmMethods()),
        experiment("snips", Catalogue.snips(), sgns, lstm, 1400, lstmMethods()));
  }

  private static Experiment experiment(
      String data,
      DatasetSource source,
      VectorSource vectors,
      Encoder encoder,
      int steps,
      List<Method> methods) {
    return new Experiment(
        "one-percent-" + data + "-" + encoder.name(),
        "down to one percent of the bytes: "
            + source.name()
            + ", "
            + encoder.name().toUpperCase(Locale.ROOT),
        source,
        vectors,
        encoder,
        new Softmax(),
        methods.stream().map(m -> m.withRates(RATES)).toList(),
        Plan.of(steps, steps / 40, RATES).choosing().wordsOfTrain(),
        5);
  }

  /**
   * Low rank in codes, what the teacher and the fake quantization are worth, and one rival.
   *
   * @param weightBits of the matrices of encoder and head: 8, unless they weigh too much
   */
  private static List<Method> few(int weightBits) {
    List<Method> methods = new ArrayList<>(List.of(Method.baseline(), Method.baseline().taught()));
    for (double kept : new double[] {0.02, 0.01, 0.005, 0.0025}) {
      methods.add(Method.onlineQuantizationAware(kept, 4).taught());
      methods.add(Method.onlineQuantizationAware(kept, 2).taught());
    }
    methods.add(Method.concatenatedCodewords(0.01, 6).taught());
    methods.add(Method.whole(0.01, 4, weightBits).taught());
    methods.add(Method.onlineQuantizationAware(0.01, 4));
    methods.add(Method.onlineRounded(0.01, 4));
    methods.add(Method.onlineQuantizationAware(0.01, 2));
    methods.add(Method.onlineRounded(0.01, 2));
    return methods;
  }

  /** And the rivals that are found and trained quickly. */
  private static List<Method> quick() {
    List<Method> methods = few(8);
    for (double kept : new double[] {0.02, 0.005, 0.0025}) {
      methods.add(Method.concatenatedCodewords(kept, widest(kept)).taught());
    }
    for (double kept : new double[] {0.02, 0.01, 0.005, 0.0025}) {
      methods.add(Method.concatenatedCodewords(kept, widest(kept) - 1).taught());
    }
    methods.add(Method.onlineToBytes(0.02).taught());
    methods.add(Method.onlineToBytes(0.01).taught());
    methods.add(Method.offlineQuantizationAware(0.01, 4).taught());
    methods.add(Method.factorizedFromScratch(0.01, 4).taught());
    methods.add(Method.tensorTrainOffline(0.01).taught());
    methods.add(Method.hashedRows(0.01, 1).taught());
    methods.add(Method.quantizationAware(4).taught());
    methods.add(Method.quantizationAware(2).taught());
    methods.add(Method.quantizationAware(1).taught());
    methods.add(Method.concatenatedCodewords(0.01, 6));
    return methods;
  }

  /** Bits of a code: the smaller the table, the more of it would be codewords. */
  private static int widest(double kept) {
    return kept > 0.005 ? 6 : kept > 0.0025 ? 5 : 4;
  }

  /** With rivals that take many times as long to find or to train. */
  private static List<Method> all() {
    List<Method> methods = quick();
    methods.add(Method.sharedRows(0.01).taught());
    methods.add(Method.summedCodewords(0.01, 6).taught());
    methods.add(Method.learnedCodes(0.01, 6).taught());
    return methods;
  }

  /**
   * Where steps cost most: of the rivals only those that were near low rank with one rate for all:
   * product quantization, tensor trains, and low rank that is factorized before training.
   *
   * @param codeBits widths of the codes of product quantization at a quarter of a percent
   */
  private static List<Method> manyClasses(int... codeBits) {
    List<Method> methods = few(4);
    methods.add(Method.concatenatedCodewords(0.02, 6).taught());
    methods.add(Method.concatenatedCodewords(0.01, 5).taught());
    methods.add(Method.concatenatedCodewords(0.005, 5).taught());
    methods.add(Method.concatenatedCodewords(0.005, 4).taught());
    for (int bits : codeBits) {
      methods.add(Method.concatenatedCodewords(0.0025, bits).taught());
    }
    methods.add(Method.tensorTrainOffline(0.01).taught());
    methods.add(Method.offlineQuantizationAware(0.01, 4).taught());
    return methods;
  }

  private static List<Method> lstmMethods() {
    return List.of(
        Method.baseline(),
        Method.baseline().taught(),
        Method.onlineQuantizationAware(0.01, 4).taught(),
        Method.whole(0.02, 4, 4).taught(),
        Method.whole(0.01, 4, 4).taught(),
        Method.whole(0.01, 4, 4));
  }

  /** Runs the experiment that the first argument names. */
  public static void main(String[] args) {
    ExperimentMain.run(experiments(), args);
  }
}
