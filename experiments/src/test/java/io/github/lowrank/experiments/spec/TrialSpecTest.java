package io.github.lowrank.experiments.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lowrank.datasets.HoldOut;
import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.datasets.OwnFiles;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.catalogue.Experiments;
import io.github.lowrank.experiments.catalogue.Quickstart;
import io.github.lowrank.io.Json;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialSpecTest {
  private static final Experiment QUICKSTART = Quickstart.experiment();

  private static TrialSpec trial() {
    return QUICKSTART.trial(Method.online(0.9), 1, 1e-3);
  }

  @Test
  void equalSpecificationsHaveEqualIds() {
    assertThat(trial().id()).isEqualTo(trial().id()).matches("[0-9a-f]{20}");
    // A trial is at one rate: which others were searched is nothing to it.
    assertThat(QUICKSTART.trial(Method.online(0.9).withRates(List.of(0.1, 1e-3)), 1, 1e-3))
        .isEqualTo(trial());
    assertThat(QUICKSTART.set("rates=7").trial(Method.online(0.9), 1, 1e-3).id())
        .isEqualTo(trial().id());
    // Nor what the experiment is called.
    assertThat(QUICKSTART.withSeeds(9).trial(Method.online(0.9), 1, 1e-3).id())
        .isEqualTo(trial().id());
  }

  @Test
  void everyStepOfEveryExperimentHasARate() {
    for (Experiment experiment : Experiments.all()) {
      for (Method method : experiment.methods()) {
        long steps =
            method.steps().stream()
                .filter(step -> step.share() > 0)
                .mapToLong(step -> experiment.plan().steps(step.share()))
                .sum();
        assertThat(experiment.trial(method, 1, 1e-3).stepRates())
            .as("%s, %s", experiment.name(), method.name())
            .hasSize((int) steps);
      }
    }
    assertThat(
            QUICKSTART
                .trial(
                    new Method(
                        "m",
                        new TrainAt(0.5, Optimizer.adam(), Shape.named("constant"), 0.25),
                        new Train(0.5)),
                    1,
                    1e-3)
                .stepRates())
        .startsWith(0.25, 0.25)
        .endsWith(
            QUICKSTART
                .plan()
                .later()
                .schedule(1e-3, QUICKSTART.plan().steps(0.5))
                .rate(QUICKSTART.plan().steps(0.5) - 1));
  }

  @Test
  void theRatesAreThoseOfTheTrainingsOneAfterTheOther() {
    Plan plan = QUICKSTART.plan();
    double[] rates = trial().stepRates();
    long half = plan.steps(0.5);
    assertThat(rates).hasSize((int) (2 * half));
    for (int t = 0; t < half; t++) {
      assertThat(rates[t]).isEqualTo(plan.first().schedule(1e-3, half).rate(t));
      assertThat(rates[(int) half + t]).isEqualTo(plan.later().schedule(1e-3, half).rate(t));
    }
    // What a teacher trains beside is not the method's.
    assertThat(QUICKSTART.trial(Method.online(0.9).taught(), 1, 1e-3).stepRates()).isEqualTo(rates);
    Shape shape = Shape.named("one-cycle");
    assertThat(
            QUICKSTART
                .trial(Method.trained("m", Optimizer.sgd(), shape, List.of()), 1, 0.5)
                .stepRates())
        .hasSize((int) plan.steps())
        .contains(shape.schedule(0.5, plan.steps()).rate(7));
    // Half of the truth would be at the wrong steps.
    Step silent =
        new Step() {
          @Override
          public State apply(State before, Workbench bench) {
            throw new AssertionError();
          }

          @Override
          public double share() {
            return 0.5;
          }
        };
    assertThat(QUICKSTART.trial(new Method("m", silent, new Train(0.5)), 1, 0.5).stepRates())
        .isEmpty();
  }

  @Test
  void ownFilesKeepTheirLimits(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("t.csv"), "text,label\n");
    for (int limit : new int[] {7, Integer.MAX_VALUE}) {
      OwnFiles own =
          new OwnFiles(
              file,
              Optional.empty(),
              new HoldOut(0.3, limit),
              Optional.empty(),
              Optional.of(file),
              new LabelledFile.Columns("text", "label", StandardCharsets.UTF_8),
              limit);
      TrialSpec t = trial();
      TrialSpec other =
          new TrialSpec(
              t.version(), own, t.vectors(), t.encoder(), t.head(), t.plan(), t.method(), 1);
      String json = Json.canonical(other);
      assertThat(Json.parse(json, "some.json", TrialSpec.class)).isEqualTo(other);
      // Without limits the identity is that of version 0.1.
      assertThat(json.contains("devLimit") || json.contains("maxWords")).isEqualTo(limit == 7);
    }
  }

  /** What version 0.1 computed. */
  @Test
  void plansWithoutPairsKeepTheirIdentity() throws IOException {
    String json = Json.canonical(trial());
    assertThat(json).doesNotContain("pairs").doesNotContain("spans");
    assertThat(Json.parse(json, "some.json", TrialSpec.class)).isEqualTo(trial());
    assertThat(trial().plan().pairs()).isZero();
    assertThat(trial().id()).isEqualTo("00a9c2add29357b00e8f");
    TrialSpec pairs = QUICKSTART.set("pairs=2").trial(Method.online(0.9), 1, 1e-3);
    assertThat(Json.canonical(pairs)).contains("\"pairs\":2");
    assertThat(Json.parse(Json.canonical(pairs), "some.json", TrialSpec.class)).isEqualTo(pairs);
    assertThatThrownBy(() -> Json.parse(json.replace("\"limit\":0,", ""), "x", TrialSpec.class))
        .hasMessageContaining("limit");
  }

  @Test
  void joinedVectorsAreWrittenAsTheirParts(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("own.txt"), "good 1 2\n");
    TrialSpec t = trial();
    VectorSource joined =
        VectorSource.joined(List.of(VectorSource.bgeWords(), VectorSource.own(file.toString())));
    TrialSpec other =
        new TrialSpec(
            t.version(), t.dataset(), joined, t.encoder(), t.head(), t.plan(), t.method(), 1);
    String json = Json.canonical(other);
    assertThat(json).contains("[\"bge-words\",{");
    assertThat(Json.parse(json, "some.json", TrialSpec.class)).isEqualTo(other);
  }

  @Test
  void whateverDiffersHasAnotherId() {
    Experiment e = QUICKSTART;
    Method m = Method.online(0.9);
    Experiment lstm =
        new Experiment(
            "other",
            "",
            e.dataset(),
            e.vectors(),
            Lstm.ofPaper(),
            e.head(),
            e.methods(),
            e.plan(),
            1);
    List<TrialSpec> all =
        List.of(
            trial(),
            e.trial(m, 1, 2e-3),
            e.trial(m, 1, 1e-3 + 1e-18 * 1e3),
            e.trial(m, 2, 1e-3),
            e.trial(m.withRemoved(0.91), 1, 1e-3),
            e.trial(Method.onlinePaperSplit(0.9).named("online"), 1, 1e-3),
            e.trial(m.named("another"), 1, 1e-3),
            e.set("steps=7999").trial(m, 1, 1e-3),
            e.set("limit=10").trial(m, 1, 1e-3),
            e.set("pairs=1").trial(m, 1, 1e-3),
            e.set("pairs=2").trial(m, 1, 1e-3),
            e.set("optimizer=sgd").trial(m, 1, 1e-3),
            e.set("later=calr").trial(m, 1, 1e-3),
            lstm.trial(m, 1, 1e-3));
    Set<String> ids = new HashSet<>();
    all.forEach(t -> ids.add(t.id()));
    assertThat(ids).hasSize(all.size());
  }

  @Test
  void beginningsAreSharedWhateverTheMethodIsCalled() {
    TrialSpec online = trial();
    TrialSpec before = QUICKSTART.trial(Method.onlineBeforeRetraining(0.9), 1, 1e-3);
    TrialSpec baseline = QUICKSTART.trial(Method.baseline(), 1, 1e-3);
    assertThat(online.id(1)).isEqualTo(before.id(1)).isEqualTo(baseline.id(1));
    assertThat(online.id(2)).isEqualTo(before.id(2)).isNotEqualTo(baseline.id(2));
    assertThat(online.id(3)).isNotEqualTo(online.id());
    assertThat(QUICKSTART.trial(Method.baseline(), 2, 1e-3).id(1)).isNotEqualTo(baseline.id(1));
    assertThat(QUICKSTART.trial(Method.baseline(), 1, 3e-3).id(1)).isNotEqualTo(baseline.id(1));
  }

  @Test
  void trainingsAtTheirOwnRateAreSharedWhateverTheTrialsRate() {
    Shape constant = Shape.named("constant");
    TrainAt first = new TrainAt(0.5, Optimizer.adam(), constant, 1e-3);
    Method method =
        new Method("m", first, new TrainWith(0.5, Optimizer.sgd(), Shape.named("one-cycle")));
    TrialSpec low = QUICKSTART.trial(method, 1, 0.1);
    TrialSpec high = QUICKSTART.trial(method, 1, 1.0);
    assertThat(low.id(1)).isEqualTo(high.id(1));
    assertThat(low.id(2)).isNotEqualTo(high.id(2));
    assertThat(low.id()).isNotEqualTo(high.id());
    Method other = new Method("m", new TrainAt(0.5, Optimizer.adam(), constant, 3e-3), first);
    assertThat(QUICKSTART.trial(other, 1, 0.1).id(1)).isNotEqualTo(low.id(1));
    assertThatThrownBy(() -> new TrainAt(0.5, Optimizer.adam(), constant, 0))
        .hasMessageContaining("above 0, found 0");
  }

  /** The same JSON with all fields of all objects in the opposite order. */
  private static JsonNode reversed(JsonNode node) {
    if (node.isObject()) {
      List<String> names = new ArrayList<>();
      node.fieldNames().forEachRemaining(names::add);
      Collections.reverse(names);
      ObjectNode other = Json.mapper().createObjectNode();
      names.forEach(name -> other.set(name, reversed(node.get(name))));
      return other;
    } else if (node.isArray()) {
      var other = Json.mapper().createArrayNode();
      node.forEach(n -> other.add(reversed(n)));
      return other;
    }
    return node;
  }

  @Test
  void theOrderOfFieldsIsNothing() throws IOException {
    for (Experiment experiment : Experiments.all()) {
      String text = reversed(Json.mapper().valueToTree(experiment)).toString();
      assertThat(text).startsWith("{\"seeds\":");
      Experiment back = Json.parse(text, "reversed", Experiment.class);
      assertThat(back).isEqualTo(experiment);
      Method method = experiment.methods().get(experiment.methods().size() - 1);
      TrialSpec trial = experiment.trial(method, 1, 1e-3);
      assertThat(back.trial(method, 1, 1e-3).id()).isEqualTo(trial.id());
      String reversed = reversed(Json.mapper().valueToTree(trial)).toString();
      assertThat(Json.parse(reversed, "trial", TrialSpec.class).id()).isEqualTo(trial.id());
    }
  }

  @Test
  void anotherVersionIsRefused() {
    ObjectNode tree = Json.mapper().valueToTree(trial());
    tree.put("version", 99);
    assertThatThrownBy(() -> Json.parse(tree.toString(), "some.json", TrialSpec.class))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("some.json")
        .hasMessageContaining("expected version 1 of a trial, found version 99");
  }
}
