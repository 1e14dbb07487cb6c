package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.report.Comparisons;
import io.github.lowrank.experiments.report.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description =
        "Renders the report and figures of a run again from its rows; in a folder of several runs, judges the claims by all of them.",
    footerHeading = "%nExamples:%n",
    footer = {"  lowrank report lowrank-out/quickstart", "  lowrank report results"})
final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Folder of a run, or of several.")
  private Path directory;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (Files.exists(directory.resolve("trials.csv"))) {
      out.print(Report.render(directory).text());
      out.println(directory.resolve("report.html"));
    } else if (runsBelow()) {
      out.print(Comparisons.render(directory).text());
      out.println(directory.resolve("comparisons.html"));
    } else {
      throw new IOException(
          directory.resolve("trials.csv") + " does not exist: expected the rows of a run");
    }
    out.flush();
    return 0;
  }

  private boolean runsBelow() throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(directory, Comparisons.DEPTH)) {
      return files.anyMatch(f -> f.endsWith("trials.csv"));
    }
  }
}
