package io.github.lowrank.linalg;

import io.github.lowrank.op.Sessions;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Blocks of rows that are worked on side by side, by as many threads as sessions have. */
public final class Parallel {
  private Parallel() {}

  /** Works on some rows. */
  public interface Rows {
    /** The rows {@code from .. to - 1}. Called by several threads at once. */
    void accept(int from, int to);
  }

  /**
   * Passes all rows to {@code work}, block by block. What a block is does not depend on the number
   * of threads, so neither does a result whose rows do not depend on each other. The first failure
   * ends all threads and is thrown on.
   */
  public static void blocks(int rows, int block, Rows work) {
    int blocks = (int) (((long) rows + block - 1) / block);
    AtomicInteger next = new AtomicInteger();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    // Not a pool: where the memory is used up, a pool's own bookkeeping fails and its caller waits.
    Runnable loop =
        () -> {
          try {
            for (int b = next.getAndIncrement();
                b < blocks && failure.get() == null;
                b = next.getAndIncrement()) {
              work.accept(b * block, (int) Math.min(rows, (b + 1L) * block));
            }
          } catch (Throwable e) {
            failure.compareAndSet(null, e);
          }
        };
    Thread[] others = new Thread[Math.max(0, Math.min(Sessions.threads(), blocks) - 1)];
    try {
      for (int i = 0; i < others.length; i++) {
        others[i] = new Thread(loop, "rows-" + i);
        others[i].setDaemon(true);
        others[i].start();
      }
      loop.run();
      for (Thread other : others) {
        other.join();
      }
    } catch (InterruptedException e) {
      failure.compareAndSet(null, new IllegalStateException("interrupted", e));
      Thread.currentThread().interrupt();
    } catch (Error e) { // there is no memory for a thread
      failure.compareAndSet(null, e);
    }
    if (failure.get() instanceof Error error) {
      throw error;
    }
    if (failure.get() instanceof RuntimeException exception) {
      throw exception;
    }
  }
}
