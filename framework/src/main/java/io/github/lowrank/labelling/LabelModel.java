package io.github.lowrank.labelling;

import io.github.lowrank.linalg.Matrix;

/** Makes probabilities of classes from votes. */
public interface LabelModel {
  /** The probabilities for all texts that have a vote. */
  Posteriors posteriors(Votes votes, Known known);

  /**
   * Probabilities of classes.
   *
   * @param texts row numbers of the texts that have a vote
   * @param probabilities {@code [texts, classes]}; a text that the human labelled has its class
   */
  record Posteriors(int[] texts, Matrix probabilities) {
    /**
     * Makes every row sum to 1 after what the human said: a labelled text has its class, and no
     * text has a class that was rejected.
     *
     * @param scores {@code [texts, classes]}, none negative; modified
     */
    static Posteriors of(Votes votes, Known known, double[][] scores) {
      Matrix probabilities = Matrix.zeros(scores.length, votes.classes());
      for (int t = 0; t < scores.length; t++) {
        clamp(scores[t], votes.texts()[t], known);
        for (int c = 0; c < votes.classes(); c++) {
          probabilities.values()[t * votes.classes() + c] = (float) scores[t][c];
        }
      }
      return new Posteriors(votes.texts(), probabilities);
    }

    private static void clamp(double[] scores, int text, Known known) {
      double sum = 0;
      for (int c = 0; c < scores.length; c++) {
        scores[c] = known.not(text, c) ? 0 : scores[c];
        sum += scores[c];
      }
      for (int c = 0; c < scores.length; c++) {
        scores[c] = sum > 0 ? scores[c] / sum : 1.0 / scores.length; // every class was rejected
      }
    }

    /** The most likely class of the text at {@code place} of {@link #texts}. */
    public int best(int place) {
      int best = 0;
      for (int c = 1; c < probabilities.columns(); c++) {
        best = probabilities.get(place, c) > probabilities.get(place, best) ? c : best;
      }
      return best;
    }

    /** Its probability. */
    public float confidence(int place) {
      return probabilities.get(place, best(place));
    }
  }
}
