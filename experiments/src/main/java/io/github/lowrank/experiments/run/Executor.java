package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.DataRoot;
import java.io.IOException;
import java.util.List;

/**
 * Decides where the tasks of a run are executed: in this process, in worker processes, on a
 * cluster. In any case {@link TaskRunner} executes them, and their results are in the store when
 * {@link #run} returns.
 */
public interface Executor {
  /**
   * Executes all tasks, in any order.
   *
   * @param here resources of this process
   * @throws IOException if a task fails; what is finished is kept
   */
  void run(List<Task> tasks, Context here) throws IOException;

  /**
   * The resources of the process that runs an experiment.
   *
   * @param store store of the run; only this process and its workers may write to it
   * @param data where the data sets are
   * @param runner executes tasks in this process
   * @param watch to be called repeatedly while workers run
   */
  record Context(Store store, DataRoot data, TaskRunner runner, Watch watch) {}

  /** Reports progress. */
  interface Watch {
    /** Reports the progress to the listener. */
    void look() throws IOException;
  }

  /** Executes tasks in this process, one after the other. */
  static Executor here() {
    return (tasks, context) -> {
      for (Task task : tasks) {
        context.runner().run(task);
        context.watch().look();
      }
    };
  }
}
