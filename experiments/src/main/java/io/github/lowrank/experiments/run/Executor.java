package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.DataRoot;
import java.io.IOException;
import java.util.List;

/**
 * Where the tasks of a run are done: in this process, in worker processes, on a cluster. Wherever
 * it is, {@link TaskRunner} does them, and what they find is in the store when {@link #run}
 * returns.
 */
public interface Executor {
  /**
   * Does all tasks, in any order.
   *
   * @param here what this process has for it
   * @throws IOException if a task fails; what is finished is kept
   */
  void run(List<Task> tasks, Context here) throws IOException;

  /**
   * What the process of a run has.
   *
   * @param store of the run, which this process alone may write, with those that work for it
   * @param data where the data sets are
   * @param runner that does tasks in this process
   * @param watch asked to look at the progress again and again while others work
   */
  record Context(Store store, DataRoot data, TaskRunner runner, Watch watch) {}

  /** Looks at what is done. */
  interface Watch {
    /** Tells the listener. */
    void look() throws IOException;
  }

  /** In this process, one after the other. */
  static Executor here() {
    return (tasks, context) -> {
      for (Task task : tasks) {
        context.runner().run(task);
        context.watch().look();
      }
    };
  }
}
