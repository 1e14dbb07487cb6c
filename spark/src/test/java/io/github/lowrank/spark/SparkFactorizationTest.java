package io.github.lowrank.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.factorization.Factorization;
import io.github.lowrank.factorization.LocalFactorization;
import io.github.lowrank.factorization.RankChoice;
import io.github.lowrank.linalg.Gram;
import io.github.lowrank.text.VectorWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.mllib.linalg.Matrix;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.linalg.distributed.RowMatrix;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkFactorizationTest {
  private static final int RANK = 6;
  private static JavaSparkContext spark;

  @TempDir Path folder;

  @BeforeAll
  static void open() throws IOException {
    spark = SparkContexts.open("test", Optional.of("local[3]"));
  }

  @AfterAll
  static void close() {
    spark.close();
  }

  private static Factorization factorize(Path table, RankChoice rank, Path out) throws IOException {
    return SparkFactorization.factorize(
        spark, Tables.request(table, rank, out), (what, done, all) -> {});
  }

  private static void assertEqual(Path expected, Path found) throws IOException {
    List<String> rows = Tables.rows(found);
    List<String> expectedRows = Tables.rows(expected);
    assertThat(rows).hasSize(Tables.WORDS + 1).first().isEqualTo(expectedRows.get(0));
    for (int i = 1; i < rows.size(); i++) {
      assertThat(rows.get(i)).startsWith("wörd" + (i - 1) + " ");
      double[] e = Tables.numbers(expectedRows.get(i), 1);
      double[] f = Tables.numbers(rows.get(i), 1);
      for (int k = 0; k < RANK; k++) {
        assertThat(f[k]).isCloseTo(e[k], within(1e-5 * Math.max(1, Math.abs(e[k]))));
      }
    }
    List<String> basis = Files.readAllLines(found.resolve(Factorization.BASIS));
    List<String> expectedBasis = Files.readAllLines(expected.resolve(Factorization.BASIS));
    assertThat(basis).hasSize(RANK);
    for (int k = 0; k < RANK; k++) {
      assertThat(Tables.numbers(basis.get(k), 0))
          .containsExactly(Tables.numbers(expectedBasis.get(k), 0), within(1e-5));
    }
  }

  @Test
  void equalsTheLocalEngine() throws IOException {
    Path table = Tables.write(folder.resolve("vectors.txt"), VectorWriter.Layout.TEXT);
    Path local = folder.resolve("local");
    Factorization expected =
        new LocalFactorization()
            .factorize(Tables.request(table, RankChoice.of(RANK), local), (what, done, all) -> {});
    Path out = folder.resolve("spark");
    Factorization card = factorize(table, RankChoice.of(RANK), out);
    assertThat(card.words()).isEqualTo(Tables.WORDS);
    assertThat(card.relativeError()).isCloseTo(expected.relativeError(), within(1e-5));
    for (int i = 0; i < RANK; i++) {
      assertThat(card.singularValues()[i])
          .isCloseTo(expected.singularValues()[i], within(1e-5 * expected.singularValues()[i]));
    }
    assertEqual(local, out);
    try (Stream<Path> files = Files.list(out.resolve(Factorization.ROWS))) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .contains("_SUCCESS", "part-00000", "part-00002")
          .allMatch(name -> name.matches("_SUCCESS|part-\\d+"));
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("vectors.txt", "local", "spark");
    }

    Path packed = folder.resolve("vectors.txt.gz");
    try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(table, gzip);
    }
    Path fromGzip = folder.resolve("from-gzip");
    factorize(packed, RankChoice.of(RANK), fromGzip);
    assertEqual(local, fromGzip);
  }

  @Test
  void theGramMatrixIsMllibs() throws IOException {
    float[][] numbers = Tables.numbers();
    Gram gram = new Gram(Tables.DIMENSION);
    List<Vector> rows = new ArrayList<>();
    for (float[] row : numbers) {
      gram.add(row, 0);
      double[] wide = new double[row.length];
      Arrays.setAll(wide, i -> row[i]);
      rows.add(Vectors.dense(wide));
    }
    Matrix expected = new RowMatrix(spark.parallelize(rows, 3).rdd()).computeGramianMatrix();
    double[] full = gram.full();
    for (int i = 0; i < Tables.DIMENSION; i++) {
      for (int j = 0; j < Tables.DIMENSION; j++) {
        assertThat(full[i * Tables.DIMENSION + j])
            .isCloseTo(expected.apply(i, j), within(1e-9 * Math.abs(expected.apply(i, i))));
      }
    }
    // And so are the singular values of a whole file.
    Path table = Tables.write(folder.resolve("vectors.txt"), VectorWriter.Layout.TEXT);
    Factorization card = factorize(table, RankChoice.of(2), folder.resolve("out"));
    double trace = 0;
    for (int i = 0; i < Tables.DIMENSION; i++) {
      trace += expected.apply(i, i);
    }
    assertThat(Arrays.stream(card.singularValues()).map(s -> s * s).sum())
        .isCloseTo(trace, within(1e-5 * trace));
  }

  @Test
  void mistakesAreTold() throws IOException {
    Path out = folder.resolve("out");
    String[][] examples = {
      {"a 1 2\nb 3\n", "wrong.txt, byte 6: expected a word and 2 numbers, found 1 numbers"},
      {"a 1 2\nb 3 x\n", "wrong.txt, byte 6: expected a number, found 'x'"},
      {"3 2\na 1 2\nb 3 4\n", "expected 3 words, as its first line says, found 2 (truncated?)"},
      {"3 2\n", "expected 3 words, as its first line says, found 0"},
      {"", "expected word vectors, found an empty file"},
      {"a 1 2\nb 3 4\n", "rank 1 has"} // nothing to save
    };
    for (String[] example : examples) {
      Path wrong = Files.writeString(folder.resolve("wrong.txt"), example[0]);
      assertThatThrownBy(() -> factorize(wrong, RankChoice.removing(0.1), out))
          .hasMessageContaining(example[1])
          .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
    }
    Path latin =
        Files.write(
            folder.resolve("latin.txt"), new byte[] {'a', ' ', '1', '\n', (byte) 0xe9, ' ', '2'});
    assertThatThrownBy(() -> factorize(latin, RankChoice.of(1), out))
        .hasMessageContaining("latin.txt, byte 4: expected UTF-8");
    Path binary = Tables.write(folder.resolve("v.bin"), VectorWriter.Layout.BINARY);
    assertThatThrownBy(() -> factorize(binary, RankChoice.of(1), out))
        .hasMessageContaining("found word2vec's binary layout");
    Path renamed = Files.writeString(folder.resolve("plain.gz"), "a 1 2\n");
    assertThatThrownBy(() -> factorize(renamed, RankChoice.of(1), out))
        .hasMessageContaining("found other bytes than gzip's");
    assertThat(out).doesNotExist();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("wrong.txt", "latin.txt", "v.bin", "plain.gz");
    }
  }
}
