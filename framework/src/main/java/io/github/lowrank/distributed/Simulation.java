package io.github.lowrank.distributed;

import io.github.lowrank.linalg.DoubleMatrix;
import java.util.List;

/** All nodes of a network in one process. */
public interface Simulation extends AutoCloseable {
  /** Does so many rounds. */
  void run(long rounds);

  /** Rounds done. */
  long round();

  /** The state of each node. */
  List<List<DoubleMatrix>> states();

  /** Numbers that all nodes together have sent to their neighbours. */
  long numbersSent();

  @Override
  void close();
}
