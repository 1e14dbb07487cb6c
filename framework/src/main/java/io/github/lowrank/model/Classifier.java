package io.github.lowrank.model;

import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.linalg.Matrix;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * A text classifier's architecture and all its numbers; immutable.
 *
 * @param model what stands above the word vectors
 * @param table the word vectors
 * @param weights the model's weights by name
 * @param classes number of classes
 */
public record Classifier(
    Model model, EmbeddingTable table, Map<String, Matrix> weights, int classes) {
  public Classifier {
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }

  /** A classifier before training. */
  public static Classifier initial(Model model, EmbeddingTable table, int classes, long seed) {
    return new Classifier(
        model, table, model.initialWeights(table.dimension(), classes, new Random(seed)), classes);
  }

  /** The same with another table. */
  public Classifier withTable(EmbeddingTable other) {
    return new Classifier(model, other, weights, classes);
  }

  /**
   * Folds the {@code W_b} of a low-rank table into the linear layer behind it: {@code (W_a W_b) W =
   * W_a (W_b W)}. The result answers the same with fewer numbers and fewer products; classifiers
   * with other tables are returned as they are.
   */
  public Classifier folded() {
    Matrix following = weights.get(model.inputWeight());
    if (!(table instanceof EmbeddingTable.LowRank lowRank) || following == null) {
      return this;
    }
    Map<String, Matrix> rest = new LinkedHashMap<>(weights);
    rest.remove(model.inputWeight());
    return new Classifier(
        model,
        new EmbeddingTable.LowRank(lowRank.wa(), lowRank.wb().times(following)),
        rest,
        classes);
  }
}
