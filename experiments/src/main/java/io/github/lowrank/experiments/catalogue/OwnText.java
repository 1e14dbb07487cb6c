package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.cli.ExperimentMain;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.model.Cnn;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import java.util.List;
import java.util.stream.Stream;

/**
 * What {@code lowrank train} does with a user's texts, on data sets with published splits: filters
 * against the mean of words and pairs of words, with and without a sentence encoder as the teacher.
 * 20 epochs, as there.
 */
public final class OwnText {
  private static final String ENCODER = VectorSource.bgeSmall().name();

  private OwnText() {}

  /** All of them. */
  public static List<Experiment> experiments() {
    return Stream.of(
            both(Catalogue.sst2(), 64, 2768),
            both(Catalogue.trec(), 64, 1960),
            both(Catalogue.snips(), 64, 5233),
            both(Catalogue.clinc150(), 128, 6000),
            both(Catalogue.banking77(), 128, 3449))
        .flatMap(List::stream)
        .toList();
  }

  private static List<Experiment> both(DatasetSource data, int hidden, long steps) {
    return List.of(
        experiment(data, Cnn.usual(), 0, steps),
        experiment(data, new Dan(List.of(hidden), 0.3), 2, steps));
  }

  private static Experiment experiment(DatasetSource data, Encoder encoder, int pairs, long steps) {
    return new Experiment(
        "own-text-" + data.name() + "-" + encoder.name(),
        "as lowrank train does: " + data.name() + (pairs > 0 ? ", words and pairs" : ", filters"),
        data,
        VectorSource.bgeWords(),
        encoder,
        new Softmax(),
        List.of(
            Method.baseline().calibrated(),
            Method.online(0.9).calibrated(),
            Method.online(0.9).taughtBy(ENCODER).calibrated(),
            Method.onlineFixedPoint(0.9, 4).taughtBy(ENCODER).calibrated()),
        new Plan(
            steps,
            50,
            (int) (steps / 40),
            Optimizer.adam(),
            Shape.named("constant"),
            Shape.named("one-cycle"),
            List.of(1e-3, 3e-3),
            256,
            0,
            pairs,
            0),
        3);
  }

  /** Runs the experiment that the first argument names. */
  public static void main(String[] args) {
    ExperimentMain.run(experiments(), args);
  }
}
