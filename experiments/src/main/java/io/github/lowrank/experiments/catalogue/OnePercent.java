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
import io.github.lowrank.model.Softmax;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Down to one percent of the table's bytes and below: rank alone, codes alone, and both, rounded
 * after training or trained with fake quantization. Every method has its own search for a rate; all
 * continue under the same schedule.
 */
public final class OnePercent {
  private static final List<Double> RATES = List.of(1e-3, 3e-3, 1e-2);

  private OnePercent() {}

  /** All of them. */
  public static List<Experiment> experiments() {
    Encoder wide = new Dan(List.of(128), 0.3); // for many classes
    VectorSource sgns = VectorSource.sgns300d();
    return List.of(
        experiment("sst2", Catalogue.sst2(), sgns, Dan.ofPaper(), 2800),
        experiment("trec", Catalogue.trec(), sgns, Dan.ofPaper(), 2000),
        experiment("snips", Catalogue.snips(), sgns, Dan.ofPaper(), 4000),
        experiment("clinc150", Catalogue.clinc150(), sgns, wide, 6000),
        experiment("banking77", Catalogue.banking77(), sgns, wide, 4000),
        experiment(
            "wordnet", Catalogue.wordNetGlosses(), VectorSource.bgeSmall(), Dan.ofPaper(), 8000));
  }

  private static Experiment experiment(
      String data, DatasetSource source, VectorSource vectors, Encoder encoder, long steps) {
    return new Experiment(
        "one-percent-" + data + "-dan",
        "rank and bits down to one percent of the bytes: " + source.name() + ", DAN",
        source,
        vectors,
        encoder,
        new Softmax(),
        methods().stream().map(m -> m.withRates(RATES)).toList(),
        new Plan(
            steps,
            50,
            (int) (steps / 40),
            Optimizer.adam(),
            Shape.named("constant"),
            Shape.named("one-cycle"),
            RATES,
            40,
            0),
        5);
  }

  private static List<Method> methods() {
    List<Method> methods = new ArrayList<>(List.of(Method.baseline()));
    for (double kept : new double[] {0.02, 0.01, 0.005}) {
      methods.add(Method.onlineToBytes(kept));
      for (int bits : new int[] {8, 4, 3, 2}) {
        methods.add(Method.onlineRounded(kept, bits));
        methods.add(Method.onlineQuantizationAware(kept, bits));
      }
    }
    for (int bits : new int[] {8, 4, 2, 1}) {
      methods.add(Method.rounded(bits));
      methods.add(Method.quantizationAware(bits));
    }
    return methods;
  }

  /** Runs the experiment that the first argument names. */
  public static void main(String[] args) {
    ExperimentMain.run(experiments(), args);
  }
}
