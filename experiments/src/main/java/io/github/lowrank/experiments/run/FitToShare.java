package io.github.lowrank.experiments.run;

import io.github.lowrank.experiments.spec.Method;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/**
 * Candidates whose folder takes a share of the uncompressed model's: for each width of codes the
 * largest rank that fits, whatever else is in the folder. Dev chooses among them.
 */
public final class FitToShare implements TrainRun.Candidates {
  private static final int[] BITS = {8, 4, 2};

  /** A bound for the search: 4-bit codes in 2 % of the bytes of 300 dimensions have rank 48. */
  private static final int LARGEST = 128;

  private final double share;
  private final long reserved;
  private final UnaryOperator<Method> form;
  private long limit = Long.MAX_VALUE;

  /**
   * A share of the first method's model.
   *
   * @param share in (0, 1)
   * @param reserved bytes for what is added to the folder later
   * @param form what each candidate becomes, without a change of its size
   */
  public FitToShare(double share, long reserved, UnaryOperator<Method> form) {
    this.share = share;
    this.reserved = reserved;
    this.form = form;
  }

  /** The largest folder; known once the candidates have been selected. */
  public long limit() {
    return limit;
  }

  /**
   * The methods that fit.
   *
   * @throws IOException that says how small the smallest model is, if none fits
   */
  @Override
  public List<Method> select(List<Method> methods, TrainRun.Size bytes) throws IOException {
    long whole = bytes.of(methods.get(0));
    limit = (long) (share * whole);
    List<Method> fitting = new ArrayList<>();
    long smallest = Long.MAX_VALUE;
    for (int bits : BITS) {
      IntFunction<Method> ranked = rank -> form.apply(Method.ranked(rank, bits));
      long first = bytes.of(ranked.apply(1)) + reserved;
      smallest = Math.min(smallest, first);
      if (first <= limit) {
        fitting.add(ranked.apply(rank(ranked, bytes, first)));
      }
    }
    if (fitting.isEmpty()) {
      throw new IOException(
          "a folder of at most %,d bytes, of the uncompressed model's %,d, cannot be met: the smallest has %,d bytes (%.2f %%), with room for the longest model card; name a larger share, or fewer words (--max-words) where they are many"
              .formatted(limit, whole, smallest, Math.ceil(1e4 * smallest / whole) / 100));
    }
    return fitting;
  }

  /** Sizes grow nearly linearly with the rank. */
  private int rank(IntFunction<Method> ranked, TrainRun.Size bytes, long first) throws IOException {
    int far = 17;
    double slope = Math.max(1.0, (bytes.of(ranked.apply(far)) + reserved - first) / (far - 1.0));
    int rank = (int) Math.min(LARGEST, 1 + (limit - first) / slope);
    while (rank > 1 && bytes.of(ranked.apply(rank)) + reserved > limit) {
      rank--;
    }
    while (rank < LARGEST && bytes.of(ranked.apply(rank + 1)) + reserved <= limit) {
      rank++;
    }
    return rank;
  }
}
