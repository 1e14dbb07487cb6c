package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Runs an experiment: trains and compares every method with every seed, and writes a report.",
      "A run can be interrupted at any time; --resume continues it."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank run sst2-dan --data DIR",
      "  lowrank run sst2-dan --data DIR --seeds 5 --jobs 2 --out results/sst2",
      "  lowrank run wordnet-dan --set removed=0.95 --set later=one-cycle",
      "  lowrank run sst2-dan --data DIR --resume",
      "  lowrank list sst2-dan --json > mine.json; lowrank run mine.json --data DIR"
    })
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @ParentCommand private Cli cli;
  @Mixin private RunOptions options;

  @Parameters(
      paramLabel = "EXPERIMENT",
      description =
          "Name of an experiment (see lowrank list), or a JSON file as printed by lowrank list NAME --json.")
  private String name;

  @Override
  public Integer call() throws Exception {
    options.run(
        find(cli, name),
        spec.commandLine().getParent().getParseResult().originalArgs(),
        false,
        spec.commandLine().getOut());
    return 0;
  }

  static Experiment find(Cli cli, String name) throws IOException {
    Path file = Path.of(name);
    return name.endsWith(".json") || Files.isRegularFile(file)
        ? Json.read(file, Experiment.class)
        : cli.experiment(name);
  }
}
