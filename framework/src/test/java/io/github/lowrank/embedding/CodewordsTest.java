package io.github.lowrank.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.embedding.Codewords.Join;
import io.github.lowrank.io.ArrayFile;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Tables of codewords. Their lookups are in {@link EmbeddingLayerTest}. */
class CodewordsTest {
  private static final int V = 9;
  private static final int D = 13;
  private static final int[][] IDS = {{1, 8, 1, 3}, {2, 3, 4, 5}};
  private static final float[][] WEIGHTS = {{0.25f, 0.5f, 0.25f, 0}, {0.5f, 1, 2, -1}};

  static Codewords concatenated(int parts, int perPart, int dimension) {
    int width = (dimension + parts - 1) / parts;
    return new Codewords(
        stored(parts, perPart),
        new Dense(new Matrix(parts * perPart, width, Eval.random(parts * perPart * width, 4))),
        Join.CONCATENATED,
        dimension);
  }

  static Codewords summed(Codes codes, int dimension) {
    Matrix words = new Matrix(codes.words(), dimension, Eval.random(codes.words() * dimension, 5));
    return new Codewords(codes, new Dense(words), Join.SUMMED, dimension);
  }

  static Codes stored(int parts, int perPart) {
    int[] codes = new int[V * parts];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (i * 7 + i / 5) % perPart;
    }
    return Codes.Stored.of(V, parts, perPart, codes);
  }

  static List<Codewords> tables() {
    return List.of(
        concatenated(4, 3, D),
        concatenated(13, 16, D),
        summed(stored(3, 5), D),
        summed(stored(1, 7), D),
        summed(new Codes.Hashed(V, 2, 5), D));
  }

  /** By hand: blocks side by side, sums. */
  @Test
  void rowsAreMadeOfTheirCodewords() {
    Codes codes = Codes.Stored.of(2, 2, 2, new int[] {0, 1, 1, 0});
    Matrix words = new Matrix(4, 2, new float[] {1, 2, 3, 4, 5, 6, 7, 8});
    assertThat(new Codewords(codes, new Dense(words), Join.CONCATENATED, 3).toMatrix().values())
        .containsExactly(1, 2, 7, 3, 4, 5);
    assertThat(new Codewords(codes, new Dense(words), Join.SUMMED, 2).toMatrix().values())
        .containsExactly(8, 10, 8, 10);
  }

  /** 3-bit codes lie in 2 + 1 bits; a single code in one byte. */
  @Test
  void bytesAreThoseOfCodesAndCodewords() {
    assertThat(concatenated(4, 16, 12).bytes()).isEqualTo(V * 2 + 4 * 16 * 3 * 4);
    assertThat(concatenated(8, 8, 16).bytes()).isEqualTo(V * 3 + 8 * 8 * 2 * 4);
    assertThat(summed(stored(1, 7), D).bytes()).isEqualTo(V + 7 * D * 4);
    assertThat(summed(stored(1, 300), D).bytes()).isEqualTo(V * 2 + 300 * D * 4);
    Codewords hashed = summed(new Codes.Hashed(V, 2, 5), D);
    assertThat(hashed.bytes()).isEqualTo(5 * D * 4);
    EmbeddingTable small = hashed.withRows(words -> QuantizationAware.of(words, 8)).packed();
    assertThat(small.bytes()).isEqualTo(5 * D + (2 + D) * 4);
    assertThat(small.columns()).containsEntry("codes", 2).containsEntry("bits", 8);
  }

  @Test
  void hashesSpreadAndDiffer() {
    Codes codes = new Codes.Hashed(10_000, 2, 100);
    int[] counts = new int[100];
    Set<Integer> pairs = new HashSet<>();
    for (int r = 0; r < 10_000; r++) {
      counts[codes.word(r, 0)]++;
      pairs.add(codes.word(r, 0) * 100 + codes.word(r, 1));
    }
    for (int count : counts) {
      assertThat(count).isBetween(50, 200);
    }
    // Of 10,000 draws among 10,000 pairs 6,321 differ in the mean.
    assertThat(pairs).hasSizeGreaterThan(5000);
  }

  /** The gradient of a weighted sum of rows or bags by the codewords, in plain Java. */
  @ParameterizedTest
  @MethodSource("tables")
  void gradientsReachTheCodewords(Codewords table) {
    for (boolean pooled : new boolean[] {false, true}) {
      float[] g = Eval.random((pooled ? 2 : 8) * D, 6);
      List<float[]> out =
          Eval.floats(
              b -> {
                EmbeddingLayer layer = table.layer(b.tf, b.variables, "embedding");
                initialize(b, layer);
                Operand<TInt32> ids = b.tf.constant(IDS);
                Operand<TFloat32> y =
                    pooled ? layer.bag(b.tf, ids, b.tf.constant(WEIGHTS)) : layer.rows(b.tf, ids);
                Gradients gradients =
                    b.tf.gradients(loss(b, y, g), List.of(layer.tables().get(0).handle()));
                SparseRows rows = SparseRows.of(gradients.dy(0));
                return List.of(b.tf.dtypes.cast(rows.ids(), TFloat32.class), rows.rows());
              });
      int width = table.words().dimension();
      float[] expected = new float[table.codes().words() * width];
      for (int i = 0; i < 8; i++) {
        for (int p = 0; p < table.codes().parts(); p++) {
          int word = table.codes().word(IDS[i / 4][i % 4], p);
          int start = table.join() == Join.SUMMED ? 0 : p * width;
          for (int j = 0; j < Math.min(width, D - start); j++) {
            expected[word * width + j] +=
                pooled ? WEIGHTS[i / 4][i % 4] * g[i / 4 * D + start + j] : g[i * D + start + j];
          }
        }
      }
      float[] found = new float[expected.length];
      for (int i = 0; i < out.get(0).length; i++) {
        System.arraycopy(out.get(1), i * width, found, (int) out.get(0)[i] * width, width);
      }
      assertThat(found).usingComparatorWithPrecision(1e-4f).containsExactly(expected);
    }
  }

  /** With a hot softmax the straight-through gradients against finite differences of s values. */
  @Test
  void learnedCodesPassTheSoftmaxGradient() {
    Matrix queries = new Matrix(V, 5, Eval.random(V * 5, 1));
    Matrix keys = new Matrix(6, 3, Eval.random(18, 2));
    Matrix values = new Matrix(6, 3, Eval.random(18, 3));
    LearnedCodes table = new LearnedCodes(queries, keys, values, 2, 2);
    float[] g = Eval.random(8 * 5, 6);
    List<float[]> out =
        Eval.floats(
            b -> {
              EmbeddingLayer layer = table.layer(b.tf, b.variables, "embedding");
              initialize(b, layer);
              Operand<TFloat32> y = layer.rows(b.tf, b.tf.constant(IDS));
              List<Operand<?>> by = new ArrayList<>(List.of(layer.tables().get(0).handle()));
              layer.parameters().stream().map(Parameter::value).forEach(by::add);
              Gradients gradients = b.tf.gradients(loss(b, y, g), by);
              SparseRows rows = SparseRows.of(gradients.dy(0));
              return List.of(
                  b.tf.dtypes.cast(rows.ids(), TFloat32.class),
                  rows.rows(),
                  gradients.<TFloat32>dy(1),
                  gradients.<TFloat32>dy(2));
            });
    float[] byQueries = new float[V * 5];
    for (int i = 0; i < out.get(0).length; i++) {
      System.arraycopy(out.get(1), i * 5, byQueries, (int) out.get(0)[i] * 5, 5);
    }
    assertGradient(queries.values(), byQueries, () -> soft(queries, keys, values, g));
    assertGradient(keys.values(), out.get(2), () -> soft(queries, keys, values, g));
    // By the values: of what is looked up, the hard choice.
    assertGradient(values.values(), out.get(3), () -> hard(table, g));
  }

  private static void assertGradient(
      float[] numbers, float[] gradient, java.util.function.DoubleSupplier loss) {
    assertThat(gradient).hasSameSizeAs(numbers);
    for (int i = 0; i < numbers.length; i++) {
      float was = numbers[i];
      numbers[i] = was + 1e-2f;
      double more = loss.getAsDouble();
      numbers[i] = was - 1e-2f;
      double less = loss.getAsDouble();
      numbers[i] = was;
      assertThat((double) gradient[i]).as("%d", i).isCloseTo((more - less) / 2e-2, within(2e-3));
    }
  }

  private static double hard(LearnedCodes table, float[] g) {
    Matrix rows = table.toMatrix();
    double sum = 0;
    for (int i = 0; i < 8 * 5; i++) {
      sum += g[i] * rows.get(IDS[i / 20][i / 5 % 4], i % 5);
    }
    return sum;
  }

  /** The loss with the softmax in place of its largest: 2 blocks of 3 keys, temperature 2. */
  private static double soft(Matrix queries, Matrix keys, Matrix values, float[] g) {
    double sum = 0;
    for (int i = 0; i < 8; i++) {
      int row = IDS[i / 4][i % 4];
      for (int p = 0; p < 2; p++) {
        double all = 0;
        double weighted = 0;
        for (int k = 3 * p; k < 3 * p + 3; k++) {
          double distance = 0;
          double product = 0;
          for (int j = 0; j < 3; j++) {
            boolean padding = 3 * p + j == 5;
            double difference = (padding ? 0 : queries.get(row, 3 * p + j)) - keys.get(k, j);
            distance += difference * difference;
            product += padding ? 0 : g[i * 5 + 3 * p + j] * values.get(k, j);
          }
          all += Math.exp(-distance / 2);
          weighted += Math.exp(-distance / 2) * product;
        }
        sum += weighted / all;
      }
    }
    return sum;
  }

  private static Operand<TFloat32> loss(Eval.Build b, Operand<TFloat32> y, float[] g) {
    return b.tf.reduceSum(
        b.tf.math.mul(b.tf.reshape(y, b.tf.array(-1)), b.tf.constant(g)), b.tf.constant(0));
  }

  private static void initialize(Eval.Build b, EmbeddingLayer layer) {
    b.initializers.add(
        s -> {
          try (Variables.Assignment assignment = b.variables.assignment(s)) {
            layer.initialize(assignment);
            assignment.run();
          }
        });
  }

  @Test
  void learnedCodesBeginAtProductQuantizationAndPackToIt() {
    Matrix table = new Matrix(50, 7, Eval.random(350, 2));
    LearnedCodes learned = LearnedCodes.of(table, 3, 4);
    EmbeddingTable packed = learned.packed();
    assertThat(packed.bytes()).isEqualTo(learned.bytes()).isEqualTo(50 + 3 * 4 * 3 * 4);
    assertThat(packed.parameters()).isEqualTo(learned.parameters());
    double error = 0;
    for (int i = 0; i < 350; i++) {
      error += Math.pow(packed.toMatrix().values()[i] - table.values()[i], 2);
    }
    assertThat((double) learned.temperature()).isCloseTo(error / 150, within(1e-5));
  }

  @TempDir Path folder;

  @Test
  void filesHoldThem() throws IOException {
    List<EmbeddingTable> all = new ArrayList<>(tables());
    all.add(LearnedCodes.of(new Matrix(50, 7, Eval.random(350, 2)), 3, 4));
    all.add(tables().get(0).withRows(words -> QuantizationAware.of(words, 8)).packed());
    for (EmbeddingTable table : all) {
      Path file = folder.resolve("table");
      ArrayFile.write(file, table);
      EmbeddingTable read = ArrayFile.read(file).get(0, EmbeddingTable.class);
      assertThat(read).isInstanceOf(table.getClass());
      assertThat(read.toMatrix().values()).containsExactly(table.toMatrix().values());
      assertThat(read.columns()).isEqualTo(table.columns());
    }
  }

  /** What a graph of the table stores is what it claims. */
  @ParameterizedTest
  @MethodSource("tables")
  void variablesTakeTheBytesItClaims(Codewords table) {
    Eval.floats(
        b -> {
          table.layer(b.tf, b.variables, "embedding");
          long bytes = 0;
          for (Variable v : b.variables.all()) {
            bytes += v.size() * (v.type() == TFloat32.class ? 4 : 1);
          }
          assertThat(bytes).isEqualTo(table.bytes());
          return List.of(b.tf.constant(0f));
        });
  }

  @ParameterizedTest
  @CsvSource({"CONCATENATED, 13", "CONCATENATED, 10", "SUMMED, 3"})
  void mistakesAreTold(Join join, int dimension) {
    Dense words = new Dense(Matrix.zeros(12, 3));
    boolean wrongRows = join == Join.SUMMED;
    Codes codes = wrongRows ? stored(4, 4) : stored(4, 3);
    if (dimension == 10) {
      assertThat(new Codewords(codes, words, join, dimension).dimension()).isEqualTo(10);
      return;
    }
    assertThatThrownBy(() -> new Codewords(codes, words, join, dimension))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found 12 x 3");
  }
}
