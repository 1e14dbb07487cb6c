package io.github.lowrank.experiments.run;

import io.github.lowrank.io.Json;
import io.github.lowrank.op.Sessions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Worker processes that run at the same time, each with its share of the cores. A worker reads a
 * task per line from its standard input and answers each with a line: {@value #DONE}, or what went
 * wrong.
 *
 * @param jobs number of processes
 */
public record WorkerProcesses(int jobs) implements Executor {
  private static final String DONE = "done";
  private static final int LOOK_MILLIS = 1000;

  public WorkerProcesses {
    if (jobs < 1) {
      throw new IllegalArgumentException("expected at least 1 worker process, found " + jobs);
    }
  }

  @Override
  public void run(List<Task> tasks, Context here) throws IOException {
    Queue<Task> queue = new ConcurrentLinkedQueue<>(tasks);
    List<Process> processes = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(jobs);
    try {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < Math.min(jobs, tasks.size()); i++) {
        Process process = start(here);
        processes.add(process);
        workers.add(
            threads.submit(
                () -> {
                  drive(process, queue);
                  return null;
                }));
      }
      for (Future<?> worker : workers) {
        await(worker, here.watch());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      processes.forEach(Process::destroy);
      threads.shutdownNow();
    }
  }

  private static void await(Future<?> worker, Watch watch)
      throws IOException, InterruptedException {
    while (true) {
      try {
        worker.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        watch.look();
        return;
      } catch (TimeoutException e) {
        watch.look();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
      }
    }
  }

  /** Gives a worker one task after the other until none is left. */
  private static void drive(Process process, Queue<Task> queue) throws IOException {
    try (PrintStream out =
            new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (Task task = queue.poll(); task != null; task = queue.poll()) {
        out.println(Json.canonical(task));
        String answer = in.readLine();
        if (answer == null) {
          queue.clear();
          throw new IOException(
              "a worker process ended during %s; finished work is kept, continue with --resume"
                  .formatted(task.name()));
        } else if (!answer.equals(DONE)) {
          queue.clear();
          throw new IOException(answer);
        }
      }
    }
  }

  private Process start(Context here) throws IOException {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / jobs);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-D" + Sessions.THREADS) && !flag.startsWith("-javaagent")) {
        command.add(flag);
      }
    }
    String device = System.getProperty(Sessions.DEVICE);
    if (device != null) {
      command.add("-D" + Sessions.DEVICE + "=" + device); // the last one counts
    }
    command.addAll(
        List.of(
            "-D" + Sessions.THREADS + "=" + threads,
            "-cp",
            System.getProperty("java.class.path"),
            WorkerProcesses.class.getName(),
            here.store().path().toString(),
            here.data().folder().toString()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /**
   * Main method of a worker; the arguments are the folder of the run and that of the data.
   *
   * @throws IOException if standard input fails
   */
  public static void main(String[] args) throws IOException {
    // A worker must not outlive the run that started it.
    ProcessHandle.current()
        .parent()
        .ifPresent(parent -> parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
    PrintStream answers = System.out;
    System.setOut(System.err); // standard output is only for answers
    TaskRunner runner =
        new TaskRunner(
            new Store(Path.of(args[0])),
            new io.github.lowrank.datasets.DataRoot(Path.of(args[1])),
            new RunListener() {
              @Override
              public void warn(String line) {
                System.err.println(line);
              }
            });
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String answer = DONE;
      try {
        runner.run(Json.parse(line, "task", Task.class));
      } catch (IOException | IllegalArgumentException | ArithmeticException e) {
        answer = String.valueOf(e.getMessage()).replace('\n', ' ');
      }
      answers.println(answer);
      answers.flush();
    }
  }
}
