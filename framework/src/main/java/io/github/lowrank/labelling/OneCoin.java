package io.github.lowrank.labelling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A label model with one number per voter, the probability that its vote is right; a wrong vote is
 * for any other class alike. Votes are independent given the class. Dawid and Skene (1979) with one
 * coin per voter, as in data programming (Ratner et al., <a
 * href="https://arxiv.org/abs/1605.07723">2016</a>), learned by EM:
 *
 * <pre>
 * E: q_i(c) ~ pi_c prod_j [a_j if j votes c, else (1 - a_j) / (C - 1)], over the voters of text i
 * M: a_j = (sum_i q_i(vote_j) + 6) / (n_j + 8) within [0.3, 0.97],  pi_c = (sum_i q_i(c) + 1) / (n + C)
 * </pre>
 *
 * <p>The numbers added are those of a prior, so EM never lowers the likelihood times that prior.
 * Texts labelled by the human keep their class.
 *
 * @param rounds number of rounds
 */
public record OneCoin(int rounds) implements LabelModel {
  private static final double STRENGTH = 8;
  private static final double EXPECTED = 0.75;
  private static final double LEAST = 0.3;
  private static final double MOST = 0.97;

  /**
   * What was learned.
   *
   * @param accuracies a, {@code [voters]}
   * @param prior pi, {@code [classes]}
   * @param posteriors q, {@code [texts, classes]}
   * @param objective after each round the logarithm of likelihood times prior, but for a constant
   */
  record Fit(double[] accuracies, double[] prior, double[][] posteriors, List<Double> objective) {}

  @Override
  public Posteriors posteriors(Votes votes, Known known) {
    return Posteriors.of(votes, known, fit(votes, known).posteriors);
  }

  Fit fit(Votes votes, Known known) {
    int classes = votes.classes();
    double[] accuracies = new double[votes.voters().size()];
    Arrays.fill(accuracies, EXPECTED);
    double[] prior = new double[classes];
    Arrays.fill(prior, 1.0 / classes);
    double[][] q = new double[votes.texts().length][];
    List<Double> objective = new ArrayList<>();
    for (int round = 0; round <= rounds; round++) {
      double sum = penalty(accuracies, prior);
      for (int t = 0; t < q.length; t++) {
        q[t] = new double[classes];
        sum += expect(votes, known, t, accuracies, prior, q[t]);
      }
      objective.add(sum);
      if (round < rounds) {
        maximize(votes, q, accuracies, prior);
      }
    }
    return new Fit(accuracies, prior, q, objective);
  }

  /** Fills in the probabilities of a text's classes; returns the logarithm of its likelihood. */
  private static double expect(
      Votes votes, Known known, int t, double[] accuracies, double[] prior, double[] q) {
    int classes = q.length;
    double wrong = 0;
    for (int c = 0; c < classes; c++) {
      q[c] = Math.log(prior[c]);
    }
    for (int j : votes.on().get(t)) {
      double other = Math.log((1 - accuracies[j]) / (classes - 1));
      wrong += other;
      q[votes.voters().get(j).label()] += Math.log(accuracies[j]) - other;
    }
    int text = votes.texts()[t];
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      q[c] = known.not(text, c) ? Double.NEGATIVE_INFINITY : q[c];
      largest = Math.max(largest, q[c]);
    }
    double sum = 0;
    for (int c = 0; c < classes && largest > Double.NEGATIVE_INFINITY; c++) {
      q[c] = Math.exp(q[c] - largest);
      sum += q[c];
    }
    if (sum == 0) { // every class was rejected: the text says nothing
      Arrays.fill(q, 1.0 / classes);
      return 0;
    }
    for (int c = 0; c < classes; c++) {
      q[c] /= sum;
    }
    return wrong + largest + Math.log(sum);
  }

  private static void maximize(Votes votes, double[][] q, double[] accuracies, double[] prior) {
    double[] right = new double[accuracies.length];
    int[] count = new int[accuracies.length];
    Arrays.fill(prior, 1.0 / (q.length + prior.length));
    for (int t = 0; t < q.length; t++) {
      for (int j : votes.on().get(t)) {
        right[j] += q[t][votes.voters().get(j).label()];
        count[j]++;
      }
      for (int c = 0; c < prior.length; c++) {
        prior[c] += q[t][c] / (q.length + prior.length);
      }
    }
    for (int j = 0; j < accuracies.length; j++) {
      double a = (right[j] + STRENGTH * EXPECTED) / (count[j] + STRENGTH);
      accuracies[j] = Math.min(MOST, Math.max(LEAST, a));
    }
  }

  private static double penalty(double[] accuracies, double[] prior) {
    double sum = 0;
    for (double a : accuracies) {
      sum += STRENGTH * (EXPECTED * Math.log(a) + (1 - EXPECTED) * Math.log(1 - a));
    }
    for (double p : prior) {
      sum += Math.log(p);
    }
    return sum;
  }
}
