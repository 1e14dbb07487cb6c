package io.github.lowrank.spark;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.experiments.run.Executor;
import io.github.lowrank.experiments.run.ExecutorSource;
import io.github.lowrank.experiments.run.RunListener;
import io.github.lowrank.experiments.run.Store;
import io.github.lowrank.experiments.run.Task;
import io.github.lowrank.experiments.run.TaskRunner;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Runs the tasks of an experiment as tasks of Spark. They are sent as JSON, and their results are
 * left in the folder of the run, which every executor must see under the same path, like the data.
 *
 * @param master address of the cluster
 */
public record SparkTrials(String master) implements Executor {
  private static final int LOOK_SECONDS = 1;

  /** Runners that no task uses now: they keep the data that they have read. */
  private static final ConcurrentHashMap<String, Queue<TaskRunner>> IDLE =
      new ConcurrentHashMap<>();

  /** Announces the executor. */
  public static final class Source implements ExecutorSource {
    @Override
    public String name() {
      return "spark";
    }

    @Override
    public Executor executor(Optional<String> master, int jobs) {
      return new SparkTrials(master.orElse("local[" + jobs + "]"));
    }
  }

  @Override
  public void run(List<Task> tasks, Context here) throws IOException {
    if (tasks.isEmpty()) {
      return;
    }
    String store = here.store().path().toAbsolutePath().toString();
    String data = here.data().folder().toAbsolutePath().toString();
    List<String> sent = tasks.stream().map(Json::canonical).toList();
    try (JavaSparkContext spark = SparkContexts.open("lowrank run", Optional.of(master))) {
      JavaFutureAction<Void> all =
          spark.parallelize(sent, sent.size()).foreachAsync(task -> execute(task, store, data));
      await(all, here.watch());
    } finally {
      IDLE.clear();
    }
  }

  private static void await(JavaFutureAction<Void> all, Watch watch) throws IOException {
    while (true) {
      try {
        all.get(LOOK_SECONDS, TimeUnit.SECONDS);
        watch.look();
        return;
      } catch (TimeoutException e) {
        watch.look();
      } catch (ExecutionException e) {
        throw SparkContexts.unwrapped(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }

  private static void execute(String json, String store, String data) throws IOException {
    Queue<TaskRunner> idle =
        IDLE.computeIfAbsent(store + '\n' + data, key -> new ConcurrentLinkedQueue<>());
    TaskRunner runner = idle.poll();
    if (runner == null) {
      runner =
          new TaskRunner(
              new Store(Path.of(store)),
              new DataRoot(Path.of(data)),
              new RunListener() {
                @Override
                public void warn(String line) {
                  System.err.println(line);
                }
              });
    }
    runner.run(Json.parse(json, "task", Task.class));
    idle.add(runner);
  }
}
