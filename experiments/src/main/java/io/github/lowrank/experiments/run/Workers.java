package io.github.lowrank.experiments.run;

import io.github.lowrank.op.Sessions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs the seeds of an experiment side by side, each in a process with its own threads. */
public final class Workers {
  private Workers() {}

  /**
   * Runs seeds 1 to {@code seeds}, {@code jobs} at a time.
   *
   * @param arguments of the command line that a worker runs; {@code --worker SEED} is added
   */
  public static void run(int seeds, int jobs, List<String> arguments, Progress progress)
      throws IOException {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / jobs);
    progress.log("%d seeds, %d at a time with %d thread(s) each".formatted(seeds, jobs, threads));
    List<Process> processes = new CopyOnWriteArrayList<>();
    ExecutorService pool = Executors.newFixedThreadPool(jobs);
    try {
      List<Future<Integer>> exits = new ArrayList<>();
      for (int seed = 1; seed <= seeds; seed++) {
        int s = seed;
        exits.add(
            pool.submit(
                () -> {
                  Process process = start(s, threads, arguments);
                  processes.add(process);
                  return process.waitFor();
                }));
      }
      for (int i = 0; i < exits.size(); i++) {
        int code = exits.get(i).get();
        if (code != 0) {
          throw new IOException(
              "the worker of seed %d ended with exit code %d; what is done is kept, go on with --resume"
                  .formatted(i + 1, code));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException("cannot start a worker: " + e.getCause().getMessage(), e);
    } finally {
      pool.shutdownNow();
      processes.forEach(Process::destroy);
    }
  }

  private static Process start(int seed, int threads, List<String> arguments) throws IOException {
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
    command.addAll(List.of("--worker", Integer.toString(seed)));
    return new ProcessBuilder(command).inheritIO().start();
  }

  /** Ends this process when the one that started it is gone, so that no worker outlives a run. */
  public static void endWithParent() {
    ProcessHandle.current()
        .parent()
        .ifPresent(parent -> parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
  }
}
