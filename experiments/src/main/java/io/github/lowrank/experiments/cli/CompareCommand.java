package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.report.MethodPair;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Compares the test accuracy of two methods, of one run or of two with the same test texts, from rows alone.",
      "Prints the difference with its 95 %% interval, of seeds and test texts; without correct.csv of seeds alone, of folds over these. There is no correction for several such tests."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank compare results/claims-trec-dan/online-90 results/claims-trec-dan/offline-90",
      "  lowrank compare results/protocol/unknown-words-trec-dan-random/baseline results/claims-trec-dan/baseline"
    })
final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "RUN/METHOD",
      description =
          "Folder of a run, and a method as in the first column of trials.csv, without the seed.")
  private Path method;

  @Parameters(index = "1", paramLabel = "RUN/METHOD", description = "The one that is subtracted.")
  private Path rival;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    out.print(MethodPair.read(method, rival).text());
    out.flush();
    return 0;
  }
}
