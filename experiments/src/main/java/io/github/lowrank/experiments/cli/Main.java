package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.record.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. */
@Command(
    name = "lowrank",
    mixinStandardHelpOptions = true,
    versionProvider = Main.BuildVersion.class,
    description = "Text classifiers with compressed word embeddings.",
    synopsisSubcommandLabel = "VERB",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank quickstart",
      "  echo 'a small furry animal' | lowrank predict lowrank-out/quickstart/models/online-90-seed1",
      "  lowrank run sst2-dan --data DIR --seeds 3",
      "  lowrank VERB --help"
    },
    subcommands = {
      QuickstartCommand.class,
      RunCommand.class,
      PredictCommand.class,
      ListCommand.class,
      DatasetsCommand.class,
      ReportCommand.class,
      RerunCommand.class,
      ReproduceCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      InspectCommand.class,
      CompressCommand.class,
      ExportCommand.class,
      BenchCommand.class
    })
public final class Main implements Runnable {
  /** What {@code --version} prints. */
  static final class BuildVersion implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"lowrank " + Version.get()};
    }
  }

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Name a verb.");
  }

  /** Runs a command line; returns the exit code: 0, 1 for failure, 2 for bad usage. */
  public static int execute(String... args) {
    return execute(
        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
        args);
  }

  /** The same, printing to {@code out} and {@code err}. */
  public static int execute(PrintWriter out, PrintWriter err, String... args) {
    CommandLine commandLine =
        new CommandLine(new Main())
            .setOut(out)
            .setErr(err)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpAutoWidth(true);
    commandLine.setExecutionExceptionHandler(Main::failed);
    return commandLine.execute(args);
  }

  private static int failed(Exception e, CommandLine commandLine, CommandLine.ParseResult parsed)
      throws Exception {
    Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
    if (cause instanceof UsageException || cause instanceof IllegalArgumentException) {
      commandLine.getErr().println("lowrank: " + cause.getMessage());
      return 2;
    }
    if (cause instanceof io.github.lowrank.experiments.run.RunDirectory.InUseException) {
      commandLine.getErr().println("lowrank: " + cause.getMessage());
      return 2;
    }
    if (cause instanceof FileSystemException f) {
      commandLine
          .getErr()
          .println(
              "lowrank: "
                  + f.getFile()
                  + ": "
                  + (f.getReason() == null ? f.getClass().getSimpleName() : f.getReason()));
      return 1;
    }
    if (cause instanceof IOException || cause instanceof ArithmeticException) {
      commandLine.getErr().println("lowrank: " + cause.getMessage());
      return 1;
    }
    throw e; // a fault of ours: with its stack trace
  }

  /** The entry point of the launcher. */
  public static void main(String[] args) {
    System.exit(execute(args));
  }
}
