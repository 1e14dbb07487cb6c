package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.experiments.catalogue.Experiments;
import io.github.lowrank.factorization.Factorization;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FactorizeCommandTest {
  private static final int WORDS = 400;
  private static final int DIMENSION = 20;

  @TempDir Path folder;
  private Path table;

  private static Terminal.Outcome run(String... args) {
    return Terminal.run(List.of(), args);
  }

  /** A table of about rank 5. */
  @BeforeEach
  void write() throws IOException {
    Random random = new Random(4);
    float[][] basis = new float[5][DIMENSION];
    for (float[] row : basis) {
      for (int i = 0; i < DIMENSION; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    StringBuilder text = new StringBuilder();
    for (int w = 0; w < WORDS; w++) {
      double[] weights = random.doubles(5).toArray();
      text.append("word").append(w);
      for (int i = 0; i < DIMENSION; i++) {
        double x = 0.001 * random.nextGaussian();
        for (int k = 0; k < 5; k++) {
          x += weights[k] * basis[k][i];
        }
        text.append(' ').append((float) x);
      }
      text.append('\n');
    }
    table = Files.writeString(folder.resolve("vectors.txt"), text);
  }

  private static double[][] numbers(List<String> lines, int from) {
    return lines.stream()
        .map(
            line ->
                Stream.of(line.split(" ")).skip(from).mapToDouble(Double::parseDouble).toArray())
        .toArray(double[][]::new);
  }

  @Test
  void rowsTimesBasisAreTheTable() throws IOException {
    Path out = folder.resolve("factors");
    Terminal.Outcome outcome =
        run("factorize", "--table", table.toString(), "--rank", "5", "--out", out.toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .contains("vectors.txt: 400 words x 20; rank 5, 73.8 % removed, relative error 0.00");
    List<String> lines = Files.readAllLines(out.resolve("rows.txt"));
    assertThat(lines.get(0)).isEqualTo("400 5");
    double[][] rows = numbers(lines.subList(1, lines.size()), 1);
    double[][] basis = numbers(Files.readAllLines(out.resolve("basis.txt")), 0);
    double[][] expected = numbers(Files.readAllLines(table), 1);
    double error = 0;
    double all = 0;
    for (int w = 0; w < WORDS; w++) {
      for (int i = 0; i < DIMENSION; i++) {
        double x = 0;
        for (int k = 0; k < 5; k++) {
          x += rows[w][k] * basis[k][i];
        }
        error += Math.pow(x - expected[w][i], 2);
        all += Math.pow(expected[w][i], 2);
      }
    }
    Factorization card =
        Json.read(out.resolve("factorization.json"), Factorization.class); // a plain record
    assertThat(card.relativeError()).isCloseTo(Math.sqrt(error / all), Offset.offset(1e-4));
    assertThat(card.engine()).isEqualTo("local");
    assertThat(card.singularValues()).hasSize(DIMENSION);
  }

  @Test
  void trainTakesTheRowsInBothLayouts() throws IOException {
    StringBuilder csv = new StringBuilder("text,label\n");
    for (int i = 0; i < 60; i++) {
      csv.append("word").append(i % 9).append(i % 2 == 0 ? " word100,a\n" : " word200,b\n");
    }
    Path texts = Files.writeString(folder.resolve("texts.csv"), csv);
    for (String format : List.of("text", "binary")) {
      Path out = folder.resolve(format);
      Terminal.Outcome made =
          run(
              "factorize",
              "--table",
              table.toString(),
              "--energy",
              "0.9999",
              "--format",
              format,
              "--out",
              out.toString());
      assertThat(made.code()).as(made.err()).isZero();
      Terminal.Outcome trained =
          run(
              "train",
              "--train",
              texts.toString(),
              "--model",
              "dan",
              "--remove",
              "0",
              "--steps",
              "10",
              "--vectors",
              out.resolve(format.equals("text") ? "rows.txt" : "rows.bin").toString(),
              "--out",
              folder.resolve(format + "-model").toString());
      assertThat(trained.code()).as(trained.err()).isZero();
    }
  }

  @Test
  void mistakesAreTold() throws IOException {
    Path out = folder.resolve("none");
    Path wrong = Files.writeString(folder.resolve("wrong.txt"), "a 1 2\nb 3\n");
    String[][] examples = {
      {"2", "--remove: expected a number in (0, 1), found 1.0", "--remove", "1"},
      {"2", "expected only one of them", "--remove", "0.9", "--rank", "3"},
      {"2", "--rank: expected a number of at least 1", "--rank", "0"},
      {"2", "must be in 1 .. 20, but is 21", "--rank", "21"},
      {"2", "--energy: expected a number in (0, 1]", "--energy", "0"},
      {"2", "--engine: expected one of local", "--engine", "abacus"},
      {"2", "the module lowrank-spark is not here", "--engine", "spark"},
      {"2", "--master: expected --engine spark", "--master", "local[2]"},
      {"2", "text, binary, found 'npy'", "--format", "npy"},
      {"1", "wrong.txt, line 2: expected a word and 2 numbers", "--table", wrong.toString()},
      {"1", "absent.txt does not exist", "--table", folder.resolve("absent.txt").toString()}
    };
    for (String[] example : examples) {
      List<String> args = new ArrayList<>(List.of("factorize", "--out", out.toString()));
      args.addAll(List.of(example).subList(2, example.length));
      if (!args.contains("--table")) {
        args.addAll(List.of("--table", table.toString()));
      }
      Terminal.Outcome outcome = run(args.toArray(new String[0]));
      assertThat(outcome.err()).contains(example[1]).doesNotContain("\tat ");
      assertThat(outcome.code()).as(example[1]).isEqualTo(Integer.parseInt(example[0]));
    }
    assertThat(out).doesNotExist();
    Terminal.Outcome there =
        run("factorize", "--table", table.toString(), "--out", folder.toString());
    assertThat(there.code()).isEqualTo(2);
    assertThat(there.err()).contains("expected a folder that does not exist yet");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("vectors.txt", "wrong.txt");
    }
  }

  @Test
  void runsTellThatSparkIsNotHere() {
    String[][] examples = {
      {"--executor: expected one of local, spark, found abacus", "--executor", "abacus"},
      {"the module lowrank-spark is not here", "--executor", "spark"},
      {"--master: expected --executor spark", "--master", "local[2]"}
    };
    for (String[] example : examples) {
      List<String> args = new ArrayList<>(List.of("run", "sst2-dan", "--out", "none"));
      args.addAll(List.of(example).subList(1, example.length));
      Terminal.Outcome outcome =
          Terminal.run(Experiments.all(), args.toArray(new String[0])); // before data are read
      assertThat(outcome.err()).contains(example[0]).doesNotContain("\tat ");
      assertThat(outcome.code()).isEqualTo(2);
    }
  }

  @Test
  void factorsLargerThanTheTableAreTold() throws IOException {
    Path out = folder.resolve("factors");
    Terminal.Outcome outcome =
        run("factorize", "--table", table.toString(), "--rank", "20", "--out", out.toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err())
        .contains(
            "warning: rank 20 takes 20 x (400 + 20) = 8,400 numbers, no fewer than the 8,000 of the table")
        .contains("a rank below 20 removes some")
        .contains("bytes, more than the table's")
        .contains("--format binary");
    assertThat(out).isDirectory();
  }

  /** Where nobody can make a folder, not even root, this is told before the table is read. */
  @Test
  void anOutputThatCannotBeWrittenIsToldAtTheStart() {
    Path proc = Path.of("/proc");
    assumeTrue(Files.isDirectory(proc), "no /proc");
    for (String command : List.of("factorize --table", "embed --graph", "gossip --table")) {
      String[] words = command.split(" ");
      Terminal.Outcome outcome =
          run(words[0], words[1], folder.resolve("none").toString(), "--out", "/proc/lowrank/out");
      assertThat(outcome.code()).isEqualTo(2);
      assertThat(outcome.err())
          .contains("--out /proc/lowrank/out: expected a folder above it that can be written to");
    }
  }
}
