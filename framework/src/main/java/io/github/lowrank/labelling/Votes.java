package io.github.lowrank.labelling;

import java.util.Arrays;
import java.util.List;

/**
 * Votes for classes of texts.
 *
 * @param classes number of classes
 * @param voters each votes for one class, on the texts of its neighbourhood, and abstains elsewhere
 * @param texts row numbers of the texts that have a vote, in rising order
 * @param on for each of them the numbers of its voters
 * @param nearest for each of them the largest cosine to one of these
 */
public record Votes(int classes, List<Voter> voters, int[] texts, List<int[]> on, float[] nearest) {
  /**
   * A labelling function: the neighbourhood of an exemplar.
   *
   * @param exemplar row number
   * @param label class for which it votes
   * @param threshold its neighbours have a larger cosine
   */
  public record Voter(int exemplar, int label, double threshold) {}

  /**
   * The votes of neighbourhoods.
   *
   * @param near for each voter its nearest texts; those within its threshold count
   */
  static Votes of(int classes, List<Voter> voters, List<Neighbours.Near> near) {
    int[] within = new int[voters.size()];
    for (int j = 0; j < within.length; j++) {
      within[j] = near.get(j).within(voters.get(j).threshold());
    }
    long[] pairs = new long[Arrays.stream(within).sum()];
    int count = 0;
    for (int j = 0; j < within.length; j++) {
      for (int i = 0; i < within[j]; i++) {
        if (near.get(j).texts()[i] != voters.get(j).exemplar()) {
          pairs[count++] = (long) near.get(j).texts()[i] << 32 | j;
        }
      }
    }
    pairs = Arrays.copyOf(pairs, count);
    Arrays.sort(pairs);
    int[] texts = Arrays.stream(pairs).mapToInt(pair -> (int) (pair >> 32)).distinct().toArray();
    int[][] on = new int[texts.length][];
    for (int t = 0, start = 0; t < texts.length; t++) {
      int end = start;
      while (end < pairs.length && (int) (pairs[end] >> 32) == texts[t]) {
        end++;
      }
      on[t] = Arrays.stream(pairs, start, end).mapToInt(pair -> (int) pair).toArray();
      start = end;
    }
    float[] nearest = new float[texts.length];
    Arrays.fill(nearest, -1);
    for (int j = 0; j < within.length; j++) {
      for (int i = 0; i < within[j]; i++) {
        int t = Arrays.binarySearch(texts, near.get(j).texts()[i]);
        if (t >= 0 && texts[t] != voters.get(j).exemplar()) {
          nearest[t] = Math.max(nearest[t], near.get(j).similarities()[i]);
        }
      }
    }
    return new Votes(classes, voters, texts, List.of(on), nearest);
  }

  /** Number of votes for each class on the text at {@code place} of {@link #texts}. */
  int[] counts(int place) {
    int[] counts = new int[classes];
    for (int voter : on.get(place)) {
      counts[voters.get(voter).label()]++;
    }
    return counts;
  }
}
