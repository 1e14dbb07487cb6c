package io.github.lowrank.experiments.cli;

import io.github.lowrank.factorization.FactorizationEngine;
import java.io.PrintStream;
import java.util.Locale;

/**
 * How far a factorization is: on a terminal, a line that counts on after a second; elsewhere, a
 * line every 10 seconds. A step that cannot say how far it is counts seconds.
 */
final class FactorizationProgress implements FactorizationEngine.Progress, AutoCloseable {
  private static final long TERMINAL = 1_000_000_000L;
  private static final long ELSEWHERE = 10_000_000_000L;
  private static final long TICK_MILLIS = 250;

  private final PrintStream err;
  private final boolean terminal;
  private final Thread clock;
  private long due;
  private boolean open;
  private String step;
  private long began;

  FactorizationProgress(PrintStream err) {
    this.err = err;
    this.terminal = System.console() != null && System.getenv("TERM") != null;
    this.due = System.nanoTime() + (terminal ? TERMINAL : ELSEWHERE);
    this.clock = new Thread(this::count, "progress");
    clock.setDaemon(true);
    clock.start();
  }

  @Override
  public synchronized void report(String what, long done, long all) {
    step = null;
    if (due()) {
      show(
          all == 0
              ? String.format(Locale.ROOT, "%s: %,d", what, done)
              : String.format(
                  Locale.ROOT, "%s: %,d of %,d, %.0f %%", what, done, all, 100.0 * done / all));
    }
  }

  @Override
  public synchronized void begin(String what) {
    step = what;
    began = System.nanoTime();
  }

  @Override
  public synchronized void warn(String line) {
    end();
    err.println("warning: " + line);
  }

  private void count() {
    try {
      while (true) {
        Thread.sleep(TICK_MILLIS);
        synchronized (this) {
          if (step != null && due()) {
            long seconds = (System.nanoTime() - began) / 1_000_000_000L;
            show(String.format(Locale.ROOT, "%s: %,d s", step, seconds));
          }
        }
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  private boolean due() {
    long now = System.nanoTime();
    if (now - due < 0) {
      return false;
    }
    due = now + (terminal ? TERMINAL / 4 : ELSEWHERE);
    return true;
  }

  private void show(String line) {
    err.printf(Locale.ROOT, terminal ? "\r%-79s" : "%s%n", line);
    err.flush();
    open = terminal;
  }

  private void end() {
    if (open) {
      err.println();
      open = false;
    }
  }

  /** Ends the line that counts. */
  @Override
  public synchronized void close() {
    step = null;
    clock.interrupt();
    end();
  }
}
