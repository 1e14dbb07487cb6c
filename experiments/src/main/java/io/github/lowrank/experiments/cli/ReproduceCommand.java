package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.report.Comparisons;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "reproduce",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the paper's experiments one after another and judges the paper's claims.",
      "It can be stopped and restarted at any time: finished work is not repeated."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank reproduce --profile quick --data DIR",
      "  lowrank reproduce --profile paper --data DIR --jobs 2 --out results"
    })
final class ReproduceCommand implements Callable<Integer> {
  enum Profile {
    /** DAN on the small data sets, two seeds. */
    QUICK,
    /** All, five seeds. */
    PAPER
  }

  @Spec private CommandSpec spec;
  @ParentCommand private Cli cli;
  @Mixin private DataOption data;

  @Option(
      names = "--profile",
      paramLabel = "quick|paper",
      defaultValue = "quick",
      description =
          "quick: DAN on SST-2 and TREC, 2 seeds, minutes; paper: everything, 5 seeds, hours (default: ${DEFAULT-VALUE}).")
  private Profile profile;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "lowrank-out/reproduce",
      description =
          "Folder for the results, with one folder per experiment (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "1",
      description = "Number of worker processes (default: ${DEFAULT-VALUE}).")
  private int jobs;

  @Override
  public Integer call() throws Exception {
    PrintWriter terminal = spec.commandLine().getOut();
    List<Experiment> grids =
        cli.experiments().stream().filter(e -> e.name().startsWith("grid-")).toList();
    List<Experiment> experiments =
        profile == Profile.PAPER
            ? grids
            : grids.stream().limit(2).map(e -> e.withSeeds(2)).toList();
    int number = 0;
    for (Experiment experiment : experiments) {
      number++;
      Path directory = out.resolve(experiment.name());
      if (done(directory, experiment)) {
        terminal.printf("%d of %d: %s is done%n", number, experiments.size(), experiment.name());
        continue;
      }
      terminal.printf("%d of %d: %s%n", number, experiments.size(), experiment.name());
      terminal.flush();
      RunOptions.of(data, directory, jobs)
          .run(
              experiment,
              spec.commandLine().getParent().getParseResult().originalArgs(),
              false,
              terminal);
    }
    terminal.print(Comparisons.render(out).text());
    terminal.flush();
    return 0;
  }

  /** Whether a run of just this experiment has come to its report; another profile's has not. */
  private static boolean done(Path directory, Experiment experiment) throws IOException {
    return Files.exists(directory.resolve(Row.FILE))
        && Files.exists(directory.resolve("report.md"))
        && Files.exists(directory.resolve(Provenance.FILE))
        && Json.parse(
                Provenance.read(directory).experiment().toString(),
                directory.resolve(Provenance.FILE),
                Experiment.class)
            .equals(experiment);
  }
}
