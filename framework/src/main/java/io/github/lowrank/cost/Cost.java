package io.github.lowrank.cost;

import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.model.Classifier;

/**
 * Size and work of a classifier as it is exported, counted from the shapes of its arrays.
 *
 * @param embeddingParameters numbers in the table's form
 * @param embeddingBytes bytes of the table's form
 * @param otherParameters numbers in all other weights
 * @param flopsPerSentence floating-point operations for one sentence
 */
public record Cost(
    long embeddingParameters, long embeddingBytes, long otherParameters, long flopsPerSentence) {

  /** Counts {@code classifier} for a sentence of {@code tokens} words. */
  public static Cost of(Classifier classifier, int tokens) {
    EmbeddingTable table = classifier.table();
    Classifier served = classifier.folded();
    long others = classifier.weights().values().stream().mapToLong(w -> w.size()).sum();
    long flops =
        lookupFlops(served, tokens) + 2 * served.model().multiplyAdds(served.weights(), tokens);
    return new Cost(table.parameters(), table.bytes(), others, flops);
  }

  private static long lookupFlops(Classifier served, int tokens) {
    EmbeddingTable table = served.table();
    boolean pooled = served.model().pools();
    long products = pooled ? 1 : tokens;
    if (table instanceof EmbeddingTable.LowRank lowRank) {
      return rowFlops(lowRank.wa(), tokens, pooled) + 2 * products * lowRank.wb().size();
    }
    return rowFlops(table, tokens, pooled);
  }

  /** Dense: nothing to look up; fixed point: a product and a sum per code; pooling: the same. */
  private static long rowFlops(EmbeddingTable rows, int tokens, boolean pooled) {
    long perToken = 0;
    if (rows instanceof EmbeddingTable.FixedPoint && !pooled) {
      perToken += 2L * rows.dimension();
    }
    if (pooled) {
      perToken += 2L * rows.dimension();
    }
    return perToken * tokens;
  }
}
