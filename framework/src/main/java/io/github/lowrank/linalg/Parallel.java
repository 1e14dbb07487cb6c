package io.github.lowrank.linalg;

import io.github.lowrank.op.Sessions;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;

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
   * of threads, so neither does a result whose rows do not depend on each other.
   */
  public static void blocks(int rows, int block, Rows work) {
    int blocks = (int) (((long) rows + block - 1) / block);
    ForkJoinPool pool = new ForkJoinPool(Sessions.threads());
    try {
      pool.submit(
              () ->
                  IntStream.range(0, blocks)
                      .parallel()
                      .forEach(b -> work.accept(b * block, (int) Math.min(rows, (b + 1L) * block))))
          .get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      pool.shutdownNow();
    }
  }
}
