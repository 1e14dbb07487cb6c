package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.report.Comparisons;
import io.github.lowrank.experiments.report.Page;
import io.github.lowrank.experiments.run.RunListener;
import io.github.lowrank.experiments.run.Store;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
    /** Two data sets, what is compared at 90 %, five seeds: the first rows of {@link #PAPER}. */
    QUICK,
    /** All. */
    PAPER
  }

  private static final String CLAIMS = "claims-";
  private static final Pattern PAPER =
      Pattern.compile(
          "^(" + CLAIMS + "|schedules-|retraining-|calr-|one-percent-|through-|unknown-words-)");
  // The smallest data set, and one of many classes, where five seeds suffice for effects that
  // twenty have found. On SST-2 most methods are so near one another that they do not.
  private static final Set<String> QUICK = Set.of(CLAIMS + "trec-dan", CLAIMS + "banking77-dan");
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
          "quick: claims 1 and 2, DAN on TREC and BANKING77, 90 %% removed, 5 seeds, some 8 minutes on 2 idle cores; paper: every claims-*, schedules-*, retraining-*, calr-*, one-percent-*, through-* and unknown-words-* of lowrank list, many hours (default: ${DEFAULT-VALUE}).")
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

  @Option(
      names = "--dry-run",
      description = "Run nothing: say which experiments are done in --out, and which are not.")
  private boolean dryRun;

  @Override
  public Integer call() throws Exception {
    PrintWriter terminal = spec.commandLine().getOut();
    List<Experiment> experiments =
        profile == Profile.PAPER
            ? cli.experiments().stream().filter(e -> PAPER.matcher(e.name()).find()).toList()
            : cli.experiments().stream()
                .filter(e -> QUICK.contains(e.name()))
                .map(ReproduceCommand::quick)
                .toList();
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new UsageException("--out " + out + ": expected a folder, found a file");
    }
    List<RunFolder> runs = new ArrayList<>();
    for (Experiment experiment : experiments) {
      runs.add(RunFolder.of(experiment, out));
    }
    if (dryRun) {
      runs.forEach(run -> terminal.printf("%s%n", run));
      terminal.printf(
          "%d of %d are done%n", runs.stream().filter(RunFolder::done).count(), runs.size());
      terminal.flush();
      return 0;
    }
    check(runs);
    int number = 0;
    for (RunFolder run : runs) {
      number++;
      String name = run.experiment().name();
      RunOptions options = RunOptions.of(data, run.path(), jobs);
      if (run.done()) {
        terminal.printf("%d of %d: %s is done%n", number, runs.size(), name);
        continue;
      }
      terminal.printf("%d of %d: %s%n", number, runs.size(), name);
      terminal.flush();
      options.run(
          run.experiment(),
          spec.commandLine().getParent().getParseResult().originalArgs(),
          false,
          terminal);
    }
    terminal.print(Comparisons.render(out).text());
    Page.render(out);
    terminal.flush();
    return 0;
  }

  /** Refuses now what a run would refuse at its turn, hours later. */
  private void check(List<RunFolder> runs) throws IOException {
    List<String> blocked =
        runs.stream().filter(run -> run.state().blocks()).map(RunFolder::toString).toList();
    if (!blocked.isEmpty()) {
      throw new UsageException(
          "--out %s: expected runs of these experiments that are done or can be resumed, found others: move them away, or name another folder%n  %s"
              .formatted(out, String.join("%n  ".formatted(), blocked)));
    }
    for (RunFolder run : runs) {
      if (run.state() == RunFolder.State.BEGUN) {
        new Store(run.path())
            .open(run.experiment(), Store.Existing.RESUME, RunListener.NONE)
            .close();
      }
    }
  }

  /** What the profile quick runs of {@code e}. */
  static Experiment quick(Experiment e) {
    List<Method> methods =
        e.methods().stream()
            .filter(m -> m.parameters().getOrDefault("removed", REMOVED).equals(REMOVED))
            .filter(m -> !(m.parameters().get("bits") instanceof Integer b && b < FEWEST_BITS))
            .toList();
    return e.withMethods(methods).withSeeds(Math.min(SEEDS, e.seeds()));
  }
}
