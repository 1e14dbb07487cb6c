package io.github.lowrank.train;

import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Model;
import io.github.lowrank.op.TensorBundle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Classifiers as named arrays of a {@link TensorBundle}. */
public final class ClassifierBundle {
  private static final long DENSE = 0;
  private static final long LOW_RANK = 1;
  private static final long FIXED_POINT = 2;

  private ClassifierBundle() {}

  /** Adds {@code classifier} to {@code bundle} under names that begin with {@code prefix}. */
  public static void put(TensorBundle bundle, String prefix, Classifier classifier) {
    putTable(bundle, prefix + "table", classifier.table());
    classifier
        .weights()
        .forEach((name, matrix) -> putMatrix(bundle, prefix + "weights/" + name, matrix));
  }

  private static void putMatrix(TensorBundle bundle, String name, Matrix matrix) {
    bundle.put(name, matrix.values(), matrix.rows(), matrix.columns());
    bundle.put(name + "/shape", new long[] {matrix.rows(), matrix.columns()}, 2);
  }

  private static void putTable(TensorBundle bundle, String name, EmbeddingTable table) {
    if (table instanceof EmbeddingTable.Dense dense) {
      bundle.put(name + "/form", new long[] {DENSE}, 1);
      putMatrix(bundle, name, dense.values());
    } else if (table instanceof EmbeddingTable.LowRank lowRank) {
      bundle.put(name + "/form", new long[] {LOW_RANK}, 1);
      putTable(bundle, name + "/wa", lowRank.wa());
      putMatrix(bundle, name + "/wb", lowRank.wb());
    } else if (table instanceof EmbeddingTable.FixedPoint fixed) {
      PackedCodes p = fixed.codes();
      bundle.put(name + "/form", new long[] {FIXED_POINT}, 1);
      bundle.put(name + "/layout", new long[] {p.rows(), p.columns(), p.bits()}, 3);
      bundle.put(name + "/codes", p.codes(), p.codes().length);
      bundle.put(name + "/scales", p.scales(), p.scales().length);
      bundle.put(name + "/minima", p.minima(), p.minima().length);
    }
  }

  /** The classifier that {@link #put} saved; {@code model} and {@code classes} as it had. */
  public static Classifier get(
      TensorBundle.Loaded bundle, String prefix, Model model, int classes) {
    EmbeddingTable table = table(bundle, prefix + "table");
    Map<String, Matrix> weights = new LinkedHashMap<>();
    for (String name : model.initialWeights(1, classes, new Random(0)).keySet()) {
      weights.put(name, matrix(bundle, prefix + "weights/" + name));
    }
    return new Classifier(model, table, weights, classes);
  }

  private static Matrix matrix(TensorBundle.Loaded bundle, String name) {
    long[] shape = bundle.longs(name + "/shape");
    return new Matrix((int) shape[0], (int) shape[1], bundle.floats(name));
  }

  private static EmbeddingTable table(TensorBundle.Loaded bundle, String name) {
    long form = bundle.longs(name + "/form")[0];
    if (form == DENSE) {
      return new EmbeddingTable.Dense(matrix(bundle, name));
    } else if (form == LOW_RANK) {
      return new EmbeddingTable.LowRank(table(bundle, name + "/wa"), matrix(bundle, name + "/wb"));
    }
    long[] layout = bundle.longs(name + "/layout");
    return new EmbeddingTable.FixedPoint(
        new PackedCodes(
            (int) layout[0],
            (int) layout[1],
            (int) layout[2],
            bundle.bytes(name + "/codes"),
            bundle.floats(name + "/scales"),
            bundle.floats(name + "/minima")));
  }
}
