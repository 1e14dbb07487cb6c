package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.run.FormerProvenance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    description = {
      "Brings the provenance and rows of runs of version 0.1 into today's layout.",
      "No figure changes; lowrank rerun and lowrank report then read them."
    },
    footerHeading = "%nExample:%n",
    footer = "  lowrank convert results/sst2-dan results/grid-trec-dan")
final class ConvertCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "DIR", description = "Folders of runs.")
  private List<Path> directories;

  @Override
  public Integer call() throws IOException {
    for (Path directory : directories) {
      spec.commandLine()
          .getOut()
          .printf(
              "%s: %s%n",
              directory,
              FormerProvenance.convert(directory) ? "converted" : "is of today's layout already");
    }
    return 0;
  }
}
