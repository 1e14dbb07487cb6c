package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.run.RunListener;
import io.github.lowrank.train.Evaluation;
import io.github.lowrank.train.Metric;
import io.github.lowrank.train.TrainingListener;
import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** On a terminal, a progress bar for each training; elsewhere, a line at its start and end. */
final class ConsoleListener implements RunListener {
  private final PrintStream out;
  private final StatusLine line;
  private Effort first;
  private long began;
  private long shown = System.nanoTime();

  ConsoleListener(PrintStream out) {
    this.out = out;
    this.line = new StatusLine(out);
  }

  @Override
  public void log(String line) {
    close();
    out.println(line);
  }

  /** The progress of the whole run with the remaining time: a bar, or a line every 30 seconds. */
  @Override
  public void progress(Effort effort) {
    long now = System.nanoTime();
    if (first == null) {
      first = effort;
      began = now;
    }
    double seconds = (now - began) / 1e9;
    long gained = effort.steps() - first.steps();
    String left =
        effort.steps() == effort.allSteps() || gained <= 0
            ? ""
            : ", about %s left"
                .formatted(span(seconds / gained * (effort.allSteps() - effort.steps())));
    String text =
        String.format(
            Locale.ROOT,
            "%.0f %% of the training, %,d of %,d trials%s",
            100.0 * effort.steps() / effort.allSteps(),
            effort.trials(),
            effort.allTrials(),
            left);
    if (line.terminal() || now - shown > 30e9) {
      shown = now;
      line.show(text);
    }
  }

  @Override
  public void count(String what, long count, String unit) {
    if (line.due(what) && count % 256 == 0) {
      line.show(String.format(Locale.ROOT, "%s: %,d %s", what, count, unit));
    }
  }

  @Override
  public void begin(String what) {
    line.begin(what);
  }

  /** Ends the line of {@link #progress}, {@link #count} or {@link #begin}. */
  void close() {
    line.end();
  }

  private static String span(double seconds) {
    return seconds < 90
        ? String.format(Locale.ROOT, "%.0f s", seconds)
        : seconds < 5400
            ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
            : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }

  @Override
  public TrainingListener training(String what) {
    close();
    return new Training(what);
  }

  private final class Training implements TrainingListener {
    private final String what;
    private ProgressBar bar;
    private long total;
    private long started;
    private long texts;
    private double loss = Double.NaN;
    private String dev = "";
    private String best = "";
    private long printed;

    private Training(String what) {
      this.what = what;
    }

    @Override
    public void started(long step, long steps) {
      total = steps;
      started = System.nanoTime();
      printed = started;
      if (step > 0) {
        out.println(what + ": continuing at step " + step);
      }
      if (line.terminal()) {
        bar =
            new ProgressBarBuilder()
                .setTaskName(what)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .hideEta()
                .startsFrom(step, java.time.Duration.ZERO)
                .setConsumer(new ConsoleProgressBarConsumer(out))
                .build();
      }
    }

    @Override
    public void stepped(long step, float stepLoss, float rate, int count) {
      texts += count;
      loss = Double.isNaN(loss) ? stepLoss : 0.98 * loss + 0.02 * stepLoss;
      if (bar != null) {
        bar.stepTo(step);
        if (step % 20 == 0) {
          bar.setExtraMessage(status(rate));
        }
      } else if (System.nanoTime() - printed > 10e9) {
        printed = System.nanoTime();
        out.printf(Locale.ROOT, "%s: step %,d of %,d%s%n", what, step, total, status(rate));
      }
    }

    private String status(double rate) {
      return String.format(
          Locale.ROOT,
          " loss %.3f dev %s rate %.0e %,.0f examples/s",
          loss,
          dev,
          rate,
          texts / ((System.nanoTime() - started) / 1e9));
    }

    @Override
    public void evaluated(Evaluation evaluation, boolean better) {
      String metric = evaluation.dev().keySet().iterator().next();
      dev =
          metric.equals(Metric.ACCURACY.name())
              ? String.format(Locale.ROOT, "%.2f %%", 100 * evaluation.selected())
              : String.format(Locale.ROOT, "%s %.4f", metric, evaluation.selected());
      if (better) {
        best = dev;
      }
    }

    @Override
    public void finished() {
      if (bar != null) {
        bar.close();
      }
      out.printf(
          Locale.ROOT,
          "%s: best dev %s, %,.0f examples/s, %.1f s%n",
          what,
          best,
          texts / ((System.nanoTime() - started) / 1e9),
          (System.nanoTime() - started) / 1e9);
    }
  }
}
