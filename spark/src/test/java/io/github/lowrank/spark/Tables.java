package io.github.lowrank.spark;

import io.github.lowrank.factorization.Factorization;
import io.github.lowrank.factorization.FactorizationRequest;
import io.github.lowrank.factorization.RankChoice;
import io.github.lowrank.text.VectorWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;

/** Files of word vectors, and what becomes of them. */
final class Tables {
  static final int WORDS = 3001;
  static final int DIMENSION = 24;

  private Tables() {}

  /** Columns of falling scale, mixed, so that the singular values lie well apart. */
  static float[][] numbers() {
    Random random = new Random(3);
    double[][] mix = new double[DIMENSION][DIMENSION];
    for (double[] row : mix) {
      for (int i = 0; i < DIMENSION; i++) {
        row[i] = random.nextGaussian();
      }
    }
    float[][] table = new float[WORDS][DIMENSION];
    for (float[] row : table) {
      for (int k = 0; k < DIMENSION; k++) {
        double x = random.nextGaussian() * Math.pow(0.6, k);
        for (int i = 0; i < DIMENSION; i++) {
          row[i] += (float) (x * mix[k][i]);
        }
      }
    }
    return table;
  }

  static Path write(Path file, VectorWriter.Layout layout) throws IOException {
    float[][] numbers = numbers();
    try (VectorWriter writer = new VectorWriter(file, layout, WORDS, DIMENSION)) {
      for (int i = 0; i < WORDS; i++) {
        writer.write("wörd" + i, numbers[i], 0, DIMENSION);
      }
    }
    return file;
  }

  static FactorizationRequest request(Path table, RankChoice rank, Path out) {
    return new FactorizationRequest(
        table, Optional.empty(), rank, out, VectorWriter.Layout.TEXT, Optional.empty());
  }

  /** All lines of the rows, of one file or of parts. */
  static List<String> rows(Path out) throws IOException {
    Path one = out.resolve(Factorization.ROWS + VectorWriter.Layout.TEXT.suffix());
    if (Files.exists(one)) {
      return Files.readAllLines(one);
    }
    TreeSet<Path> parts = new TreeSet<>();
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(out.resolve(Factorization.ROWS), "part-*")) {
      found.forEach(parts::add);
    }
    List<String> lines = new ArrayList<>();
    for (Path part : parts) {
      try (BufferedReader reader = Files.newBufferedReader(part)) {
        reader.lines().forEach(lines::add);
      }
    }
    return lines;
  }

  static double[] numbers(String line, int from) {
    String[] fields = line.split(" ");
    double[] numbers = new double[fields.length - from];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Double.parseDouble(fields[from + i]);
    }
    return numbers;
  }
}
