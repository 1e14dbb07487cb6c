package io.github.lowrank.labelling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.linalg.Matrix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class VotesTest {
  /** Texts on a circle, by their angle in degrees. */
  private static Neighbours circle(double... degrees) {
    Matrix vectors = Matrix.zeros(degrees.length, 2);
    for (int i = 0; i < degrees.length; i++) {
      vectors.values()[2 * i] = (float) Math.cos(Math.toRadians(degrees[i]));
      vectors.values()[2 * i + 1] = (float) Math.sin(Math.toRadians(degrees[i]));
    }
    return new Neighbours(vectors);
  }

  @Test
  void aNeighbourhoodEndsAtTheNearestTextOfAnotherClass() {
    Neighbours texts = circle(0, 90, 30, 80, 100, 200);
    Neighbourhoods all = new Neighbourhoods(texts, 10);
    Votes votes = all.votes(new Known(2, Map.of(0, 0, 1, 1)));
    assertThat(votes.voters().get(0).threshold()).isCloseTo(0, within(1e-6));
    assertThat(votes.texts()).containsExactly(2, 3, 4); // 0 and 1 bound each other
    assertThat(votes.counts(0)).containsExactly(1, 1);
    assertThat(votes.counts(1)).containsExactly(1, 1);
    assertThat(votes.counts(2)).containsExactly(0, 1); // 100 degrees: only of 90
  }

  @Test
  void aRejectedTextShrinksTheNeighbourhood() {
    Neighbourhoods all = new Neighbourhoods(circle(0, 180, 30, 40, 60), 10);
    TreeMap<Integer, Integer> labels = new TreeMap<>(Map.of(0, 0, 1, 1));
    Known known = new Known(2, labels, new TreeMap<>(Map.of(3, Set.of(0))), Set.of());
    Votes before = all.votes(new Known(2, labels));
    Votes after = all.votes(known);
    assertThat(before.voters().get(0).threshold()).isCloseTo(-1, within(1e-6));
    assertThat(after.voters().get(0).threshold())
        .isCloseTo(Math.cos(Math.toRadians(40)), within(1e-6));
    assertThat(after.voters().get(1).threshold()).isCloseTo(-1, within(1e-6));
    int place = java.util.Arrays.binarySearch(after.texts(), 4);
    assertThat(after.counts(place)[0]).isZero();
  }

  /** Two voters disagree on text 0, the first votes alone on text 1. */
  private static Votes byHand() {
    return new Votes(
        3,
        List.of(new Votes.Voter(7, 0, 0), new Votes.Voter(8, 1, 0)),
        new int[] {0, 1},
        List.of(new int[] {0, 1}, new int[] {0}),
        new float[2]);
  }

  private static final Known NOTHING = new Known(3, Map.of());

  @Test
  void majorityByHand() {
    LabelModel.Posteriors q = new Majority().posteriors(byHand(), NOTHING);
    assertThat(q.probabilities().row(0))
        .containsExactly(new float[] {13 / 27f, 13 / 27f, 1 / 27f}, within(1e-6f));
    assertThat(q.probabilities().row(1))
        .containsExactly(new float[] {13 / 15f, 1 / 15f, 1 / 15f}, within(1e-6f));
  }

  @Test
  void oneCoinByHand() {
    OneCoin.Fit none = new OneCoin(0).fit(byHand(), NOTHING);
    assertThat(none.posteriors()[0])
        .containsExactly(new double[] {6 / 13., 6 / 13., 1 / 13.}, within(1e-12));
    assertThat(none.posteriors()[1])
        .containsExactly(new double[] {0.75, 0.125, 0.125}, within(1e-12));
    OneCoin.Fit one = new OneCoin(1).fit(byHand(), NOTHING);
    assertThat(one.accuracies())
        .containsExactly(
            new double[] {(6 / 13. + 0.75 + 6) / 10, (6 / 13. + 6) / 9}, within(1e-12));
    assertThat(one.prior())
        .containsExactly(
            new double[] {
              (6 / 13. + 0.75 + 1) / 5, (6 / 13. + 0.125 + 1) / 5, (1 / 13. + 0.125 + 1) / 5
            },
            within(1e-12));
  }

  @Test
  void whatTheHumanSaidHolds() {
    Known known =
        new Known(3, new TreeMap<>(Map.of(0, 2)), new TreeMap<>(Map.of(1, Set.of(0))), Set.of());
    for (LabelModel model : List.of(new Majority(), new OneCoin(15))) {
      LabelModel.Posteriors q = model.posteriors(byHand(), known);
      assertThat(q.probabilities().row(0)).containsExactly(0, 0, 1);
      assertThat(q.probabilities().get(1, 0)).isZero();
      assertThat(q.probabilities().get(1, 1) + q.probabilities().get(1, 2))
          .isCloseTo(1, within(1e-6f));
    }
  }

  /** Votes of a known accuracy: EM must find it, and never lower its objective. */
  @Test
  void emNeverLowersItsObjectiveAndFindsTheAccuracies() {
    int classes = 4;
    int count = 2000;
    double[] accuracy = {0.95, 0.9, 0.6, 0.5, 0.8, 0.7};
    Random random = new Random(1);
    List<Votes.Voter> voters = new java.util.ArrayList<>();
    for (int j = 0; j < accuracy.length * classes; j++) {
      voters.add(new Votes.Voter(count + j, j % classes, 0));
    }
    int[] texts = new int[count];
    List<int[]> on = new java.util.ArrayList<>();
    int[] truth = new int[count];
    Map<Integer, Integer> some = new HashMap<>();
    for (int t = 0; t < count; t++) {
      texts[t] = t;
      truth[t] = random.nextInt(classes);
      int[] votes = new int[accuracy.length];
      for (int j = 0; j < accuracy.length; j++) {
        int wrong = (truth[t] + 1 + random.nextInt(classes - 1)) % classes;
        votes[j] = j * classes + (random.nextDouble() < accuracy[j] ? truth[t] : wrong);
      }
      on.add(votes);
      if (t < 20) {
        some.put(t, truth[t]);
      }
    }
    Votes votes = new Votes(classes, voters, texts, on, new float[count]);
    OneCoin.Fit fit = new OneCoin(15).fit(votes, new Known(classes, some));
    for (int round = 1; round < fit.objective().size(); round++) {
      assertThat(fit.objective().get(round))
          .isGreaterThanOrEqualTo(fit.objective().get(round - 1) - 1e-9);
    }
    assertThat(fit.objective().get(15)).isGreaterThan(fit.objective().get(0) + 10);
    // A voter of one class: what it says is right as often as Bayes has it.
    assertThat(fit.accuracies()[0]).isGreaterThan(0.88);
    assertThat(fit.accuracies()[3 * classes]).isBetween(0.4, 0.6);
    int right = 0;
    LabelModel.Posteriors q = new OneCoin(15).posteriors(votes, new Known(classes, some));
    for (int t = 0; t < count; t++) {
      right += q.best(t) == truth[t] ? 1 : 0;
    }
    assertThat(right / (double) count).isGreaterThan(0.97);
  }
}
