package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.catalogue.Experiments;
import io.github.lowrank.experiments.run.Workers;
import io.github.lowrank.experiments.spec.Experiment;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Runs an experiment: every method with every seed, rows, models, report.",
      "What is finished survives a kill; --resume goes on."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank run sst2-dan --data DIR",
      "  lowrank run sst2-dan --data DIR --seeds 5 --jobs 2 --out results/sst2",
      "  lowrank run wordnet-dan --set removed=0.95 --set steps=4000",
      "  lowrank run sst2-dan --data DIR --resume"
    })
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private RunOptions options;

  @Parameters(paramLabel = "EXPERIMENT", description = "A name of lowrank list.")
  private String name;

  @Option(names = "--worker", hidden = true)
  private Workers.Phase worker;

  static Experiment find(String name) {
    return Experiments.all().stream()
        .filter(e -> e.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "there is no experiment '%s': expected one of %s"
                        .formatted(
                            name,
                            String.join(
                                ", ", Experiments.all().stream().map(Experiment::name).toList()))));
  }

  @Override
  public Integer call() throws Exception {
    Experiment experiment = find(name);
    if (worker != null) {
      Workers.endWithParent();
      options.work(experiment, worker);
    } else {
      options.run(
          experiment,
          spec.commandLine().getParent().getParseResult().originalArgs(),
          false,
          spec.commandLine().getOut());
    }
    return 0;
  }
}
