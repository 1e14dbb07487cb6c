package org.example;

import io.github.lowrank.experiments.run.Executor;
import io.github.lowrank.experiments.run.Task;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Does the last task first, in a thread of its own, each task read from its JSON. */
public record Backwards() implements Executor {
  @Override
  public void run(List<Task> tasks, Context here) throws IOException {
    List<Task> reversed = new ArrayList<>(tasks);
    Collections.reverse(reversed);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      for (Task task : reversed) {
        Task sent = Json.parse(Json.canonical(task), task.name(), Task.class);
        thread
            .submit(
                () -> {
                  here.runner().run(sent);
                  return null;
                })
            .get();
        here.watch().look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      thread.shutdownNow();
    }
  }
}
