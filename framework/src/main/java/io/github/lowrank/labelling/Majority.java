package io.github.lowrank.labelling;

/**
 * The share of votes for each class, and a quarter of a vote more, spread evenly over the classes,
 * so that a vote alone is not taken for certain:
 *
 * <pre>
 * q(c) = (votes for c + 1 / (4 C)) / (votes + 1 / 4)
 * </pre>
 */
public record Majority() implements LabelModel {
  private static final double SPREAD = 0.25;

  @Override
  public Posteriors posteriors(Votes votes, Known known) {
    double[][] scores = new double[votes.texts().length][votes.classes()];
    for (int t = 0; t < scores.length; t++) {
      int[] counts = votes.counts(t);
      for (int c = 0; c < counts.length; c++) {
        scores[t][c] = counts[c] + SPREAD / votes.classes();
      }
    }
    return Posteriors.of(votes, known, scores);
  }
}
