package io.github.lowrank.experiments.run;

import io.github.lowrank.linalg.DoubleMatrix;
import io.github.lowrank.text.VectorTable;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongConsumer;
import java.util.stream.DoubleStream;

/** Tables for gossip: from files, and random ones. */
public final class GossipTables {
  /** Rank of the demo's table. */
  public static final int DEMO_RANK = 10;

  private static final int DEMO_ROWS = 200;
  private static final int DEMO_COLUMNS = 50;

  private GossipTables() {}

  /** Ends reading. */
  private static final class Enough extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * The first words' vectors of a file.
   *
   * @param progress is told the number of rows so far
   */
  public static DoubleMatrix read(Path file, int most, LongConsumer progress) throws IOException {
    VectorTable table = VectorTable.open(file, Optional.empty());
    int d = table.columns();
    List<double[]> rows = new ArrayList<>();
    try {
      table.forEach(
          block -> {
            FloatBuffer numbers = block.read();
            for (int i = 0; i < block.rows() && rows.size() < most; i++) {
              double[] row = new double[d];
              for (int c = 0; c < d; c++) {
                row[c] = numbers.get();
              }
              rows.add(row);
            }
            progress.accept(rows.size());
            if (rows.size() == most) {
              throw new Enough();
            }
          });
    } catch (Enough e) {
      // The rest is not wanted.
    }
    double[] all = new double[Math.multiplyExact(rows.size(), d)];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, all, i * d, d);
    }
    return new DoubleMatrix(rows.size(), d, all);
  }

  /**
   * The table of the demo: Gaussian factors of rank 10, for 10 nodes with 20 rows of 50 numbers.
   */
  public static DoubleMatrix demo(long seed) {
    return product(DEMO_ROWS, DEMO_COLUMNS, DEMO_RANK, new Random(seed));
  }

  /** The product of two Gaussian factors. */
  public static DoubleMatrix product(int rows, int columns, int rank, Random random) {
    return DoubleMatrix.gaussian(rows, rank, 1, random)
        .times(DoubleMatrix.gaussian(rank, columns, 1, random));
  }

  /**
   * A random table with these singular values: random orthonormal vectors on both sides.
   *
   * @param best its first right singular vectors are those of the optimum
   */
  public record Known(DoubleMatrix table, DoubleMatrix best) {}

  /**
   * A table whose i-th singular value is {@code 1 / sqrt(i)}.
   *
   * @param rank number of right singular vectors that are kept
   */
  public static Known slowlyFalling(int rows, int columns, int rank, Random random) {
    int count = Math.min(rows, columns);
    DoubleMatrix left = DoubleMatrix.gaussian(rows, count, 1, random).orthonormal();
    DoubleMatrix right = DoubleMatrix.gaussian(columns, count, 1, random).orthonormal();
    DoubleMatrix scaled = right.transposed();
    double[] values = scaled.values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] /= Math.sqrt(i / columns + 1);
    }
    return new Known(left.times(scaled.with(values)), right.columns(rank));
  }

  /** Rows in parts of nearly equal size, in order. */
  public static List<DoubleMatrix> split(DoubleMatrix table, int nodes) {
    List<DoubleMatrix> parts = new ArrayList<>();
    for (int j = 0; j < nodes; j++) {
      int from = (int) ((long) table.rows() * j / nodes);
      parts.add(table.rows(from, (int) ((long) table.rows() * (j + 1) / nodes) - from));
    }
    return parts;
  }

  /** The rows of all, in order. */
  public static DoubleMatrix joined(List<DoubleMatrix> parts) {
    int rows = parts.stream().mapToInt(DoubleMatrix::rows).sum();
    DoubleMatrix all = DoubleMatrix.zeros(rows, parts.get(0).columns());
    int at = 0;
    for (DoubleMatrix part : parts) {
      System.arraycopy(part.values(), 0, all.values(), at, part.values().length);
      at += part.values().length;
    }
    return all;
  }

  /** 1, 2, 5, 10, 20, 50 … and the last. */
  public static long[] stops(long last) {
    return DoubleStream.concat(
            DoubleStream.iterate(1, d -> d < last, d -> d * 10)
                .flatMap(d -> DoubleStream.of(d, 2 * d, 5 * d))
                .filter(d -> d < last),
            DoubleStream.of(last))
        .mapToLong(d -> (long) d)
        .toArray();
  }
}
