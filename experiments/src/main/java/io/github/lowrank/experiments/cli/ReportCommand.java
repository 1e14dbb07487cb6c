package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.report.Comparisons;
import io.github.lowrank.experiments.report.Page;
import io.github.lowrank.experiments.report.Report;
import io.github.lowrank.experiments.run.RecordedTrials;
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
        "Renders the report and figures of a run again from its rows; in a folder of several runs, judges the claims by all of them and shows them with their figures in index.html.",
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
      addRates(directory);
      out.print(Report.render(directory).text());
      out.println(directory.resolve("report.html"));
    } else if (runsBelow()) {
      for (Path run : Page.runs(directory)) {
        addRates(run);
      }
      out.print(Comparisons.render(directory).text());
      Page.render(directory);
      out.println(directory.resolve("comparisons.html"));
      out.println(directory.resolve(Page.FILE));
    } else {
      throw new IOException(
          directory.resolve("trials.csv") + " does not exist: expected the rows of a run");
    }
    out.flush();
    return 0;
  }

  /** Rows can be reported without the rates; those of another version do not tell them. */
  private void addRates(Path run) {
    try {
      RecordedTrials.addRates(run);
    } catch (IOException e) {
      spec.commandLine()
          .getErr()
          .printf("%s: the figures omit its learning rates: %s%n", run, e.getMessage());
    }
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
