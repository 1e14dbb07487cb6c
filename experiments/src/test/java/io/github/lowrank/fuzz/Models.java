package io.github.lowrank.fuzz;

import io.github.lowrank.embedding.Codes;
import io.github.lowrank.embedding.Codewords;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FakeQuantizedWeight;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.LowRankWeight;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.embedding.QuantizationAware;
import io.github.lowrank.export.CompactFile;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Cnn;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Small SavedModels: those of Keras and TensorFlow that the framework's tests have, and ours. */
final class Models {
  private static final Path FOREIGN = Path.of("../framework/src/test/resources/foreign");
  private static final int WORDS = 41;

  private Models() {}

  /** Writes all into folders of {@code folder}. */
  static void write(Path folder) throws IOException {
    try (Stream<Path> zips = Files.list(FOREIGN)) {
      for (Path zip : zips.filter(f -> f.toString().endsWith(".zip")).sorted().toList()) {
        unpack(zip, folder.resolve(zip.getFileName().toString().replace(".zip", "")));
      }
    }
    own(folder.resolve("own-dense"), dense(8));
    own(folder.resolve("own-low-rank"), new LowRank(dense(3), matrix(3, 8)));
    own(
        folder.resolve("own-fixed-point"),
        fixedPoint(dense(8), 4, PackedCodes.Granularity.PER_ROW));
  }

  private static void unpack(Path file, Path model) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path to = model.resolve(entry.getName());
        Files.createDirectories(to.getParent());
        Files.copy(zip, to);
      }
    }
  }

  private static Dense dense(int columns) {
    float[] values = random(WORDS * columns, 1);
    java.util.Arrays.fill(values, 0, columns, 0);
    return new Dense(new Matrix(WORDS, columns, values));
  }

  private static float[] random(int length, long seed) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Compact files of all forms, with the words and with fingerprints of them. */
  static List<byte[]> compact(Path folder) throws IOException {
    own(folder.resolve("dense"), dense(8));
    own(folder.resolve("rows"), fixedPoint(dense(8), 3, PackedCodes.Granularity.PER_ROW));
    own(
        folder.resolve("low-rank"),
        new LowRank(QuantizationAware.of(dense(5).toMatrix(), 4), matrix(5, 8))
            .withWeights(w -> FakeQuantizedWeight.of(w, 8))
            .packed());
    own(folder.resolve("columns"), QuantizationAware.of(dense(8).toMatrix(), 16).packed());
    int[] codes = new Random(4).ints(2L * WORDS, 0, 4).toArray();
    for (Codewords.Join join : Codewords.Join.values()) {
      int width = join == Codewords.Join.SUMMED ? 8 : 4;
      own(
          folder.resolve("codewords-" + join),
          new Codewords(Codes.Stored.of(WORDS, 2, 4, codes), new Dense(matrix(8, width)), join, 8));
    }
    write(
        folder.resolve("lstm"),
        Classifier.initial(new Lstm(5, 0.1), new Softmax(), dense(8), 3, 3)
            .withMatrices(w -> LowRankWeight.of(w.toMatrix(), 2)));
    write(
        folder.resolve("cnn"),
        Classifier.initial(new Cnn(List.of(1, 3), 4, 0.1, 0), new Softmax(), dense(8), 3, 3));
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> models = Files.list(folder)) {
      for (Path model : models.sorted().toList()) {
        for (int bits : new int[] {CompactFile.EXACT, 16}) {
          Path file = model.resolve("model" + bits + CompactFormat.EXTENSION);
          CompactFile.write(model, file, bits, false);
          files.add(Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  private static FixedPoint fixedPoint(Dense table, int bits, PackedCodes.Granularity shared) {
    return new FixedPoint(PackedCodes.quantize(table.toMatrix(), bits, shared));
  }

  private static Matrix matrix(int rows, int columns) {
    return new Matrix(rows, columns, random(rows * columns, 2));
  }

  private static void own(Path folder, EmbeddingTable table) throws IOException {
    write(folder, Classifier.initial(new Dan(List.of(8), 0.2), new Softmax(), table, 3, 3));
  }

  private static void write(Path folder, Classifier classifier) throws IOException {
    List<String[]> words = new ArrayList<>();
    for (int i = 0; i < WORDS - 1; i++) {
      words.add(new String[] {"w" + i});
    }
    SavedModelWriter.write(
        new TextModel(
            classifier,
            Tokenizer.WORDS,
            Vocabulary.of(words),
            List.of("first", "second", "third"),
            List.of(0.5, 0.3, 0.2),
            10),
        folder);
  }
}
