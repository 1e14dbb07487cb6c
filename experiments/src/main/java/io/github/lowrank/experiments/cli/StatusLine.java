package io.github.lowrank.experiments.cli;

import java.io.PrintStream;
import java.util.Locale;

/**
 * How far something is that takes more than two seconds: on a terminal one line that is written
 * over four times a second, elsewhere a line every 10 seconds.
 */
final class StatusLine {
  private static final long FIRST = 2_000_000_000L;
  private static final long ON_TERMINAL = 250_000_000L;
  private static final long ELSEWHERE = 10_000_000_000L;

  private final PrintStream out;
  private final boolean terminal = System.console() != null && System.getenv("TERM") != null;
  private String what = "";
  private long due;
  private boolean open;
  private Thread clock;

  StatusLine(PrintStream out) {
    this.out = out;
  }

  /** Whether the line is written over. */
  boolean terminal() {
    return terminal;
  }

  /** Whether a line about {@code now} is due; a line about something else has ended. */
  synchronized boolean due(String now) {
    if (!now.equals(what) || clock != null) {
      end();
      what = now;
      due = System.nanoTime() + FIRST;
    }
    return System.nanoTime() - due > 0;
  }

  /** Writes a line, and on a terminal over it the next time. */
  synchronized void show(String line) {
    due = System.nanoTime() + (terminal ? ON_TERMINAL : ELSEWHERE);
    out.printf(Locale.ROOT, terminal ? "\r%-79s" : "%s%n", line);
    out.flush();
    open = terminal;
  }

  /** Counts the seconds of something that cannot say how far it is, until the next call. */
  synchronized void begin(String now) {
    end();
    clock = new Thread(() -> count(now), "progress");
    clock.setDaemon(true);
    clock.start();
  }

  private void count(String now) {
    long start = System.nanoTime();
    try {
      for (long wait = FIRST; ; wait = terminal ? ON_TERMINAL : ELSEWHERE) {
        Thread.sleep(wait / 1_000_000);
        synchronized (this) {
          if (clock != Thread.currentThread()) {
            return;
          }
          long seconds = (System.nanoTime() - start) / 1_000_000_000L;
          show(String.format(Locale.ROOT, "%s: %,d s", now, seconds));
        }
      }
    } catch (InterruptedException e) {
      // what it counts has ended
    }
  }

  /** Ends the line. */
  synchronized void end() {
    what = "";
    if (clock != null) {
      clock.interrupt();
      clock = null;
    }
    if (open) {
      out.println();
      open = false;
    }
  }
}
