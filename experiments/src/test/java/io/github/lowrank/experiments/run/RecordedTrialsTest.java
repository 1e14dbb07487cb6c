package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.experiments.catalogue.Quickstart;
import io.github.lowrank.experiments.record.History;
import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Rates;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.TrialSpec;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import io.github.lowrank.schedule.Shape;
import io.github.lowrank.train.Evaluation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedTrialsTest {
  private static final Shape CHOSEN = Shape.named("one-cycle");
  private static final Experiment EXPERIMENT = experiment();

  @TempDir Path folder;

  private static Experiment experiment() {
    Experiment quickstart = Quickstart.experiment();
    return quickstart
        .withPlan(quickstart.plan().choosing(Shape.named("constant"), CHOSEN))
        .withMethods(List.of(Method.baseline(), Method.online(0.9)))
        .withSeeds(2);
  }

  private static TrialSpec trial(Method method, int seed, Shape later) {
    return EXPERIMENT.trial(method, seed, 0.02, later);
  }

  private static void record(Map<String, Provenance.Trial> trials, TrialSpec trial) {
    trials.put(
        trial.trial(), new Provenance.Trial(trial.id(), trial.rate(), trial.seed(), "checksum"));
  }

  /** A run whose search chose another schedule for each method. */
  private void run() throws IOException {
    Map<String, Provenance.Trial> trials = new LinkedHashMap<>();
    Map<String, List<Evaluation>> history = new LinkedHashMap<>();
    for (int seed = 1; seed <= 2; seed++) {
      record(trials, trial(Method.baseline(), seed, Shape.named("constant")));
      record(trials, trial(Method.online(0.9), seed, CHOSEN));
    }
    for (String trial : trials.keySet()) {
      history.put(trial, List.of(new Evaluation(0, 1, 0.02, Map.of("accuracy", 0.5))));
    }
    Provenance provenance =
        new Provenance(
            Provenance.VERSION,
            "lowrank run",
            "commit",
            "1",
            Json.mapper().valueToTree(EXPERIMENT),
            List.of(),
            Json.mapper().createObjectNode(),
            Map.of(),
            "2",
            "17",
            "linux",
            "cpu",
            2,
            2,
            "then",
            "now",
            trials);
    AtomicFiles.write(folder.resolve(Provenance.FILE), Json.pretty(provenance));
    History.write(folder, history);
  }

  @Test
  void aTrialHasTheScheduleThatTheSearchChose() throws IOException {
    run();
    RecordedTrials recorded = RecordedTrials.of(folder);
    assertThat(recorded.trial("online-90-seed2")).isEqualTo(trial(Method.online(0.9), 2, CHOSEN));
    assertThat(recorded.trial("baseline-seed1"))
        .isEqualTo(trial(Method.baseline(), 1, Shape.named("constant")));
    assertThatThrownBy(() -> recorded.trial("online-80-seed1"))
        .hasMessageContaining("expected the provenance of online-80-seed1, found that of");
  }

  @Test
  void aTrialOfAnotherVersionIsRefused() throws IOException {
    run();
    Path file = folder.resolve(Provenance.FILE);
    String id = trial(Method.online(0.9), 1, CHOSEN).id();
    AtomicFiles.write(file, java.nio.file.Files.readString(file).replace(id, "0123"));
    assertThatThrownBy(() -> RecordedTrials.of(folder).trial("online-90-seed1"))
        .hasMessageContaining("was made by another version (commit commit)");
  }

  @Test
  void ratesAreAddedOnceFromTheSpecifications() throws IOException {
    RecordedTrials.addRates(folder);
    assertThat(folder.resolve(Rates.FILE)).doesNotExist();
    run();
    RecordedTrials.addRates(folder);
    Map<String, List<Rates.Corner>> rates = Rates.read(folder);
    assertThat(rates).containsOnlyKeys("baseline-seed1", "online-90-seed1");
    long steps = EXPERIMENT.plan().steps();
    assertThat(rates.get("baseline-seed1"))
        .containsExactly(new Rates.Corner(1, 0.02), new Rates.Corner(steps, 0.02));
    List<Rates.Corner> online = rates.get("online-90-seed1");
    assertThat(online.get(online.size() - 1).step()).isEqualTo(steps);
    assertThat(online.get(online.size() - 1).rate()).isLessThan(1e-3);

    AtomicFiles.write(folder.resolve(Rates.FILE), "trial,step,rate\n");
    RecordedTrials.addRates(folder);
    assertThat(Rates.read(folder)).isEmpty();
  }
}
