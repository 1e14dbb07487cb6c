package io.github.lowrank.cost;

import io.github.lowrank.embedding.Weight;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Encoder;
import java.util.Map;

/**
 * Size and cost of a classifier in its exported form, counted from the shapes of its arrays.
 *
 * @param embeddingParameters numbers that the table's form stores
 * @param embeddingBytes bytes that the table's form stores
 * @param otherParameters numbers in all other weights
 * @param flopsPerSentence floating-point operations for one sentence
 */
public record Cost(
    long embeddingParameters, long embeddingBytes, long otherParameters, long flopsPerSentence) {

  /** Counts {@code classifier} for a sentence of {@code tokens} words. */
  public static Cost of(Classifier classifier, int tokens) {
    Classifier served = classifier.folded();
    Encoder encoder = served.encoder();
    Map<String, Matrix> weights = served.matrices();
    long projection = encoder.inputWeight().map(name -> weights.get(name).size()).orElse(0L);
    long multiplyAdds =
        projection * (encoder.pools() ? 1 : tokens)
            + encoder.multiplyAdds(weights, tokens)
            + served.head().multiplyAdds(weights);
    return new Cost(
        classifier.table().parameters(),
        classifier.table().bytes(),
        classifier.weights().values().stream().mapToLong(Weight::parameters).sum(),
        served.table().lookupFlops(tokens, encoder.pools()) + 2 * multiplyAdds);
  }
}
