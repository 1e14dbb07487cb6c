package io.github.lowrank.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VectorTableTest {
  @TempDir Path folder;

  private record Row(String word, float[] numbers) {}

  private static List<Row> read(Path file) throws IOException {
    VectorTable table = VectorTable.open(file, Optional.empty());
    List<Row> rows = new ArrayList<>();
    table.forEach(
        block -> {
          FloatBuffer numbers = block.read();
          assertThat(numbers.remaining()).isEqualTo(block.rows() * table.columns());
          for (String word : block.words()) {
            float[] row = new float[table.columns()];
            numbers.get(row);
            rows.add(new Row(word, row));
          }
        });
    return rows;
  }

  @ParameterizedTest
  @EnumSource(VectorWriter.Layout.class)
  void whatIsWrittenIsRead(VectorWriter.Layout layout) throws IOException {
    int count = 20_000; // more than two blocks
    Random random = new Random(1);
    Path file = folder.resolve("v" + layout.suffix());
    List<float[]> expected = new ArrayList<>();
    try (VectorWriter writer = new VectorWriter(file, layout, count, 3)) {
      for (int i = 0; i < count; i++) {
        float[] row = {0, (float) random.nextGaussian(), random.nextFloat() * 1e-6f, 1e6f};
        expected.add(row);
        writer.write("wörd" + i, row, 1, 4);
      }
    }
    List<Row> rows = read(file);
    assertThat(rows).hasSize(count);
    for (int i = 0; i < count; i++) {
      assertThat(rows.get(i).word()).isEqualTo("wörd" + i);
      for (int j = 0; j < 3; j++) {
        assertThat(rows.get(i).numbers()[j]).isEqualTo(expected.get(i)[j + 1]);
      }
    }
  }

  @Test
  void wordsMayHaveBlanksButNotInTheBinaryLayout() throws IOException {
    Path file = Files.writeString(folder.resolve("v.txt"), "\uFEFFthe 1 2\r\nnew york 4 -5.5e0 \n");
    List<Row> rows = read(file);
    assertThat(rows).extracting(Row::word).containsExactly("the", "new york");
    assertThat(rows.get(1).numbers()).containsExactly(4, -5.5f);
    try (VectorWriter writer =
        new VectorWriter(folder.resolve("b"), VectorWriter.Layout.BINARY, 1, 2)) {
      assertThatThrownBy(() -> writer.write("new york", new float[2], 0, 2))
          .hasMessageContaining("the word 'new york' has a blank");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "the 1 2\ncat 1\n|line 2: expected a word and 2 numbers, found 1 numbers",
        "the 1 2\ncat 1 2 3\n|line 2: expected 2 numbers, found 3 numbers",
        "2 2\nthe 1 2\ncat 1 x\n|line 3: expected a number, found 'x'",
        "the 1 nan\n|line 1: expected a number, found 'nan'",
        "the 1 NaN\n|line 1: expected finite numbers, found NaN",
        "the 1 2e6\n|line 1: expected numbers of at most 1e6, found 2e6",
        "the 1 2000000\n|line 1: expected numbers of at most 1e6, found 2000000",
        "the 1  2\ncat 1 2\n|line 1: expected a number, found ''",
        "3 2\nthe 1 2\n|expected 3 words, as its first line says, found 1 (truncated?)",
        "|expected word vectors, found an empty file",
        "the\n|line 1: expected a word and its numbers, found 0 numbers"
      })
  void messagesNameFileAndLine(String example) throws IOException {
    int bar = example.lastIndexOf('|');
    Path file = Files.writeString(folder.resolve("v.txt"), example.substring(0, bar));
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("v.txt")
        .hasMessageContaining(example.substring(bar + 1));
  }

  /** Java's own parser is the oracle. */
  @Test
  void numbersAreTheNearestFloats() throws IOException {
    Random random = new Random(2);
    List<String> fields =
        new ArrayList<>(
            List.of(
                "-0",
                "0.",
                ".5",
                "+1",
                "-.25",
                "1e-3",
                "999999.9",
                "0.16777216",
                "0.16777217",
                "-0.0"));
    for (int i = 0; i < 200_000; i++) {
      double x = random.nextGaussian() * Math.pow(10, random.nextInt(8) - 4);
      fields.add(String.format(Locale.ROOT, "%." + random.nextInt(12) + "f", x));
      fields.add(Float.toString((float) x));
    }
    VectorLine line =
        VectorLine.of("here", "word " + String.join(" ", fields), OptionalInt.of(fields.size()));
    float[] numbers = new float[fields.size()];
    line.numbers(numbers, 0);
    for (int i = 0; i < numbers.length; i++) {
      if (Float.floatToIntBits(numbers[i])
          != Float.floatToIntBits(Float.parseFloat(fields.get(i)))) {
        assertThat(numbers[i]).as(fields.get(i)).isEqualTo(Float.parseFloat(fields.get(i)));
      }
    }
  }
}
