package io.github.lowrank.experiments.run;

import io.github.lowrank.experiments.spec.Method;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/**
 * Candidates that fit into a number of bytes: for each width of codes the largest rank that does,
 * whatever else is in the model.
 */
public final class FitToBytes {
  /** A bound for the search: 4-bit codes in 2 % of the bytes of 300 dimensions have rank 48. */
  private static final int LARGEST = 128;

  private final List<Integer> widths;
  private final long reserved;
  private final UnaryOperator<Method> form;

  /**
   * A method that fits.
   *
   * @param rank of its table
   */
  public record Fit(Method method, int rank) {}

  /**
   * A search.
   *
   * @param widths bits of codes to try
   * @param reserved bytes for what is added to the model later
   * @param form what each candidate becomes, without a change of its size
   */
  public FitToBytes(List<Integer> widths, long reserved, UnaryOperator<Method> form) {
    this.widths = List.copyOf(widths);
    this.reserved = reserved;
    this.form = form;
  }

  /** No model is small enough. */
  public static final class NoneFitsException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long smallest;

    private NoneFitsException(long limit, long smallest) {
      super("the smallest model has %,d bytes, at most %,d are allowed".formatted(smallest, limit));
      this.smallest = smallest;
    }

    /** Bytes of the smallest model, with room for the longest model card. */
    public long smallest() {
      return smallest;
    }
  }

  /**
   * The methods whose model takes at most {@code limit} bytes.
   *
   * @throws NoneFitsException if there is none
   */
  public List<Fit> select(long limit, TrainRun.Size bytes) throws IOException {
    List<Fit> fitting = new ArrayList<>();
    long smallest = Long.MAX_VALUE;
    for (int bits : widths) {
      IntFunction<Method> ranked = rank -> form.apply(Method.ranked(rank, bits));
      long first = bytes.of(ranked.apply(1)) + reserved;
      smallest = Math.min(smallest, first);
      if (first <= limit) {
        int rank = rank(limit, ranked, bytes, first);
        fitting.add(new Fit(ranked.apply(rank), rank));
      }
    }
    if (fitting.isEmpty()) {
      throw new NoneFitsException(limit, smallest);
    }
    return fitting;
  }

  /** Sizes grow nearly linearly with the rank. */
  private int rank(long limit, IntFunction<Method> ranked, TrainRun.Size bytes, long first)
      throws IOException {
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
