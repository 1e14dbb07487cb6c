package io.github.lowrank.experiments.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lowrank.experiments.catalogue.Experiments;
import io.github.lowrank.experiments.catalogue.Quickstart;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.run.ExperimentRunner;
import io.github.lowrank.experiments.run.Prepared;
import io.github.lowrank.experiments.run.RunDirectory;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Trial;
import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "rerun",
    mixinStandardHelpOptions = true,
    description = {
      "Runs one row of a run again, from its provenance, and prints both results.",
      "On the same machine the difference is zero."
    },
    footerHeading = "%nExample:%n",
    footer = "  lowrank rerun results/sst2-dan online-90-seed2 --data DIR")
final class RerunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private DataOption data;

  @Parameters(index = "0", paramLabel = "DIR", description = "Folder of a run.")
  private Path directory;

  @Parameters(index = "1", paramLabel = "TRIAL", description = "First column of a row.")
  private String trial;

  @Override
  public Integer call() throws IOException {
    List<Row> rows = Row.read(directory.resolve("trials.csv"));
    Row row =
        rows.stream()
            .filter(r -> r.trial().equals(trial))
            .findFirst()
            .orElseThrow(
                () ->
                    new UsageException(
                        "%s has no trial '%s': expected one of %s"
                            .formatted(
                                directory.resolve("trials.csv"),
                                trial,
                                rows.stream().map(Row::trial).toList())));
    Path file = directory.resolve("provenance.json");
    if (!Files.exists(file)) {
      throw new IOException(file + " does not exist: expected the provenance of the rows");
    }
    Experiment experiment = experiment(file, row.id().experiment());
    Trial again =
        experiment.trials().stream().filter(t -> t.id().equals(trial)).findFirst().orElseThrow();
    ConsoleProgress progress = new ConsoleProgress(System.err);
    Prepared prepared = Prepared.of(experiment, data.root(), progress::log);
    Path temporary = Files.createTempDirectory("lowrank-rerun");
    try {
      RunDirectory run =
          RunDirectory.open(temporary, ExperimentRunner.configuration(experiment), false, false);
      Row result =
          new ExperimentRunner(experiment, prepared, run, progress)
              .run(again, row.training().learningRate())
              .row();
      PrintWriter out = spec.commandLine().getOut();
      print(out, "dev accuracy", row.devAccuracy(), result.devAccuracy());
      print(out, "test accuracy", row.testAccuracy(), result.testAccuracy());
      print(out, "embedding bytes", row.embeddingBytes(), result.embeddingBytes());
      print(out, "SavedModel bytes", row.savedModelBytes(), result.savedModelBytes());
      print(
          out, "SVD relative error", row.compression().svdError(), result.compression().svdError());
      out.flush();
    } finally {
      AtomicFiles.delete(temporary);
    }
    return 0;
  }

  private static void print(PrintWriter out, String what, double then, double now) {
    out.printf("%-20s then %s, now %s, difference %s%n", what, then, now, now - then);
  }

  /** The experiment of that name, as it was set, if the code still says the same. */
  private static Experiment experiment(Path provenance, String name) throws IOException {
    JsonNode record = new ObjectMapper().readTree(provenance.toFile());
    List<Experiment> candidates = new ArrayList<>(List.of(Quickstart.smoke()));
    candidates.addAll(Experiments.all());
    List<String> differences = new ArrayList<>();
    for (Experiment candidate : candidates) {
      if (!candidate.name().equals(name)) {
        continue;
      }
      Experiment set = candidate;
      for (JsonNode setting : record.path("settings")) {
        set = set.set(setting.asText());
      }
      set = set.withSeeds(record.path("configuration").path("seeds").asInt(1));
      differences.clear();
      for (Map.Entry<String, String> now : ExperimentRunner.configuration(set).entrySet()) {
        String then = record.path("configuration").path(now.getKey()).asText();
        if (!then.equals(now.getValue())) {
          differences.add("%s was %s, now %s".formatted(now.getKey(), then, now.getValue()));
        }
      }
      if (differences.isEmpty()) {
        return set;
      }
    }
    throw new IOException(
        "%s: the rows were made by another version of experiment %s (commit %s): %s"
            .formatted(
                provenance,
                name,
                record.path("commit").asText("unknown"),
                String.join("; ", differences)));
  }
}
