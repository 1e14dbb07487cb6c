package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.Utf8Lines;
import io.github.lowrank.experiments.report.Escape;
import io.github.lowrank.predictor.Predictor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * Prints the labels of many lines, which stay bytes from the input to the output. One thread reads,
 * several answer blocks of lines, and whoever completes the next block of the output writes it.
 */
final class CompactPredictions {
  private static final int BLOCK = 1 << 16;
  private static final int MOST_THREADS = 16; // one thread does not read for more
  private static final int AHEAD = 4;
  private static final int DIGITS = 10_000;
  private static final int PROBABILITY = 8; // tab, 0.1234, tab
  private static final byte[] NO_LABEL = {};
  private static final float NO_PROBABILITY = -1; // of a rejected text: nothing is printed

  private final Predictor predictor;
  private final byte[][] labels;
  private final PrintWriter out;
  private final int threads;

  /** Blocks that may be in memory; a very long line counts as many. */
  private final Semaphore free;

  private volatile boolean gone;

  CompactPredictions(Predictor predictor, PrintWriter out) {
    this(predictor, out, Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()));
  }

  CompactPredictions(Predictor predictor, PrintWriter out, int threads) {
    this.predictor = predictor;
    this.labels =
        predictor.labels().stream()
            .map(label -> Escape.tsv(label).getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    this.out = out;
    this.threads = threads;
    this.free = new Semaphore(AHEAD * threads);
  }

  /**
   * Prints an answer for each line; how many, or -1 if nobody reads on. If reading fails, the lines
   * before are answered.
   */
  long print(Utf8Lines lines) throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    CompletableFuture<Void> written = CompletableFuture.completedFuture(null);
    Lines block = new Lines();
    try {
      while (!gone && !written.isCompletedExceptionally() && lines.next()) {
        block.add(lines);
        // Answers at once when a person types, in blocks when a file is piped in.
        if (block.size >= BLOCK || !lines.ready()) {
          written = answer(block, written, pool);
          block = new Lines();
        }
      }
    } finally {
      written = answer(block, written, pool);
      pool.shutdown();
      try {
        written.join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof Error error) {
          throw error; // the memory is used up
        }
        throw e;
      }
    }
    return gone ? -1 : lines.number();
  }

  private CompletableFuture<Void> answer(
      Lines block, CompletableFuture<Void> before, ExecutorService pool) {
    int blocks = Math.min(AHEAD * threads, block.size / BLOCK + 1);
    free.acquireUninterruptibly(blocks);
    return CompletableFuture.supplyAsync(() -> new Answers(block), pool)
        .thenAcceptBoth(before, (answers, done) -> write(answers))
        .whenComplete((done, failure) -> free.release(blocks));
  }

  private void write(Answers answers) {
    if (gone) {
      return;
    }
    if (out instanceof StandardOutput.Utf8Writer standard) {
      standard.write(answers.bytes, answers.size);
    } else {
      out.write(new String(answers.bytes, 0, answers.size, StandardCharsets.UTF_8));
    }
    gone = out.checkError();
  }

  /** Some lines, one after the other. */
  private static final class Lines {
    private byte[] bytes = new byte[BLOCK + BLOCK / 16];
    private int size;
    private int[] ends = new int[BLOCK / 64];
    private int count;

    private void add(Utf8Lines lines) {
      byte[] from = lines.buffer();
      int at = lines.from();
      int length = lines.to() - at;
      if (!lines.ascii()) { // what is not UTF-8 is printed as U+FFFD
        from = lines.text().getBytes(StandardCharsets.UTF_8);
        at = 0;
        length = from.length;
      }
      if (size + length > bytes.length) {
        bytes = Arrays.copyOf(bytes, 2 * (size + length));
      }
      if (count == ends.length) {
        ends = Arrays.copyOf(ends, 2 * count);
      }
      System.arraycopy(from, at, bytes, size, length);
      size += length;
      ends[count++] = size;
    }
  }

  /** What is printed for some lines. */
  private final class Answers {
    private byte[] bytes;
    private int size;

    private Answers(Lines lines) {
      float[] probabilities = new float[labels.length];
      bytes = new byte[lines.size + lines.count * 2 * PROBABILITY];
      for (int i = 0, from = 0; i < lines.count; from = lines.ends[i++]) {
        int best = predictor.predict(lines.bytes, from, lines.ends[i], probabilities);
        if (best < 0) {
          append(NO_LABEL, NO_PROBABILITY, lines.bytes, from, lines.ends[i] - from);
        } else {
          append(labels[best], probabilities[best], lines.bytes, from, lines.ends[i] - from);
        }
      }
    }

    private void append(byte[] label, float probability, byte[] text, int from, int length) {
      int needed = size + label.length + PROBABILITY + length + 1;
      if (needed > bytes.length) {
        bytes = Arrays.copyOf(bytes, 2 * needed);
      }
      System.arraycopy(label, 0, bytes, size, label.length);
      size += label.length;
      bytes[size++] = '\t';
      if (probability >= 0) {
        // Exact: a float has 24 bits, and so many digits 14.
        int digits = (int) (probability * (double) DIGITS + 0.5);
        bytes[size++] = (byte) ('0' + digits / DIGITS);
        bytes[size++] = '.';
        for (int power = DIGITS / 10; power > 0; power /= 10) {
          bytes[size++] = (byte) ('0' + digits / power % 10);
        }
      }
      bytes[size++] = '\t';
      System.arraycopy(text, from, bytes, size, length);
      size += length;
      bytes[size++] = '\n';
    }
  }
}
