package io.github.lowrank.op;

import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.proto.ConfigProto;

/**
 * Opens sessions with the number of threads that the system property {@value #THREADS} names, by
 * default all cores. The first session of a process fixes its thread pools, so the number cannot
 * change later.
 */
public final class Sessions {
  /** Name of the system property. */
  public static final String THREADS = "lowrank.threads";

  private Sessions() {}

  /** Number of threads of every session. */
  public static int threads() {
    return Integer.getInteger(THREADS, Runtime.getRuntime().availableProcessors());
  }

  /** Configuration of every session. */
  public static ConfigProto config() {
    return ConfigProto.newBuilder()
        .setIntraOpParallelismThreads(threads())
        .setInterOpParallelismThreads(threads())
        .build();
  }

  /** A session on {@code graph}; close it before the graph. */
  public static Session open(Graph graph) {
    return new Session(graph, config());
  }
}
