package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.record.Version;
import io.github.lowrank.experiments.run.Store;
import io.github.lowrank.experiments.spec.Experiment;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. */
@Command(
    name = "lowrank",
    mixinStandardHelpOptions = true,
    versionProvider = Cli.VersionProvider.class,
    description =
        "Trains, compresses and compares text classifiers with compressed word embeddings.",
    synopsisSubcommandLabel = "VERB",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank quickstart",
      "  lowrank train --train reviews.csv --label sentiment --out model",
      "  echo 'a gripping and funny film' | lowrank predict model",
      "  lowrank run sst2-dan --data DIR --seeds 3",
      "  lowrank VERB --help"
    },
    subcommands = {
      QuickstartCommand.class,
      LabelCommand.class,
      EmbedCommand.class,
      TrainCommand.class,
      PredictCommand.class,
      EvaluateCommand.class,
      InspectCommand.class,
      CompressCommand.class,
      FactorizeCommand.class,
      GossipCommand.class,
      GossipNodeCommand.class,
      ExportCommand.class,
      LabelsCommand.class,
      ListCommand.class,
      RunCommand.class,
      RerunCommand.class,
      ReportCommand.class,
      CompareCommand.class,
      FrontsCommand.class,
      ReproduceCommand.class,
      ConvertCommand.class,
      DatasetsCommand.class,
      BenchCommand.class
    })
public final class Cli implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private final Supplier<List<Experiment>> experiments;

  /** Without experiments, for tools that need only the options. */
  public Cli() {
    this(List.of());
  }

  /** A command line that knows {@code experiments} by name. */
  public Cli(List<Experiment> experiments) {
    this(() -> experiments);
  }

  /** The same; they are made when a command asks for them, which few commands do. */
  public Cli(Supplier<List<Experiment>> experiments) {
    this.experiments = experiments;
  }

  /** The version of the build. */
  static final class VersionProvider implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"lowrank " + Version.get()};
    }
  }

  List<Experiment> experiments() {
    return experiments.get();
  }

  /** The experiment of that name. */
  Experiment experiment(String name) {
    List<Experiment> all = experiments();
    return all.stream()
        .filter(e -> e.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "there is no experiment '%s': expected a JSON file, or one of %s"
                        .formatted(
                            name, String.join(", ", all.stream().map(Experiment::name).toList()))));
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Expected a command.");
  }

  /** Runs {@code command} on a command line; the exit code: 0, 1 for failure, 2 for bad usage. */
  static int execute(Object command, PrintWriter out, PrintWriter err, String... args) {
    try {
      return new CommandLine(command)
          .setOut(out)
          .setErr(err)
          .setCaseInsensitiveEnumValuesAllowed(true)
          .setUsageHelpAutoWidth(true)
          .setParameterExceptionHandler(Cli::misused)
          .setExecutionExceptionHandler(Cli::failed)
          .execute(args);
    } catch (OutOfMemoryError e) {
      err.printf(
          Locale.ROOT,
          "lowrank: the data need more memory than Java's limit of %,d MB: raise it with LOWRANK_JAVA_OPTS=-Xmx8g, or use fewer texts (%s)%n",
          Runtime.getRuntime().maxMemory() >> 20,
          e.getMessage());
      return 1;
    }
  }

  /** Runs a command line, printing to {@code out} and {@code err}. */
  public int execute(PrintWriter out, PrintWriter err, String... args) {
    return execute(this, out, err, args);
  }

  /** Runs a command line, printing to standard output and error. */
  static int execute(Object command, String... args) {
    StandardOutput standard = new StandardOutput();
    PrintWriter out = standard.writer();
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code = execute(command, out, err, args);
    out.flush();
    return standard.code(code, err);
  }

  /** Runs a command line, printing to standard output and error. */
  public int execute(String... args) {
    return execute((Object) this, args);
  }

  private static int misused(CommandLine.ParameterException e, String[] args) {
    List<String> similar =
        e instanceof CommandLine.UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    CommandLine.Model.CommandSpec command = e.getCommandLine().getCommandSpec();
    PrintWriter err = e.getCommandLine().getErr();
    err.println(
        "lowrank: "
            + message(e).replaceAll("\\s*\\R\\s*", " ")
            + (similar.isEmpty() ? "" : " (similar: " + String.join(", ", similar) + ")"));
    boolean unmatched = e instanceof CommandLine.UnmatchedArgumentException;
    if (!unmatched && !command.subcommands().isEmpty()) {
      e.getCommandLine().usage(err); // no command was given: these are to choose from
    } else {
      err.println("See " + command.qualifiedName() + " --help");
    }
    return command.exitCodeOnInvalidInput();
  }

  /** With names as users type them, not those of Java's constants. */
  private static String message(CommandLine.ParameterException e) {
    if (e.getArgSpec() == null || !e.getArgSpec().type().isEnum()) {
      return e.getMessage();
    }
    String names =
        Arrays.stream(e.getArgSpec().type().getEnumConstants())
            .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    return e.getMessage().replaceFirst("\\[.*] \\(case-insensitive\\) but was", names + ", found");
  }

  private static int failed(Exception e, CommandLine commandLine, CommandLine.ParseResult parsed)
      throws Exception {
    Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
    int code =
        cause instanceof UsageException
                || cause instanceof IllegalArgumentException
                || cause instanceof Store.InUseException
            ? 2
            : 1;
    if (code == 1 && !(cause instanceof IOException || cause instanceof ArithmeticException)) {
      throw e; // a bug: with its stack trace
    }
    commandLine.getErr().println("lowrank: " + message(cause));
    return code;
  }

  /** What the user is told. */
  static String message(Throwable failure) {
    return failure instanceof FileSystemException f
        ? f.getFile() + ": " + reason(f)
        : failure.getMessage();
  }

  /** What the file system says, in words: {@code no such file}, {@code access denied}. */
  static String reason(IOException e) {
    return e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : e.getClass()
            .getSimpleName()
            .replaceFirst("Exception$", "")
            .replaceAll("(?<=\\p{Ll})(?=\\p{Lu})", " ")
            .toLowerCase(Locale.ROOT);
  }
}
