package io.github.lowrank.experiments.bench;

import io.github.lowrank.linalg.FloatFile;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.model.Dan;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.train.TrainingListener;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The peak of the resident memory that something adds to a separate process, Java's heap included;
 * needs Linux's {@code /proc}.
 */
final class Memory {
  private static final String ANSWER = "megabytes ";
  private static final int DIMENSION = Benchmarks.DIMENSION;

  private Memory() {}

  /** What is measured. */
  enum Probe {
    /** Factorization of a table in memory; its factors do not count. */
    FACTORIZATION(1500) {
      @Override
      double megabytes(int rows) {
        TruncatedSvd.of(Matrix.uniform(3000, DIMENSION, 0.1, new Random(1)), 30);
        Matrix table = Matrix.uniform(rows, DIMENSION, 0.1, new Random(3));
        double before = start();
        TruncatedSvd svd = TruncatedSvd.of(table, 30);
        return peak() - before - mb(svd.us().values().length);
      }
    },

    /** Factorization of a table in a file; the heap could not even contain a seventh of it. */
    STREAMED_FACTORIZATION(320) {
      @Override
      double megabytes(int rows) throws IOException {
        TruncatedSvd.of(Matrix.uniform(3000, DIMENSION, 0.1, new Random(1)), 30);
        Path file = Files.createTempFile("lowrank-bench", ".f32");
        try {
          write(file, rows);
          double before = start();
          try (FloatFile table = FloatFile.open(file, DIMENSION)) {
            TruncatedSvd.stream(table, 30, (first, block) -> {});
          }
          return peak() - before;
        } finally {
          Files.delete(file);
        }
      }
    },

    /** Steps of a DAN on an uncompressed table, with the table and the moments of Adam. */
    TRAINING(1500) {
      @Override
      double megabytes(int rows) throws IOException {
        EncodedTexts texts = Benchmarks.spread(Benchmarks.texts(4000, 1), rows);
        Benchmarks.train(Dan.ofPaper(), Benchmarks.dense(16_000), Benchmarks.texts(4000, 1), 20);
        double[] peak = {0};
        double before;
        var table = Benchmarks.dense(rows);
        before = start();
        int steps = 200;
        Benchmarks.train(
            Dan.ofPaper(),
            table,
            texts,
            steps,
            new TrainingListener() {
              @Override
              public void stepped(long step, float loss, float rate, int count) {
                if (step == steps) {
                  peak[0] = peak();
                }
              }
            });
        return peak[0] - before;
      }
    };

    private final int heapMegabytes;

    Probe(int heapMegabytes) {
      this.heapMegabytes = heapMegabytes;
    }

    abstract double megabytes(int rows) throws IOException;
  }

  /** Whether this system reports a process's peak memory and allows resetting it. */
  static boolean available() {
    return Files.isWritable(Path.of("/proc/self/clear_refs"));
  }

  /** Measures in a separate process; NaN where that is not possible. */
  static double megabytes(Probe probe, int rows) throws IOException {
    if (!available()) {
      return Double.NaN;
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + probe.heapMegabytes + "m");
    for (String unlimited : List.of("maxPhysicalBytes", "maxBytes")) {
      command.add("-Dorg.bytedeco.javacpp." + unlimited + "=0");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Memory.class.getName(), probe.name(), Integer.toString(rows)));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader from =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = from.readLine(); line != null; line = from.readLine()) {
        if (line.startsWith(ANSWER)) {
          return Double.parseDouble(line.substring(ANSWER.length()));
        }
      }
    }
    throw new IOException(probe + " ended before it answered");
  }

  /** Main method of that process. */
  public static void main(String[] args) throws IOException {
    double megabytes = Probe.valueOf(args[0]).megabytes(Integer.parseInt(args[1]));
    System.out.println(ANSWER + megabytes);
  }

  private static void write(Path file, int rows) throws IOException {
    Random random = new Random(3);
    ByteBuffer block =
        ByteBuffer.allocate(1000 * DIMENSION * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (block.hasRemaining()) {
      block.putFloat(random.nextFloat() - 0.5f);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int row = 0; row < rows; row += 1000) {
        block.clear().limit(Math.min(1000, rows - row) * DIMENSION * Float.BYTES);
        while (block.hasRemaining()) {
          channel.write(block);
        }
      }
    }
  }

  private static double mb(long floats) {
    return floats * 4 / 1e6;
  }

  /** Resident memory after a garbage collection; the peak is counted from here. */
  private static double start() {
    System.gc();
    try {
      Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return status("VmRSS:");
  }

  private static double peak() {
    return status("VmHWM:");
  }

  private static double status(String name) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith(name)) {
          return Double.parseDouble(line.replaceAll("\\D+", "")) * 1024 / 1e6;
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    throw new IllegalStateException("no " + name + " in /proc/self/status");
  }
}
