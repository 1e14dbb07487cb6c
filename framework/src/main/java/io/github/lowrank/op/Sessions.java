package io.github.lowrank.op;

import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GPUOptions;
import org.tensorflow.proto.RunOptions;

/**
 * Opens sessions with the number of threads that the system property {@value #THREADS} names, by
 * default all cores. The first session of a process fixes its thread pools, so the number cannot
 * change later.
 *
 * <p>Every op runs on one thread, and ops that do not wait for each other run side by side. The ops
 * of these models are small: to share one of them among threads costs more than it gains, so what
 * is large is cut into ops ({@link BlockLstm}, the Gram matrix) instead.
 *
 * <p>TensorFlow's CUDA build computes on a GPU if there is one, unless the system property {@value
 * #DEVICE} is {@code cpu}. Memory of the GPU is taken as it is needed, so that processes can share
 * it.
 */
public final class Sessions {
  /** Name of the system property. */
  public static final String THREADS = "lowrank.threads";

  /** Name of the system property that hides every GPU if it is {@code cpu}. */
  public static final String DEVICE = "lowrank.device";

  private static final RunOptions CALLER = RunOptions.newBuilder().setInterOpThreadPool(-1).build();

  private Sessions() {}

  /** Number of threads of every session. */
  public static int threads() {
    return Integer.getInteger(THREADS, Runtime.getRuntime().availableProcessors());
  }

  /** Configuration of every session. */
  public static ConfigProto config() {
    ConfigProto.Builder config =
        ConfigProto.newBuilder()
            .setIntraOpParallelismThreads(1)
            .setInterOpParallelismThreads(threads())
            .setGpuOptions(GPUOptions.newBuilder().setAllowGrowth(true));
    if ("cpu".equals(System.getProperty(DEVICE))) {
      config.putDeviceCount("GPU", 0);
    }
    return config.build();
  }

  /**
   * A run of {@code session} in the calling thread alone: nothing waits for another thread to wake,
   * so small graphs answer in a third of the time, and threads that ask at once do not disturb each
   * other.
   */
  public static Session.Runner caller(Session session) {
    return session.runner().setOptions(CALLER);
  }

  /** A session on {@code graph}; close it before the graph. */
  public static Session open(Graph graph) {
    return new Session(graph, config());
  }
}
