package io.github.lowrank.train;

import io.github.lowrank.Eval;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.text.EncodedTexts;
import java.util.List;
import java.util.Random;

/** A small task that can be learned: the class is the group to which most words belong. */
public final class Toy {
  public static final int WORDS = 61;
  public static final int CLASSES = 3;

  private Toy() {}

  public static EncodedTexts texts(int count, long seed) {
    Random random = new Random(seed);
    int[][] ids = new int[count][];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = random.nextInt(CLASSES);
      ids[i] = new int[1 + random.nextInt(12)];
      for (int j = 0; j < ids[i].length; j++) {
        int group = random.nextInt(10) < 8 ? labels[i] : random.nextInt(CLASSES);
        ids[i][j] = 1 + group + CLASSES * random.nextInt((WORDS - 1) / CLASSES);
      }
    }
    return EncodedTexts.of(ids, labels);
  }

  public static Dense dense() {
    float[] values = Eval.random(WORDS * 10, 1);
    java.util.Arrays.fill(values, 0, 10, 0);
    return new Dense(new Matrix(WORDS, 10, values));
  }

  public static LowRank lowRank() {
    float[] values = Eval.random(WORDS * 4, 1);
    java.util.Arrays.fill(values, 0, 4, 0);
    return new LowRank(
        new Dense(new Matrix(WORDS, 4, values)), new Matrix(4, 10, Eval.random(40, 2)));
  }

  public static Classifier classifier(EmbeddingTable table) {
    return Classifier.initial(new Dan(List.of(8), 0.2), new Softmax(), table, CLASSES, 3);
  }
}
