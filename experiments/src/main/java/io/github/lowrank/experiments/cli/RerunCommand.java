package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.record.TrialResult;
import io.github.lowrank.experiments.run.RecordedTrials;
import io.github.lowrank.experiments.run.Store;
import io.github.lowrank.experiments.run.TaskRunner;
import io.github.lowrank.experiments.spec.TrialSpec;
import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "rerun",
    mixinStandardHelpOptions = true,
    description = {
      "Repeats one trial of a run, using only the recorded provenance, and prints the old and the new result.",
      "On the same machine the differences are zero."
    },
    footerHeading = "%nExample:%n",
    footer = "  lowrank rerun results/sst2-dan online-90-seed2 --data DIR")
final class RerunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private DataOption data;

  @Parameters(index = "0", paramLabel = "DIR", description = "Folder of a run.")
  private Path directory;

  @Parameters(
      index = "1",
      paramLabel = "TRIAL",
      description = "Name of the trial: first column of trials.csv.")
  private String trial;

  @Override
  public Integer call() throws IOException {
    List<Row> rows = Row.read(directory.resolve(Row.FILE));
    Row row =
        rows.stream()
            .filter(r -> r.trial().equals(trial))
            .findFirst()
            .orElseThrow(
                () ->
                    new UsageException(
                        "%s has no trial '%s': expected one of its %,d, such as %s"
                            .formatted(
                                directory.resolve(Row.FILE),
                                trial,
                                rows.size(),
                                rows.stream()
                                    .map(Row::trial)
                                    .limit(3)
                                    .collect(Collectors.joining(", ")))));
    Provenance provenance = Provenance.read(directory);
    TrialSpec again = RecordedTrials.of(directory).trial(trial);
    ConsoleListener listener = new ConsoleListener(System.err);
    Path temporary = Files.createTempDirectory("lowrank-rerun");
    try {
      TrialResult result =
          new TaskRunner(new Store(temporary), data.root(), listener)
              .result(again, row.id().experiment());
      Row now = result.row();
      PrintWriter out = spec.commandLine().getOut();
      print(out, "dev accuracy", row.devAccuracy(), now.devAccuracy());
      print(out, "test accuracy", row.testAccuracy(), now.testAccuracy());
      print(out, "embedding bytes", row.embeddingBytes(), now.embeddingBytes());
      print(out, "SavedModel bytes", row.savedModelBytes(), now.savedModelBytes());
      print(
          out,
          "SVD relative error",
          row.number("svd_relative_error").orElse(0),
          now.number("svd_relative_error").orElse(0));
      String model = provenance.trials().get(trial).modelSha256();
      if (!model.isEmpty()) {
        out.printf(
            "%-20s %s%n",
            "SavedModel files", model.equals(result.modelSha256()) ? "equal" : "different");
      }
      out.flush();
    } finally {
      AtomicFiles.delete(temporary);
    }
    return 0;
  }

  private static void print(PrintWriter out, String what, double then, double now) {
    out.printf("%-20s then %s, now %s, difference %s%n", what, then, now, now - then);
  }
}
