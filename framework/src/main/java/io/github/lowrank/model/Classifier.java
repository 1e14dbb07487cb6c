package io.github.lowrank.model;

import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FloatWeight;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.linalg.Matrix;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A text classifier's architecture and all its values; immutable.
 *
 * @param encoder from words to a vector
 * @param head from the vector to scores
 * @param table the word vectors
 * @param weights weights of encoder and head, and the head's state, by name
 * @param classes number of classes
 */
public record Classifier(
    Encoder encoder, Head head, EmbeddingTable table, Map<String, Weight> weights, int classes) {
  public Classifier {
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }

  /**
   * All values of a classifier, without its architecture.
   *
   * @param table the word vectors
   * @param weights weights and state, by name
   */
  public record Numbers(EmbeddingTable table, Map<String, Weight> weights) {}

  /** A classifier before training. */
  public static Classifier initial(
      Encoder encoder, Head head, EmbeddingTable table, int classes, long seed) {
    Random random = new Random(seed);
    int width = encoder.width(table.dimension());
    Map<String, Matrix> initial =
        new LinkedHashMap<>(encoder.initialWeights(table.dimension(), random));
    initial.putAll(head.initialWeights(width, classes, random));
    initial.putAll(head.initialState(width, classes));
    return new Classifier(encoder, head, table, FloatWeight.all(initial), classes);
  }

  /** This classifier with another table. */
  public Classifier withTable(EmbeddingTable other) {
    return new Classifier(encoder, head, other, weights, classes);
  }

  /** This classifier with another head of the same weights. */
  public Classifier withHead(Head other) {
    return new Classifier(encoder, other, table, weights, classes);
  }

  /**
   * This classifier with the matrices of encoder and head in another form; vectors and the head's
   * state stay.
   */
  public Classifier withMatrices(UnaryOperator<Weight> form) {
    Set<String> state = head.initialState(width(), classes).keySet();
    Map<String, Weight> changed = new LinkedHashMap<>(weights);
    changed.replaceAll(
        (name, weight) -> weight.rows() == 1 || state.contains(name) ? weight : form.apply(weight));
    return new Classifier(encoder, head, table, changed, classes);
  }

  /** This classifier as it is stored: without what only training needs. */
  public Classifier packed() {
    return withTable(table.packed()).withMatrices(Weight::packed);
  }

  /** Bytes of all its numbers. */
  public long bytes() {
    return table.bytes() + weights.values().stream().mapToLong(Weight::bytes).sum();
  }

  /** The numbers that its weights stand for, by name. */
  public Map<String, Matrix> matrices() {
    Map<String, Matrix> matrices = new LinkedHashMap<>();
    weights.forEach((name, weight) -> matrices.put(name, weight.toMatrix()));
    return matrices;
  }

  /** This architecture with other values. */
  public Classifier with(Numbers numbers) {
    return new Classifier(encoder, head, numbers.table(), numbers.weights(), classes);
  }

  /** The values. */
  public Numbers numbers() {
    return new Numbers(table, weights);
  }

  /** Length of the encoder's vector. */
  public int width() {
    return encoder.width(table.dimension());
  }

  /**
   * Folds the table and the linear layer after it into one if the table's form allows it: {@code
   * (W_a W_b) W = W_a (W_b W)}. The result gives the same answers with fewer parameters and fewer
   * multiplications; other classifiers are returned unchanged.
   */
  public Classifier folded() {
    Optional<EmbeddingTable> folded =
        encoder.inputWeight().map(weights::get).flatMap(table::folded);
    if (folded.isEmpty()) {
      return this;
    }
    Map<String, Weight> rest = new LinkedHashMap<>(weights);
    rest.remove(encoder.inputWeight().get());
    return new Classifier(new Folded(encoder, width()), head, folded.get(), rest, classes);
  }

  /** An encoder whose input layer is part of the table. */
  private record Folded(Encoder encoder, int width) implements Encoder {
    @Override
    public String name() {
      return encoder.name();
    }

    @Override
    public int width(int dimension) {
      return width;
    }

    @Override
    public Map<String, Matrix> initialWeights(int dimension, Random random) {
      throw new UnsupportedOperationException("a folded classifier cannot be trained");
    }

    @Override
    public Operand<TFloat32> encode(
        Ops tf,
        WordLayer words,
        Map<String, Operand<TFloat32>> weights,
        Operand<TInt32> ids,
        Dropout dropout) {
      return encoder.encode(tf, words, weights, ids, dropout);
    }

    @Override
    public boolean pools() {
      return encoder.pools();
    }

    @Override
    public long multiplyAdds(Map<String, Matrix> weights, int tokens) {
      return encoder.multiplyAdds(weights, tokens);
    }
  }
}
