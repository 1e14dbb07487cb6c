package io.github.lowrank.experiments.run;

import io.github.lowrank.experiments.record.History;
import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Rates;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.TrialSpec;
import io.github.lowrank.io.Json;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The trials of a run that has ended, as its provenance tells them. */
public final class RecordedTrials {
  private final Path file;
  private final Provenance provenance;
  private final Experiment experiment;

  private RecordedTrials(Path file, Provenance provenance, Experiment experiment) {
    this.file = file;
    this.provenance = provenance;
    this.experiment = experiment;
  }

  /** Those of the run in {@code directory}. */
  public static RecordedTrials of(Path directory) throws IOException {
    Path file = directory.resolve(Provenance.FILE);
    Provenance provenance = Provenance.read(directory);
    return new RecordedTrials(
        file, provenance, Json.parse(provenance.experiment().toString(), file, Experiment.class));
  }

  /**
   * The specification of a trial.
   *
   * @param trial its name: the first column of {@code trials.csv}
   * @throws IOException if it is not recorded, or if the code of today gives it another identity
   */
  public TrialSpec trial(String trial) throws IOException {
    Provenance.Trial recorded = provenance.trials().get(trial);
    if (recorded == null) {
      throw new IOException(
          "%s: expected the provenance of %s, found that of %s"
              .formatted(file, trial, provenance.trials().keySet()));
    }
    return experiment.plan().candidates().stream()
        .flatMap(later -> experiment.methods().stream().map(m -> trial(m, recorded, later)))
        .filter(t -> t.trial().equals(trial) && t.id().equals(recorded.id()))
        .findFirst()
        .orElseThrow(
            () ->
                new IOException(
                    "%s: trial %s was made by another version (commit %s): no method has its identity %s"
                        .formatted(file, trial, provenance.commit(), recorded.id())));
  }

  private TrialSpec trial(Method method, Provenance.Trial recorded, Shape later) {
    return experiment.trial(method, recorded.seed(), recorded.learningRate(), later);
  }

  /**
   * Writes the {@link Rates} of a run that was made before there were any; a run with rates, or
   * without evaluations, stays as it is.
   */
  public static void addRates(Path directory) throws IOException {
    if (Files.exists(directory.resolve(Rates.FILE))
        || !Files.exists(directory.resolve(Provenance.FILE))) {
      return;
    }
    RecordedTrials recorded = of(directory);
    Map<String, double[]> rates = new LinkedHashMap<>();
    for (String trial : History.read(directory).keySet()) {
      Provenance.Trial known = recorded.provenance.trials().get(trial);
      if (known != null && known.seed() == 1) {
        rates.put(trial, recorded.trial(trial).stepRates());
      }
    }
    if (!rates.isEmpty()) {
      Rates.write(directory, rates);
    }
  }
}
