package io.github.lowrank.experiments.run;

import java.util.Optional;

/** Makes the executors of another module, which announces it as a service. */
public interface ExecutorSource {
  /** Name of the executors on the command line. */
  String name();

  /**
   * An executor.
   *
   * @param master address of a cluster; empty: this machine
   * @param jobs tasks at the same time on this machine
   */
  Executor executor(Optional<String> master, int jobs);
}
