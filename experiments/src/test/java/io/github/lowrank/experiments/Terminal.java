package io.github.lowrank.experiments;

import io.github.lowrank.experiments.cli.Cli;
import io.github.lowrank.experiments.spec.Experiment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs command lines, in this process or in one of their own. */
public final class Terminal {
  private Terminal() {}

  /**
   * What a command line did.
   *
   * @param code exit code
   * @param out standard output
   * @param err standard error, progress included
   */
  public record Outcome(int code, String out, String err) {}

  /** Runs a command line that knows {@code experiments} by name. */
  public static Outcome run(List<Experiment> experiments, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    ByteArrayOutputStream progress = new ByteArrayOutputStream();
    PrintStream standard = System.err;
    int code;
    try {
      System.setErr(new PrintStream(progress, true, StandardCharsets.UTF_8));
      code =
          new Cli(experiments)
              .execute(new PrintWriter(out, true), new PrintWriter(err, true), args);
    } finally {
      System.setErr(standard);
    }
    return new Outcome(
        code, out.toString(), progress.toString(StandardCharsets.UTF_8) + err.toString());
  }

  /** The command that runs the main method of {@code main} in a process of its own. */
  public static List<String> command(Class<?> main, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    command.add("-Dorg.bytedeco.javacpp.maxBytes=0");
    command.add("-Xmx1g");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(args));
    return command;
  }

  /** Starts the main method of {@code main} in a process of its own, with its output in a file. */
  public static Process start(Class<?> main, Path log, String... args) throws IOException {
    return new ProcessBuilder(command(main, args))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }
}
