package io.github.lowrank.experiments.cli;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Spliterators;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
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

  @Option(
      names = "--dry-run",
      description = "Run nothing: say which experiments are done in --out, and which are not.")
  private boolean dryRun;

  /**
   * An experiment and its folder.
   *
   * @param differences names of what differs from the run that is finished there
   */
  private record Item(
      Experiment experiment, Path folder, boolean finished, List<String> differences) {
    boolean done() {
      return finished && differences.isEmpty();
    }

    /** What is finished and has no state is not resumed; a state says by itself what it is of. */
    boolean blocked() {
      return finished && !done() && !Files.exists(folder.resolve("state"));
    }

    String state() {
      return done()
          ? "done: " + folder
          : finished
              ? "of another version: %s (%s)".formatted(folder, String.join(", ", differences))
              : "to run";
    }
  }

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
    List<Item> items = new ArrayList<>();
    List<Path> runs = Files.isDirectory(out) ? Page.runs(out) : List.of();
    for (Experiment experiment : experiments) {
      items.add(item(experiment, runs));
    }
    if (dryRun) {
      items.forEach(i -> terminal.printf("%-32s %s%n", i.experiment().name(), i.state()));
      terminal.printf(
          "%d of %d are done%n", items.stream().filter(Item::done).count(), items.size());
      terminal.flush();
      return 0;
    }
    List<String> blocked =
        items.stream().filter(Item::blocked).map(i -> "%n  ".formatted() + i.state()).toList();
    if (!blocked.isEmpty()) {
      throw new UsageException(
          "--out: expected no finished runs of other versions of these experiments, found%s"
              .formatted(String.join("", blocked)));
    }
    int number = 0;
    for (Item item : items) {
      number++;
      String name = item.experiment().name();
      RunOptions options = RunOptions.of(data, item.folder(), jobs);
      if (item.done()) {
        terminal.printf("%d of %d: %s is done%n", number, items.size(), name);
        continue;
      }
      terminal.printf("%d of %d: %s%n", number, items.size(), name);
      terminal.flush();
      options.run(
          item.experiment(),
          spec.commandLine().getParent().getParseResult().originalArgs(),
          false,
          terminal);
    }
    terminal.print(Comparisons.render(out).text());
    Page.render(out);
    terminal.flush();
    return 0;
  }

  /** The experiment in its folder, which stands anywhere among the runs, or is a new one. */
  private Item item(Experiment experiment, List<Path> runs) throws IOException {
    Path folder =
        runs.stream()
            .filter(run -> run.endsWith(experiment.name()))
            .findFirst()
            .orElse(out.resolve(experiment.name()));
    boolean finished =
        Files.exists(folder.resolve(Row.FILE))
            && Files.exists(folder.resolve("report.md"))
            && Files.exists(folder.resolve(Provenance.FILE));
    return new Item(
        experiment,
        folder,
        finished,
        finished ? differences(Provenance.tree(folder).path("experiment"), experiment) : List.of());
  }

  private static List<String> differences(JsonNode then, Experiment now) throws IOException {
    JsonNode tree = Json.parse(Json.canonical(now), now.name(), JsonNode.class);
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(tree.fieldNames(), 0), false)
        .filter(field -> !tree.path(field).equals(then.path(field)))
        .toList();
  }

  private static Experiment quick(Experiment e) {
    List<Method> methods =
        e.methods().stream()
            .filter(m -> m.parameters().getOrDefault("removed", REMOVED).equals(REMOVED))
            .filter(m -> !(m.parameters().get("bits") instanceof Integer b && b < FEWEST_BITS))
            .toList();
    return e.withMethods(methods).withSeeds(Math.min(SEEDS, e.seeds()));
  }
}
