package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.catalogue.Experiments;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the experiments.",
    footerHeading = "%nExample:%n",
    footer = "  lowrank list")
final class ListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    for (Experiment e : Experiments.all()) {
      out.printf("%-14s %s%n", e.name(), e.description());
      out.printf(
          "%-14s %d seed(s), %d steps: %s%n",
          "",
          e.seeds(),
          e.plan().steps(),
          String.join(", ", e.methods().stream().map(Method::id).toList()));
    }
    out.flush();
    return 0;
  }
}
