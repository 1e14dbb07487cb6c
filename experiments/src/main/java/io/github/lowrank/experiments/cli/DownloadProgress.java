package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.Download;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * How far a download is: on a terminal, a line that counts on; elsewhere, a line after 10 seconds
 * and then every 10 seconds one more.
 */
final class DownloadProgress implements Download.Listener {
  private static final long TERMINAL = 250_000_000L;
  private static final long ELSEWHERE = 10_000_000_000L;

  private final PrintStream err;
  private final PrintWriter out;
  private final boolean terminal;
  private final LongSupplier clock;
  private long from;
  private OptionalLong size = OptionalLong.empty();
  private long began;
  private long due;
  private boolean open;

  DownloadProgress(PrintStream err, PrintWriter out) {
    this(err, out, System.console() != null && System.getenv("TERM") != null, System::nanoTime);
  }

  DownloadProgress(PrintStream err, PrintWriter out, boolean terminal, LongSupplier clock) {
    this.err = err;
    this.out = out;
    this.terminal = terminal;
    this.clock = clock;
  }

  @Override
  public void started(long there, OptionalLong all) {
    close();
    from = there;
    size = all;
    began = clock.getAsLong();
    due = began + (terminal ? 0 : ELSEWHERE);
    out.printf(
        Locale.ROOT,
        "           %s%s%n",
        all.isPresent() ? "%,d bytes".formatted(all.getAsLong()) : "size unknown",
        there > 0 ? ", of which %,d are here".formatted(there) : "");
  }

  @Override
  public void received(long bytes) {
    long now = clock.getAsLong();
    if (now - due < 0) {
      return;
    }
    due = now + (terminal ? TERMINAL : ELSEWHERE);
    String line = line(bytes, (now - began) / 1e9);
    err.printf(Locale.ROOT, terminal ? "\r%-79s" : "%s%n", line);
    err.flush();
    open = terminal;
  }

  private String line(long bytes, double seconds) {
    String share =
        size.isPresent() && size.getAsLong() > 0
            ? String.format(
                Locale.ROOT,
                " of %,d bytes, %.0f %%",
                size.getAsLong(),
                100.0 * bytes / size.getAsLong())
            : " bytes";
    return String.format(
        Locale.ROOT,
        "%,d%s, %.2f MB/s",
        bytes,
        share,
        (bytes - from) / 1e6 / Math.max(seconds, 1e-3));
  }

  @Override
  public void note(String line) {
    close();
    err.println(line);
  }

  /** Ends the line that counts. */
  void close() {
    if (open) {
      err.println();
      open = false;
    }
  }
}
