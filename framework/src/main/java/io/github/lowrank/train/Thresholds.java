package io.github.lowrank.train;

import io.github.lowrank.text.EncodedTexts;
import java.util.Arrays;

/**
 * From which score on a label is an answer, where texts may have any number of labels: with the
 * highest F1 over all answers and labels.
 *
 * <pre>
 * F1 = 2 right / (answers + labels)
 * </pre>
 */
public final class Thresholds {
  private Thresholds() {}

  /**
   * The best threshold.
   *
   * @param score from which on a label is an answer
   * @param f1 that it gives, in [0, 1]
   */
  public record Best(double score, double f1) {}

  /** The score from which on answers give the highest F1, between two neighbours. */
  public static Best best(float[][] scores, EncodedTexts texts) {
    int classes = scores.length == 0 ? 0 : scores[0].length;
    long labels = 0;
    long[] order = new long[scores.length * classes]; // the score's bits, then whether it is right
    for (int i = 0; i < scores.length; i++) {
      labels += texts.classes(i).length;
      for (int c = 0; c < classes; c++) {
        int bits = Float.floatToIntBits(scores[i][c]);
        int sortable = bits ^ (bits >> 31 & Integer.MAX_VALUE);
        order[i * classes + c] = (long) sortable << 1 | (texts.has(i, c) ? 1 : 0);
      }
    }
    Arrays.sort(order);
    long right = 0;
    double best = 0;
    double chosen = 0;
    for (int i = order.length - 1; i >= 0; i--) {
      right += order[i] & 1;
      double f1 = 2.0 * right / (order.length - i + labels);
      if (f1 > best && (i == 0 || order[i] >> 1 != order[i - 1] >> 1)) {
        best = f1;
        double score = score(order[i]);
        chosen = i == 0 ? score : (score + score(order[i - 1])) / 2;
      }
    }
    return new Best(chosen, best);
  }

  private static double score(long place) {
    int sortable = (int) (place >> 1);
    return Float.intBitsToFloat(sortable ^ (sortable >> 31 & Integer.MAX_VALUE));
  }
}
