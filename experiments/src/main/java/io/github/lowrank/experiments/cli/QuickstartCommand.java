package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.spec.Experiment;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a text classifier, removes 90 %% of its embedding, and compares the result with other ways to compress it.",
      "Data: noun definitions of WordNet and vectors of BGE-small, which Maven fetches. "
          + "An earlier quickstart in the same folder is replaced."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  lowrank quickstart", "  lowrank quickstart --smoke --out /tmp/smoke"})
final class QuickstartCommand implements Callable<Integer> {
  private static final List<String> SMOKE =
      List.of("steps=400", "evaluate-every=100", "rates=3e-3", "limit=5000");

  @Spec private CommandSpec spec;
  @ParentCommand private Cli cli;
  @Mixin private RunOptions options;

  @Option(
      names = "--smoke",
      description = "Use only part of the texts, to check in under a minute that everything works.")
  private boolean smoke;

  @Override
  public Integer call() throws Exception {
    Experiment experiment = cli.experiment("quickstart");
    for (String setting : smoke ? SMOKE : List.<String>of()) {
      experiment = experiment.set(setting);
    }
    options.run(
        experiment,
        spec.commandLine().getParent().getParseResult().originalArgs(),
        true,
        spec.commandLine().getOut());
    return 0;
  }
}
