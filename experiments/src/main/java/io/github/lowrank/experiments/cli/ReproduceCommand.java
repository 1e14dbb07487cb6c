package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.report.Comparisons;
import io.github.lowrank.experiments.report.Page;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
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
      "  lowrank reproduce --profile paper --data DIR --jobs 2 --out reproduced"
    })
final class ReproduceCommand implements Callable<Integer> {
  enum Profile {
    /** Two data sets, what is compared at 90 %, five seeds. */
    QUICK,
    /** All. */
    PAPER
  }

  private static final String CLAIMS = "claims-";
  private static final Pattern PAPER =
      Pattern.compile(
          "^(" + CLAIMS + "|schedules-|retraining-|calr-|one-percent-|through-|unknown-words-)");
  private static final double REMOVED = 0.9;
  // Three and four bits have about as many bytes as 90 % removed; fewer are no rivals at equal
  // bytes.
  private static final int FEWEST_BITS = 3;
  private static final int SEEDS = 5;

  @Spec private CommandSpec spec;
  @ParentCommand private Cli cli;
  @Mixin private DataOption data;

  @Option(
      names = "--profile",
      paramLabel = "quick|paper",
      defaultValue = "quick",
      description =
          "quick: claims 1 and 2, DAN on SST-2 and TREC, 90 %% removed, 5 seeds, some 8 minutes on 2 idle cores; paper: every claims-*, schedules-*, retraining-*, calr-*, one-percent-*, through-* and unknown-words-* of lowrank list, many hours (default: ${DEFAULT-VALUE}).")
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
      defaultValue = "2",
      description = "Number of worker processes (default: ${DEFAULT-VALUE}).")
  private int jobs;

  @Override
  public Integer call() throws Exception {
    PrintWriter terminal = spec.commandLine().getOut();
    List<Experiment> experiments =
        profile == Profile.PAPER
            ? cli.experiments().stream().filter(e -> PAPER.matcher(e.name()).find()).toList()
            : cli.experiments().stream()
                .filter(e -> e.name().startsWith(CLAIMS))
                .limit(2)
                .map(ReproduceCommand::quick)
                .toList();
    int number = 0;
    for (Experiment experiment : experiments) {
      number++;
      Path directory = out.resolve(experiment.name());
      RunOptions options = RunOptions.of(data, directory, jobs);
      if (done(directory, experiment)) {
        terminal.printf("%d of %d: %s is done%n", number, experiments.size(), experiment.name());
        continue;
      }
      terminal.printf("%d of %d: %s%n", number, experiments.size(), experiment.name());
      terminal.flush();
      options.run(
          experiment,
          spec.commandLine().getParent().getParseResult().originalArgs(),
          false,
          terminal);
    }
    terminal.print(Comparisons.render(out).text());
    Page.render(out);
    terminal.flush();
    return 0;
  }

  private static Experiment quick(Experiment e) {
    List<Method> methods =
        e.methods().stream()
            .filter(m -> m.parameters().getOrDefault("removed", REMOVED).equals(REMOVED))
            .filter(m -> !(m.parameters().get("bits") instanceof Integer b && b < FEWEST_BITS))
            .toList();
    return e.withMethods(methods).withSeeds(Math.min(SEEDS, e.seeds()));
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
