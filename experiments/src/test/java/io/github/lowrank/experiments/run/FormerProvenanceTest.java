package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.experiments.catalogue.Experiments;
import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.TrialSpec;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of version 0.1: as they stand in results/, or, once those are converted, as kept here. */
class FormerProvenanceTest {
  private static final Path RESULTS = Path.of("src/test/resources/former");
  private static final List<String> FIGURES =
      List.of(
          "trial",
          "seed",
          "dev_accuracy",
          "test_accuracy",
          "test_accuracy_unseen",
          "embedding_bytes",
          "saved_model_bytes",
          "learning_rate",
          "steps",
          "steps_to_99",
          "train_seconds",
          "latency_us_b1",
          "latency_us_b64_p99",
          "flops_per_sentence");

  @TempDir Path folder;

  /** The cells of {@link #FIGURES} as text, digit by digit. */
  private static List<List<String>> figures(Path run) throws IOException {
    List<List<String>> figures = new ArrayList<>();
    List<String> header = null;
    for (String line : Files.readAllLines(run.resolve(Row.FILE))) {
      List<String> cells = List.of(line.split(",", -1));
      header = header == null ? cells : header;
      List<String> kept = new ArrayList<>();
      for (String column : FIGURES) {
        kept.add(cells.get(header.indexOf(column)));
      }
      figures.add(kept);
    }
    return figures;
  }

  @ParameterizedTest
  @ValueSource(strings = {"sst2-dan", "schedules-sst2-dan", "grid-trec-lstm"})
  void runsOfVersion01BecomeRunsOfToday(String name) throws IOException {
    Path run = folder.resolve(name);
    AtomicFiles.copy(RESULTS.resolve(name), run);
    List<List<String>> before = figures(run);
    JsonNode former = Json.read(run.resolve(Provenance.FILE), JsonNode.class);
    assertThat(former.has("version")).isFalse();
    Terminal.Outcome refused =
        Terminal.run(List.of(), "rerun", run.toString(), before.get(1).get(0));
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("is of a former version: convert it by lowrank convert");

    Terminal.Outcome converted = Terminal.run(List.of(), "convert", run.toString());
    assertThat(converted.code()).as(converted.err()).isZero();
    assertThat(converted.out()).isEqualTo(run + ": converted\n");
    assertThat(figures(run)).isEqualTo(before);

    Provenance provenance = Provenance.read(run);
    assertThat(provenance.version()).isEqualTo(2);
    assertThat(provenance.commit()).isEqualTo(former.path("commit").asText());
    assertThat(provenance.sha256()).hasSize(former.path("sha256").size());
    assertThat(provenance.started()).isEqualTo(former.path("started").asText());
    // As rerun finds a row's trial.
    Experiment experiment =
        Json.parse(provenance.experiment().toString(), "provenance", Experiment.class);
    List<Row> rows = Row.read(run.resolve(Row.FILE));
    assertThat(provenance.trials().keySet())
        .containsExactlyInAnyOrderElementsOf(rows.stream().map(Row::trial).toList());
    for (Row row : rows) {
      Provenance.Trial trial = provenance.trials().get(row.trial());
      assertThat(trial.learningRate()).isEqualTo(row.training().learningRate());
      List<TrialSpec> found =
          experiment.methods().stream()
              .map(m -> experiment.trial(m, trial.seed(), trial.learningRate()))
              .filter(t -> t.id().equals(trial.id()))
              .toList();
      assertThat(found).singleElement().extracting(TrialSpec::trial).isEqualTo(row.trial());
    }
    // If the catalogue still has the experiment, rerun trains what was trained then.
    Optional<Experiment> today =
        Experiments.all().stream().filter(e -> e.name().equals(name)).findFirst();
    assertThat(today.isPresent()).isEqualTo(name.equals("sst2-dan"));
    if (today.isPresent()) {
      for (Method m : today.get().methods()) {
        Provenance.Trial then = provenance.trials().get(m.id() + "-seed1");
        assertThat(then.id()).isEqualTo(today.get().trial(m, 1, then.learningRate()).id());
      }
    }

    if (name.startsWith("schedules")) {
      assertThat(rows)
          .allSatisfy(
              row ->
                  assertThat(row.method())
                      .isEqualTo(
                          row.text("optimizer").orElseThrow()
                              + "-"
                              + row.text("schedule").orElseThrow()));
    } else {
      assertThat(rows.stream().filter(r -> r.label().equals("online 90 %")).toList())
          .isNotEmpty()
          .allSatisfy(row -> assertThat(row.parameters()).containsEntry("removed", 0.9));
    }

    Map<String, String> sums = sums(run);
    Terminal.Outcome again = Terminal.run(List.of(), "convert", run.toString());
    assertThat(again.code()).isZero();
    assertThat(again.out()).isEqualTo(run + ": already has the current layout\n");
    assertThat(sums(run)).isEqualTo(sums);
    assertThat(Terminal.run(List.of(), "report", run.toString()).code()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[", "[=", "Dan[hidden", "Dan[hidden=[1", "[[[[", "2,]"})
  void damagedDescriptionsAreNamed(String model) throws IOException {
    Path file = folder.resolve(Provenance.FILE);
    Files.writeString(
        file,
        Json.canonical(
            Map.of("configuration", Map.of("model", model.replace("[[[[", "[".repeat(9999))))));
    assertThatThrownBy(() -> FormerProvenance.convert(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ": expected an experiment as version 0.1 described it");
  }

  private static Map<String, String> sums(Path run) throws IOException {
    Map<String, String> sums = new java.util.TreeMap<>();
    try (Stream<Path> files = Files.list(run)) {
      for (Path file : files.toList()) {
        sums.put(file.getFileName().toString(), AtomicFiles.checksum(file));
      }
    }
    return sums;
  }
}
