package io.github.lowrank.experiments.run;

import io.github.lowrank.op.Sessions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs the tasks of an experiment in worker processes side by side, each with its share of the
 * cores. A worker takes the next task that nobody has taken by creating a file; what a task finds
 * is stored where every process sees it.
 */
public final class Workers {
  /** What workers do, in this order: all of the first before any of the second. */
  public enum Phase {
    /** The trainings of the search for learning rates. */
    SEARCH,
    /** The trials. */
    TRIALS
  }

  private static final int WATCH_MILLIS = 1000;

  private Workers() {}

  /** Called again and again while workers work. */
  public interface Watch {
    /** Looks at what is done. */
    void look() throws IOException;
  }

  /**
   * Runs {@code jobs} workers until all tasks of a phase are done.
   *
   * @param arguments of the command line that a worker runs; {@code --worker PHASE} is added
   */
  public static void run(
      Phase phase, int jobs, RunDirectory directory, List<String> arguments, Watch watch)
      throws IOException {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / jobs);
    directory.forgetClaims();
    List<Process> processes = new ArrayList<>();
    try {
      for (int i = 0; i < jobs; i++) {
        processes.add(start(phase, threads, arguments));
      }
      for (Process process : processes) {
        while (!process.waitFor(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
          watch.look();
        }
        if (process.exitValue() != 0) {
          throw new IOException(
              "a worker ended with exit code %d; what is done is kept, go on with --resume"
                  .formatted(process.exitValue()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      processes.forEach(Process::destroy);
    }
  }

  /** Does those of {@code tasks} that no other worker has taken. */
  public static void work(RunDirectory directory, List<ExperimentRunner.Task> tasks)
      throws IOException {
    for (ExperimentRunner.Task task : tasks) {
      Path claim = directory.claim(task.id());
      try {
        Files.createFile(claim);
      } catch (FileAlreadyExistsException e) {
        continue;
      }
      task.work().run();
    }
  }

  private static Process start(Phase phase, int threads, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-D" + Sessions.THREADS) && !flag.startsWith("-javaagent")) {
        command.add(flag);
      }
    }
    command.add("-D" + Sessions.THREADS + "=" + threads);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "io.github.lowrank.experiments.cli.Main"));
    command.addAll(arguments);
    command.addAll(List.of("--worker", phase.name()));
    return new ProcessBuilder(command).inheritIO().start();
  }

  /** Ends this process when the one that started it is gone, so that no worker outlives a run. */
  public static void endWithParent() {
    ProcessHandle.current()
        .parent()
        .ifPresent(parent -> parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
  }
}
