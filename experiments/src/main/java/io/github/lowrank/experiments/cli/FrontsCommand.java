package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.report.Fronts;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "fronts",
    mixinStandardHelpOptions = true,
    description =
        "Renders accuracy against bytes over one or several runs from their rows: a page to click in, a figure for each run, and the best method within each budget of bytes.",
    footerHeading = "%nExamples:%n",
    footer = {"  lowrank fronts runs/trec-dan runs/sst2-dan --out fronts"})
final class FrontsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      arity = "1..*",
      description = "Folders of runs, one for each data set and model.")
  private List<Path> runs;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder for the page, the table and the figures.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new UsageException("--out " + out + ": expected a folder, found a file");
    }
    PrintWriter print = spec.commandLine().getOut();
    print.print(Fronts.render(runs, out).text());
    print.println(out.resolve(Fronts.NAME + ".html"));
    print.flush();
    return 0;
  }
}
