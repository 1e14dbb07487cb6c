package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.experiments.Tiny;
import io.github.lowrank.experiments.catalogue.Experiments;
import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.record.TrialResult;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchTest {
  private static final List<Double> RATES = List.of(1e-3, 3e-3);

  @TempDir Path folder;

  @Test
  void equalStepsWithOtherRatesHaveTheirOwn() throws IOException {
    Experiment tiny = Tiny.experiment(folder, "tiny");
    List<Method> methods = new ArrayList<>();
    for (double rate : new double[] {1e-3, 1e-2}) {
      Method m = Method.baseline();
      methods.add(new Method("at-" + rate, m.steps(), List.of(rate)));
    }
    ExperimentRun.Result result =
        new ExperimentRun(
                tiny.withMethods(methods).withSeeds(1),
                new DataRoot(folder),
                folder.resolve("rates"))
            .run();
    assertThat(result.rows().stream().map(row -> row.training().learningRate()))
        .containsExactly(1e-3, 1e-2);
  }

  @Test
  void bestSettingIsComparedWithItsNeighboursAndSharedByWhatIsOnlyStoredDifferently()
      throws IOException {
    Experiment tiny = Tiny.experiment(folder, "tiny");
    Experiment experiment =
        tiny.withMethods(tiny.methods().stream().map(m -> m.withRates(RATES)).toList())
            .withPlan(tiny.plan().choosing(Shape.named("constant"), Shape.CALR).wordsOfTrain());
    ExperimentRun.Result result =
        new ExperimentRun(experiment, new DataRoot(folder), folder.resolve("out")).run();

    JsonNode search = Provenance.read(result.directory()).search();
    assertThat(search.fieldNames()).toIterable().containsExactly("baseline", "online-90");
    for (JsonNode found : search) {
      Map<String, Double> scores = new HashMap<>();
      found
          .path("devAccuracy")
          .fields()
          .forEachRemaining(s -> scores.put(s.getKey(), s.getValue().asDouble()));
      double rate = found.path("best").asDouble();
      String later = found.path("later").asText();
      double best = scores.get(rate + " " + later);
      assertThat(scores.values()).allMatch(other -> other <= best);
      assertThat(scores).containsKeys(rate + " constant", rate + " calr");
      List<Double> rates =
          scores.keySet().stream()
              .filter(s -> s.endsWith(" " + later))
              .map(s -> Double.valueOf(s.substring(0, s.indexOf(' '))))
              .toList();
      assertThat(rates).anyMatch(r -> r < rate).anyMatch(r -> r > rate);
    }
    Terminal.Outcome again =
        Terminal.run(
            List.of(),
            "rerun",
            result.directory().toString(),
            "online-90-seed2",
            "--data",
            "" + folder);
    assertThat(again.out())
        .as(again.err())
        .contains("SavedModel files     equal")
        .containsPattern("test accuracy +then .*, difference 0.0");
    Map<String, List<Row>> rows =
        result.rows().stream().collect(Collectors.groupingBy(Row::method));
    for (int seed = 0; seed < 2; seed++) {
      Row baseline = rows.get("baseline").get(seed);
      Row stored = rows.get("fixed-point").get(seed);
      assertThat(stored.training().learningRate()).isEqualTo(baseline.training().learningRate());
      assertThat(stored.text("later_schedule")).isEqualTo(baseline.text("later_schedule"));
      assertThat(baseline.text("later_schedule"))
          .hasValue(search.path("baseline").path("later").asText());
    }
  }

  @Test
  void rateThatDivergesIsTheWorstOfASearch() throws IOException {
    Experiment tiny = Tiny.experiment(folder, "tiny");
    Experiment searched =
        tiny.withMethods(List.of(Method.online(0.9).withRates(List.of(1e30, 1e-3))));
    ExperimentRun.Result result =
        new ExperimentRun(searched, new DataRoot(folder), folder.resolve("out")).run();

    assertThat(result.rows()).allMatch(r -> r.training().learningRate() == 1e-3);
    JsonNode scores =
        Provenance.read(result.directory()).search().path("online-90").path("devAccuracy");
    assertThat(scores.path("1.0E30").asDouble(-1)).isZero();
    assertThat(scores.path("0.001").asDouble()).isPositive();
  }

  @Test
  void trialThatDivergesEndsWithItsBestSoFarAndSaysSo() throws IOException {
    Experiment tiny = Tiny.experiment(folder, "tiny");
    Experiment chosen =
        tiny.withMethods(
            List.of(
                Method.online(0.9).withRates(List.of(1e-3)),
                Method.baseline().withRates(List.of(1e30)),
                Method.baseline().taught().withRates(List.of(1e30))));
    List<String> told = new ArrayList<>();
    ExperimentRun.Result result =
        new ExperimentRun(chosen, new DataRoot(folder), folder.resolve("out"))
            .listener(
                new RunListener() {
                  @Override
                  public void log(String line) {
                    told.add(line);
                  }
                })
            .run();
    for (Row row : result.rows()) {
      boolean diverged = row.method().startsWith("baseline");
      assertThat(row.number(TrialResult.DIVERGED).isPresent()).isEqualTo(diverged);
      assertThat(row.scores().test()).isBetween(0.2, 1.0);
    }
    assertThat(told)
        .filteredOn(line -> line.contains("diverged"))
        .hasSize(4)
        .allMatch(
            line ->
                line.matches(
                    "baseline(-taught)?-seed\\d: .* learning rate 1.0E30 may be too high.*"));
  }

  @Test
  void firstTrainingDoesNotDependOnTheLaterSchedule() throws IOException {
    Experiment tiny = Tiny.experiment(folder, "tiny");
    Method online = Method.online(0.9);
    String constant = tiny.trial(online, 1, 1e-3, Shape.named("constant")).id(1);
    assertThat(tiny.trial(online, 1, 1e-3, Shape.CALR).id(1)).isEqualTo(constant);
    assertThat(tiny.trial(online, 1, 3e-3, Shape.CALR).id(1)).isNotEqualTo(constant);
    assertThat(tiny.trial(online, 1, 1e-3, Shape.CALR).id(3))
        .isNotEqualTo(tiny.trial(online, 1, 1e-3, Shape.named("constant")).id(3));
  }

  @Test
  void singleRateIsNotSearched() {
    assertThat(Experiments.all().stream().filter(e -> e.name().startsWith("calr-untuned-")))
        .isNotEmpty()
        .allMatch(e -> new Search(e).tasks().isEmpty());
  }

  @Test
  void planWithoutSchedulesToChooseFromTriesItsRatesOnly() throws IOException {
    Experiment tiny = Tiny.experiment(folder, "tiny").withMethods(List.of(Method.baseline()));
    Search search = new Search(tiny);
    assertThat(search.tasks()).hasSize(2 * 3).allMatch(Task::search);
    assertThat(search.trial(tiny.methods().get(0), 1).rate()).isEqualTo(1e-3);
  }
}
