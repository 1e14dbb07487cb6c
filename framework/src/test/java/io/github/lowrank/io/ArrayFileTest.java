package io.github.lowrank.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.lowrank.Eval;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.embedding.PackedCodes.Granularity;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.train.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ArrayFileTest {
  @TempDir Path folder;

  private static Matrix matrix(int rows, int columns) {
    return new Matrix(rows, columns, Eval.random(rows * columns, rows));
  }

  private static FixedPoint codes(int bits, Granularity granularity) {
    return new FixedPoint(PackedCodes.quantize(matrix(9, 7), bits, granularity));
  }

  static List<EmbeddingTable> tables() {
    Matrix odd = matrix(9, 7);
    float[] values = odd.values();
    values[0] = Float.NaN;
    values[1] = Float.intBitsToFloat(0x7fc01234); // a NaN with a payload
    values[2] = Float.NEGATIVE_INFINITY;
    values[3] = -0f;
    values[4] = Float.MIN_VALUE;
    return List.of(
        new Dense(odd),
        // Longer than the buffer that floats pass through.
        new Dense(matrix(5000, 7)),
        new LowRank(new Dense(odd), matrix(7, 11)),
        codes(8, Granularity.PER_ROW),
        codes(16, Granularity.PER_TENSOR),
        codes(3, Granularity.PER_ROW),
        codes(1, Granularity.PER_TENSOR),
        new LowRank(codes(8, Granularity.PER_ROW), matrix(7, 11)),
        new LowRank(codes(3, Granularity.PER_TENSOR), matrix(7, 11)),
        new LowRank(new LowRank(codes(4, Granularity.PER_ROW), matrix(7, 8)), matrix(8, 11)));
  }

  /** The arrays of a form, as bits. */
  private static List<Object> bits(EmbeddingTable table) {
    if (table instanceof Dense d) {
      return List.of(d.values().rows(), d.values().columns(), bits(d.values().values()));
    } else if (table instanceof LowRank l) {
      List<Object> all = new ArrayList<>(bits(l.wa()));
      all.addAll(List.of(l.wb().rows(), l.wb().columns(), bits(l.wb().toMatrix().values())));
      return all;
    }
    PackedCodes c = ((FixedPoint) table).codes();
    return List.of(
        c.rows(),
        c.columns(),
        c.bits(),
        Arrays.toString(c.codes()),
        bits(c.scales()),
        bits(c.minima()));
  }

  private static String bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
    return Arrays.toString(bits);
  }

  @ParameterizedTest
  @MethodSource("tables")
  void everyFormComesBackBitForBit(EmbeddingTable table) throws IOException {
    Path file = folder.resolve("file");
    ArrayFile.write(file, "first", table);
    ArrayFile.Contents contents = ArrayFile.read(file);
    assertThat(contents.get(0, String.class)).isEqualTo("first");
    EmbeddingTable back = contents.get(1, EmbeddingTable.class);
    assertThat(back).hasSameClassAs(table);
    assertThat(bits(back)).isEqualTo(bits(table));
    // In a classifier, next to other weights.
    Classifier classifier =
        Classifier.initial(new Dan(List.of(4), 0.5), new Softmax(), table, 2, 1);
    ArrayFile.write(file, classifier.numbers());
    Classifier.Numbers numbers = ArrayFile.read(file).get(0, Classifier.Numbers.class);
    assertThat(bits(numbers.table())).isEqualTo(bits(table));
    assertThat(numbers.weights().keySet()).containsExactlyElementsOf(classifier.weights().keySet());
    classifier
        .weights()
        .forEach(
            (name, w) ->
                assertThat(bits(numbers.weights().get(name).toMatrix().values()))
                    .isEqualTo(bits(w.toMatrix().values())));
    // Equal values give equal bytes.
    byte[] once = Files.readAllBytes(file);
    ArrayFile.write(file, classifier.numbers());
    assertThat(file).hasBinaryContent(once);
  }

  @Test
  void numbersInTheRecordsComeBackToo() throws IOException {
    Map<String, Double> dev = new LinkedHashMap<>();
    dev.put("accuracy", 0.1 + 0.2);
    dev.put("other", Double.NEGATIVE_INFINITY);
    Evaluation evaluation = new Evaluation(0, Double.NaN, -0.0, dev);
    ArrayFile.write(folder.resolve("file"), evaluation, 3.5, new float[0], new byte[0]);
    ArrayFile.Contents contents = ArrayFile.read(folder.resolve("file"));
    assertThat(contents.get(0, Evaluation.class)).isEqualTo(evaluation);
    assertThat(contents.get(1, Double.class)).isEqualTo(3.5);
    assertThat(contents.get(2, float[].class)).isEmpty();
    assertThat(contents.get(3, byte[].class)).isEmpty();
  }

  private byte[] small() throws IOException {
    Path file = folder.resolve("small");
    ArrayFile.write(
        file,
        new LowRank(codes(3, Granularity.PER_ROW), new Matrix(7, 2, Eval.random(14, 1))),
        new Evaluation(1, 0.5, 0.1, Map.of("accuracy", 0.5)));
    return Files.readAllBytes(file);
  }

  private void refused(byte[] bytes, String how) throws IOException {
    Path file = Files.write(folder.resolve("damaged"), bytes);
    Throwable thrown =
        catchThrowable(
            () -> {
              ArrayFile.Contents contents = ArrayFile.read(file);
              contents.get(0, EmbeddingTable.class);
              contents.get(1, Evaluation.class);
            });
    assertThat(thrown).as(how).isInstanceOf(IOException.class);
    assertThat(thrown.getMessage()).as(how).contains("damaged").doesNotContain("\n");
  }

  @Test
  @Timeout(60)
  void everyFlippedByteIsFound() throws IOException {
    byte[] whole = small();
    for (int i = 0; i < whole.length; i++) {
      for (int mask : new int[] {0x01, 0x05, 0x80, 0xff}) {
        byte[] changed = whole.clone();
        changed[i] ^= (byte) mask;
        refused(changed, "byte %d of %d xor %x".formatted(i, whole.length, mask));
      }
    }
  }

  @Test
  @Timeout(60)
  void everyTruncationIsFound() throws IOException {
    byte[] whole = small();
    for (int length = 0; length < whole.length; length++) {
      refused(Arrays.copyOf(whole, length), "%d of %d bytes".formatted(length, whole.length));
    }
    refused(Arrays.copyOf(whole, whole.length + 1), "one byte more");
    byte[] twice = Arrays.copyOf(whole, 2 * whole.length);
    System.arraycopy(whole, 0, twice, whole.length, whole.length);
    refused(twice, "twice");
  }

  @Test
  @Timeout(60)
  void lengthsAreNotBelieved() throws IOException {
    byte[] whole = small();
    int json = 8 + 4 + java.nio.ByteBuffer.wrap(whole).getInt(8);
    for (int width : new int[] {0, 1, 4, 127, -1, -128}) {
      for (int count : new int[] {0, 1, 1 << 20, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
        byte[] changed = whole.clone();
        java.nio.ByteBuffer.wrap(changed).put(json, (byte) width).putInt(json + 1, count);
        refused(changed, "array of %d elements of %d bytes".formatted(count, width));
      }
    }
  }

  @Test
  void referencesToArraysThatAreNotThereAreNamed() throws IOException {
    Path file = folder.resolve("file");
    for (int array : new int[] {0, 7, -1}) {
      ArrayFile.write(file, Map.of("array", array));
      ArrayFile.Contents contents = ArrayFile.read(file);
      assertThatThrownBy(() -> contents.get(0, float[].class))
          .isInstanceOf(IOException.class)
          .hasMessage(file + ": expected one of 0 arrays, found " + array);
    }
  }

  @Test
  void anotherKindOfRecordIsExplained() throws IOException {
    Path file = folder.resolve("file");
    ArrayFile.write(file, new Evaluation(1, 0.5, 0.1, Map.of()));
    ArrayFile.Contents contents = ArrayFile.read(file);
    assertThatThrownBy(() -> contents.get(0, EmbeddingTable.class))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .extracting(Throwable::getMessage)
        .asString()
        .doesNotContain("\n");
    assertThatThrownBy(() -> contents.get(1, Evaluation.class))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
  }
}
