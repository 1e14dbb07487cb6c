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
      "Converts the results of runs of version 0.1 to the current layout.",
      "Figures do not change. Afterwards lowrank rerun and lowrank report can read the folders."
    },
    footerHeading = "%nExample:%n",
    footer = "  lowrank convert results/sst2-dan results/wordnet-dan")
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
              FormerProvenance.convert(directory) ? "converted" : "already has the current layout");
    }
    return 0;
  }
}
