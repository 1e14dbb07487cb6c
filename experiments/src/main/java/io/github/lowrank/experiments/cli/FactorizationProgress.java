package io.github.lowrank.experiments.cli;

import io.github.lowrank.factorization.FactorizationEngine;
import java.io.PrintStream;
import java.util.Locale;

/** How far a factorization is. */
final class FactorizationProgress implements FactorizationEngine.Progress, AutoCloseable {
  private final PrintStream err;
  private final StatusLine line;

  FactorizationProgress(PrintStream err) {
    this.err = err;
    this.line = new StatusLine(err);
  }

  @Override
  public void report(String what, long done, long all) {
    if (line.due(what)) {
      line.show(
          all == 0
              ? String.format(Locale.ROOT, "%s: %,d", what, done)
              : String.format(
                  Locale.ROOT, "%s: %,d of %,d, %.0f %%", what, done, all, 100.0 * done / all));
    }
  }

  @Override
  public void begin(String what) {
    line.begin(what);
  }

  @Override
  public void warn(String text) {
    line.end();
    err.println("warning: " + text);
  }

  /** Ends the line that counts. */
  @Override
  public void close() {
    line.end();
  }
}
