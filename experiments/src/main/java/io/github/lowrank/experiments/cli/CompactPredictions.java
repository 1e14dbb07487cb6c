package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.Utf8Lines;
import io.github.lowrank.experiments.report.Escape;
import io.github.lowrank.predictor.Predictor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Prints the labels of many lines, which stay bytes from the input to the output. */
final class CompactPredictions {
  private static final int BLOCK = 1 << 16;
  private static final int DIGITS = 10_000;
  private static final int PROBABILITY = 8; // tab, 0.1234, tab

  private final Predictor predictor;
  private final byte[][] labels;
  private final PrintWriter out;
  private byte[] block = new byte[2 * BLOCK];
  private int used;

  CompactPredictions(Predictor predictor, PrintWriter out) {
    this.predictor = predictor;
    this.labels =
        predictor.labels().stream()
            .map(label -> Escape.tsv(label).getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    this.out = out;
  }

  /** Prints an answer for each line; how many, or -1 if nobody reads on. */
  long print(Utf8Lines lines) throws IOException {
    float[] probabilities = new float[labels.length];
    long count = 0;
    while (lines.next()) {
      int best = predictor.predict(lines.buffer(), lines.from(), lines.to(), probabilities);
      append(labels[best], probabilities[best], lines);
      count++;
      // Answers at once when a person types, in blocks when a file is piped in.
      if ((used >= BLOCK || !lines.ready()) && !flush()) {
        return -1;
      }
    }
    return flush() ? count : -1;
  }

  private void append(byte[] label, float probability, Utf8Lines lines) {
    int length = lines.to() - lines.from();
    int needed = used + label.length + PROBABILITY + length + 1;
    if (needed > block.length) {
      block = Arrays.copyOf(block, 2 * needed);
    }
    System.arraycopy(label, 0, block, used, label.length);
    used += label.length;
    block[used++] = '\t';
    // Exact: a float has 24 bits, and so many digits 14.
    int digits = (int) (probability * (double) DIGITS + 0.5);
    block[used++] = (byte) ('0' + digits / DIGITS);
    block[used++] = '.';
    for (int power = DIGITS / 10; power > 0; power /= 10) {
      block[used++] = (byte) ('0' + digits / power % 10);
    }
    block[used++] = '\t';
    System.arraycopy(lines.buffer(), lines.from(), block, used, length);
    used += length;
    block[used++] = '\n';
  }

  private boolean flush() {
    out.write(new String(block, 0, used, StandardCharsets.UTF_8));
    out.flush();
    used = 0;
    return !out.checkError();
  }
}
