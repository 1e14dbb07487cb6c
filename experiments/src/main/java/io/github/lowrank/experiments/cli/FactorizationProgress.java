package io.github.lowrank.experiments.cli;

import io.github.lowrank.factorization.FactorizationEngine;
import java.io.PrintStream;
import java.util.Locale;

/**
 * How far a factorization is: on a terminal, a line that counts on after a second; elsewhere, a
 * line every 10 seconds.
 */
final class FactorizationProgress implements FactorizationEngine.Progress, AutoCloseable {
  private static final long TERMINAL = 1_000_000_000L;
  private static final long ELSEWHERE = 10_000_000_000L;

  private final PrintStream err;
  private final boolean terminal;
  private long due;
  private boolean open;

  FactorizationProgress(PrintStream err) {
    this.err = err;
    this.terminal = System.console() != null && System.getenv("TERM") != null;
    this.due = System.nanoTime() + (terminal ? TERMINAL : ELSEWHERE);
  }

  @Override
  public synchronized void report(String what, long done, long all) {
    long now = System.nanoTime();
    if (now - due < 0) {
      return;
    }
    due = now + (terminal ? TERMINAL / 4 : ELSEWHERE);
    String line =
        all == 0
            ? String.format(Locale.ROOT, "%s: %,d", what, done)
            : String.format(
                Locale.ROOT, "%s: %,d of %,d, %.0f %%", what, done, all, 100.0 * done / all);
    err.printf(Locale.ROOT, terminal ? "\r%-79s" : "%s%n", line);
    err.flush();
    open = terminal;
  }

  /** Ends the line that counts. */
  @Override
  public synchronized void close() {
    if (open) {
      err.println();
      open = false;
    }
  }
}
