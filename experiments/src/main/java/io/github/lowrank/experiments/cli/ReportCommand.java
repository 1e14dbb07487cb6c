package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.report.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = "Renders report.md, report.html and figures of a run again, from its rows.",
    footerHeading = "%nExample:%n",
    footer = "  lowrank report lowrank-out/quickstart")
final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Folder of a run.")
  private Path directory;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    out.print(Report.render(directory).text());
    out.println(directory.resolve("report.html"));
    out.flush();
    return 0;
  }
}
