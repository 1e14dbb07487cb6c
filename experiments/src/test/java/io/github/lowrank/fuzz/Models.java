package io.github.lowrank.fuzz;

import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
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
    own(folder.resolve("own-low-rank"), new LowRank(dense(3), new Matrix(3, 8, random(3 * 8, 2))));
    own(
        folder.resolve("own-fixed-point"),
        new FixedPoint(
            PackedCodes.quantize(dense(8).toMatrix(), 4, PackedCodes.Granularity.PER_ROW)));
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

  private static void own(Path folder, EmbeddingTable table) throws IOException {
    List<String[]> words = new ArrayList<>();
    for (int i = 0; i < WORDS - 1; i++) {
      words.add(new String[] {"w" + i});
    }
    SavedModelWriter.write(
        new TextModel(
            Classifier.initial(new Dan(List.of(8), 0.2), new Softmax(), table, 3, 3),
            Tokenizer.WORDS,
            Vocabulary.of(words),
            List.of("first", "second", "third"),
            List.of(0.5, 0.3, 0.2),
            10),
        folder);
  }
}
