package io.github.lowrank.experiments.run;

import io.github.lowrank.distributed.GossipNode;
import io.github.lowrank.distributed.NodeFolder;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Nodes of a gossip as processes of this computer. One that is killed is started again and goes on
 * from its last round; its log is in its folder.
 */
public final class GossipProcesses {
  private static final String ROUND = "round ";
  private static final String FAILED = "failed ";
  private static final int KILLED = 128;
  private static final int RESTARTS = 10;
  private static final long TELL_NANOS = 250_000_000L;

  private final List<NodeFolder> folders;
  private final AtomicLongArray rounds;
  private final List<Process> processes = new ArrayList<>();
  private boolean ended;

  /** One process per folder. */
  public GossipProcesses(List<NodeFolder> folders) {
    this.folders = List.copyOf(folders);
    this.rounds = new AtomicLongArray(folders.size());
  }

  /**
   * Runs all nodes to the end.
   *
   * @param round is told the round of the slowest node
   * @param events is told what happens to processes
   * @throws IOException what the first node that failed said
   */
  public void run(LongConsumer round, Consumer<String> events) throws IOException {
    ExecutorService threads = Executors.newFixedThreadPool(folders.size());
    try {
      var nodes = new ExecutorCompletionService<Void>(threads);
      for (int j = 0; j < folders.size(); j++) {
        int node = j;
        nodes.submit(
            () -> {
              drive(node, round, events);
              return null;
            });
      }
      for (int j = 0; j < folders.size(); j++) {
        nodes.take().get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } finally {
      synchronized (processes) {
        ended = true;
        processes.forEach(Process::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
      }
      threads.shutdownNow();
    }
  }

  private void drive(int node, LongConsumer round, Consumer<String> events)
      throws IOException, InterruptedException {
    for (int restart = 0; ; restart++) {
      Process process = start(folders.get(node));
      events.accept("node %d: process %d".formatted(node, process.pid()));
      String failure = "";
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          if (line.startsWith(ROUND)) {
            rounds.set(node, Long.parseLong(line.substring(ROUND.length())));
            round.accept(slowest());
          } else if (line.startsWith(FAILED)) {
            failure = line.substring(FAILED.length());
          }
        }
      }
      int code = process.waitFor();
      synchronized (processes) {
        if (code == 0 || ended) {
          return;
        }
      }
      if (code < KILLED || restart == RESTARTS) {
        throw new IOException(
            failure.isEmpty()
                ? "node %d ended with exit code %d: see %s"
                    .formatted(node, code, log(folders.get(node)))
                : failure);
      }
      events.accept(
          "node %d was killed (signal %d) after round %d: started again"
              .formatted(node, code - KILLED, folders.get(node).round()));
    }
  }

  private long slowest() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < rounds.length(); i++) {
      least = Math.min(least, rounds.get(i));
    }
    return least;
  }

  private static File log(NodeFolder folder) {
    return folder.path().resolve("log").toFile();
  }

  private Process start(NodeFolder folder) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-javaagent")) {
        command.add(flag);
      }
    }
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            GossipProcesses.class.getName(),
            folder.path().toString()));
    synchronized (processes) {
      if (ended) { // a node that was killed then is not to be started again
        throw new IOException("the run has ended");
      }
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.appendTo(log(folder)))
              .start();
      processes.add(process);
      return process;
    }
  }

  /** Main method of a node's process; the argument is its folder. */
  public static void main(String[] args) {
    // A node must not outlive the run that started it.
    ProcessHandle.current()
        .parent()
        .ifPresent(parent -> parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
    long[] told = {System.nanoTime()};
    try {
      NodeFolder.Result result =
          GossipNode.run(
              new NodeFolder(Path.of(args[0])),
              round -> {
                if (System.nanoTime() - told[0] > TELL_NANOS) {
                  told[0] = System.nanoTime();
                  System.out.println(ROUND + round);
                }
              });
      System.out.println(ROUND + result.rounds());
    } catch (IOException | IllegalArgumentException e) {
      System.out.println(FAILED + String.valueOf(e.getMessage()).replace('\n', ' '));
      System.exit(1);
    }
  }
}
